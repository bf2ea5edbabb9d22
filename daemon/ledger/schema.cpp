#include "daemon/ledger/schema.hpp"

#include <array>
#include <string>

namespace raiten::ledger {
namespace {

// Large tables are found by integers in time order; random keys stand in small tables only
// (README.md, "Wear"). `created` is the engine time of the first write: it never runs backwards
// along the rows, so a time is found by halving.
constexpr const char* version_1 = R"(
CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;

CREATE TABLE member(
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    kinds INTEGER NOT NULL,
    staff INTEGER NOT NULL,
    consent INTEGER NOT NULL,
    birth_month INTEGER,
    visits INTEGER NOT NULL DEFAULT 0,
    settled_visits INTEGER NOT NULL DEFAULT 0,
    purchases INTEGER NOT NULL DEFAULT 0,
    spend INTEGER NOT NULL DEFAULT 0,
    currency TEXT NOT NULL DEFAULT '',
    first_visit_at INTEGER,
    last_purchase_at INTEGER,
    last_visit INTEGER               -- newest row in visit
);

CREATE TABLE token(
    key BLOB PRIMARY KEY,
    member INTEGER NOT NULL REFERENCES member(id),
    kind INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX token_of_member ON token(member);

CREATE TABLE visit(
    row INTEGER PRIMARY KEY,
    previous INTEGER,                -- the same member's row before this one
    created INTEGER NOT NULL,
    id INTEGER NOT NULL,
    member INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    state INTEGER NOT NULL,
    opened_at INTEGER NOT NULL,
    left_at INTEGER NOT NULL,
    passive INTEGER NOT NULL,
    zone TEXT NOT NULL,
    zone_since INTEGER NOT NULL,
    close_reason INTEGER,
    streak INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    outcome INTEGER NOT NULL,        -- outcome, spend and dwell_ms follow from the rest: for SQL
    spend INTEGER NOT NULL,
    dwell_ms INTEGER,
    zones TEXT NOT NULL,
    readers TEXT NOT NULL,
    receipts TEXT NOT NULL
);
CREATE INDEX visit_unsettled ON visit(row) WHERE state < 2;
CREATE INDEX visit_returned ON visit(row) WHERE streak > 0;

CREATE TABLE receipt(
    row INTEGER PRIMARY KEY,
    created INTEGER NOT NULL,
    day INTEGER NOT NULL,
    pos TEXT NOT NULL,
    number TEXT NOT NULL,
    kind INTEGER NOT NULL,
    content INTEGER NOT NULL,
    at INTEGER NOT NULL,
    total INTEGER NOT NULL,
    refers_to TEXT NOT NULL,
    currency TEXT NOT NULL,
    lines TEXT NOT NULL
);
CREATE UNIQUE INDEX receipt_key ON receipt(day, pos, number, kind);

CREATE TABLE coupon(
    row INTEGER PRIMARY KEY,
    created INTEGER NOT NULL,
    id INTEGER NOT NULL UNIQUE,
    campaign TEXT NOT NULL,
    offer TEXT NOT NULL,
    member INTEGER NOT NULL,
    visit INTEGER,
    moment TEXT NOT NULL,
    occasion TEXT NOT NULL,
    decided_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    arm_probability REAL NOT NULL,
    uplift REAL,
    reasons TEXT NOT NULL,
    state INTEGER NOT NULL,
    closed_at INTEGER,
    closed_where TEXT NOT NULL
);
CREATE INDEX coupon_of_member ON coupon(member, row);
CREATE INDEX coupon_unexpired ON coupon(row) WHERE state IN (0, 2);

CREATE TABLE checkin_key(
    row INTEGER PRIMARY KEY,
    created INTEGER NOT NULL,
    at INTEGER NOT NULL,
    reader TEXT NOT NULL,
    token BLOB NOT NULL,
    id TEXT NOT NULL
);

CREATE TABLE journal(
    row INTEGER PRIMARY KEY,
    created INTEGER NOT NULL,
    at INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL
);

CREATE TABLE stream(
    cursor INTEGER PRIMARY KEY,
    created INTEGER NOT NULL,
    at INTEGER NOT NULL,
    type TEXT NOT NULL,
    id TEXT NOT NULL,
    json TEXT NOT NULL
);

CREATE TABLE outbox(
    lane INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    gap_from INTEGER,                -- a gap record stands for gap_from to sequence
    type TEXT NOT NULL,
    payload TEXT NOT NULL,           -- of a gap record: the reason
    expires_at INTEGER,
    PRIMARY KEY(lane, sequence)
) WITHOUT ROWID;

CREATE TABLE lane(
    lane INTEGER PRIMARY KEY,
    next INTEGER NOT NULL,
    settled INTEGER NOT NULL
);
INSERT INTO lane VALUES (0, 1, 0), (1, 1, 0), (2, 1, 0);

CREATE TABLE summary(
    bucket INTEGER NOT NULL,
    starts_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    day INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    visits INTEGER NOT NULL,
    members INTEGER NOT NULL,
    new_members INTEGER NOT NULL,
    passers_by INTEGER NOT NULL,
    purchase_visits INTEGER NOT NULL,
    non_purchase_visits INTEGER NOT NULL,
    non_purchase_returns INTEGER NOT NULL,
    returns_with_purchase INTEGER NOT NULL,
    revenue INTEGER NOT NULL,
    currency TEXT NOT NULL,
    to_purchase_1 INTEGER NOT NULL, to_purchase_2 INTEGER NOT NULL,
    to_purchase_3 INTEGER NOT NULL, to_purchase_4 INTEGER NOT NULL,
    to_purchase_5 INTEGER NOT NULL,
    spend_1 INTEGER NOT NULL, spend_2 INTEGER NOT NULL, spend_3 INTEGER NOT NULL,
    spend_4 INTEGER NOT NULL, spend_5 INTEGER NOT NULL,
    PRIMARY KEY(bucket, starts_at)
) WITHOUT ROWID;

CREATE TABLE spent(
    campaign TEXT PRIMARY KEY,
    budget INTEGER NOT NULL,
    day INTEGER NOT NULL,
    on_day INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE reader_change(
    row INTEGER PRIMARY KEY,
    created INTEGER NOT NULL,
    at INTEGER NOT NULL,
    name TEXT NOT NULL,
    passive INTEGER NOT NULL,
    up INTEGER NOT NULL,
    reason TEXT NOT NULL
);
CREATE INDEX reader_change_of ON reader_change(name, row);

INSERT INTO meta VALUES ('engine_time', 0), ('commits', 0), ('pruned_through', 0);
)";

constexpr const char* version_2 = R"(
ALTER TABLE visit ADD COLUMN blind_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE visit ADD COLUMN doubtful INTEGER NOT NULL DEFAULT 0;   -- a nameless receipt may be theirs
ALTER TABLE member ADD COLUMN equipment INTEGER NOT NULL DEFAULT 0;
CREATE TABLE exit_model(
    id INTEGER PRIMARY KEY,          -- Token::model
    visits INTEGER NOT NULL,
    gaps_above TEXT NOT NULL,        -- by ExitTimes::steps_s
    timeout_ms INTEGER NOT NULL
);
ALTER TABLE member ADD COLUMN long_days TEXT NOT NULL DEFAULT '';   -- days since 1970, blanks between
ALTER TABLE coupon ADD COLUMN delivered_at INTEGER;
ALTER TABLE summary ADD COLUMN newer INTEGER NOT NULL DEFAULT 0;
ALTER TABLE summary ADD COLUMN observed_minutes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE summary ADD COLUMN purchase_visits_uncertain INTEGER NOT NULL DEFAULT 0;
ALTER TABLE summary ADD COLUMN partly_blind INTEGER NOT NULL DEFAULT 0;
ALTER TABLE summary ADD COLUMN conversion_visits INTEGER NOT NULL DEFAULT 0;
ALTER TABLE summary ADD COLUMN conversion_purchases INTEGER NOT NULL DEFAULT 0;
ALTER TABLE summary ADD COLUMN dwell_visits INTEGER NOT NULL DEFAULT 0;
ALTER TABLE summary ADD COLUMN dwell_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE summary ADD COLUMN anonymous INTEGER NOT NULL DEFAULT 0;
ALTER TABLE summary ADD COLUMN rotating INTEGER NOT NULL DEFAULT 0;
ALTER TABLE summary ADD COLUMN transactions INTEGER NOT NULL DEFAULT 0;
ALTER TABLE summary ADD COLUMN itemised INTEGER NOT NULL DEFAULT 0;
ALTER TABLE summary ADD COLUMN units INTEGER NOT NULL DEFAULT 0;
ALTER TABLE summary ADD COLUMN late_refunds INTEGER NOT NULL DEFAULT 0;
ALTER TABLE summary ADD COLUMN receipts_matched INTEGER NOT NULL DEFAULT 0;
ALTER TABLE summary ADD COLUMN receipts_inferred INTEGER NOT NULL DEFAULT 0;
ALTER TABLE summary ADD COLUMN receipts_ambiguous INTEGER NOT NULL DEFAULT 0;
ALTER TABLE summary ADD COLUMN receipts_unmatched INTEGER NOT NULL DEFAULT 0;
ALTER TABLE summary ADD COLUMN receipts_foreign INTEGER NOT NULL DEFAULT 0;
ALTER TABLE summary ADD COLUMN coupons_triggered INTEGER NOT NULL DEFAULT 0;
ALTER TABLE summary ADD COLUMN coupons_withheld INTEGER NOT NULL DEFAULT 0;
ALTER TABLE summary ADD COLUMN coupons_delivered INTEGER NOT NULL DEFAULT 0;
ALTER TABLE summary ADD COLUMN coupons_redeemed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE summary ADD COLUMN coupons_expired INTEGER NOT NULL DEFAULT 0;
ALTER TABLE summary ADD COLUMN coupons_revoked INTEGER NOT NULL DEFAULT 0;
ALTER TABLE summary ADD COLUMN zones TEXT NOT NULL DEFAULT '{}';
ALTER TABLE summary ADD COLUMN other_currencies TEXT NOT NULL DEFAULT '{}';
ALTER TABLE summary ADD COLUMN dwell_digest TEXT NOT NULL DEFAULT '';
ALTER TABLE summary ADD COLUMN spend_digest TEXT NOT NULL DEFAULT '';
ALTER TABLE summary ADD COLUMN members_sketch BLOB NOT NULL DEFAULT x'';
ALTER TABLE summary ADD COLUMN anonymous_sketch BLOB NOT NULL DEFAULT x'';
ALTER TABLE summary ADD COLUMN rotating_sketch BLOB NOT NULL DEFAULT x'';
ALTER TABLE summary ADD COLUMN disclosed TEXT NOT NULL DEFAULT '{}';
ALTER TABLE summary ADD COLUMN released BLOB NOT NULL DEFAULT x'';
CREATE INDEX member_suspected ON member(id) WHERE equipment = 1;

CREATE TABLE survey(
    row INTEGER PRIMARY KEY,
    created INTEGER NOT NULL,
    at INTEGER NOT NULL,
    day INTEGER NOT NULL,            -- business day
    score INTEGER NOT NULL,          -- 0 to 10
    member INTEGER,
    visit INTEGER
);

CREATE TABLE engine_state(
    part INTEGER PRIMARY KEY,
    commits INTEGER NOT NULL,        -- number of the transaction that wrote it
    bytes BLOB NOT NULL
);
)";

constexpr const char* version_3 = R"(
CREATE TABLE score(
    member INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,             -- the night it was made in
    stage INTEGER NOT NULL,
    stage_changes INTEGER NOT NULL,
    habits BLOB NOT NULL,            -- scoring::Habits
    rfm_r INTEGER, rfm_f INTEGER, rfm_m INTEGER,
    recency_days INTEGER, frequency INTEGER, monetary NUMERIC,
    x INTEGER, t_x REAL, t_total REAL,
    p_alive REAL, expected_purchases REAL, expected_spend REAL, ltv REAL, p_purchase REAL,
    next_visit_at INTEGER, next_visit_lo INTEGER, next_visit_hi INTEGER, p_visit_7d REAL,
    visit_hour_from REAL, visit_hour_to REAL
);
CREATE TABLE model(
    version INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    source TEXT NOT NULL,            -- fit, hq, operator
    accepted INTEGER NOT NULL,
    reason TEXT NOT NULL,
    parameters TEXT NOT NULL,        -- JSON, for people
    body BLOB NOT NULL
);
CREATE INDEX model_of ON model(kind, version);
ALTER TABLE visit ADD COLUMN uncertain INTEGER NOT NULL DEFAULT 0;  -- whose purchase is a guess
INSERT INTO meta VALUES ('scored_day', 0);
)";

constexpr const char* version_4 = R"(
ALTER TABLE coupon ADD COLUMN control REAL NOT NULL DEFAULT 0;    -- share withheld then
ALTER TABLE coupon ADD COLUMN features TEXT NOT NULL DEFAULT '[]';    -- of the member then
ALTER TABLE coupon ADD COLUMN cost INTEGER NOT NULL DEFAULT 0;
ALTER TABLE coupon ADD COLUMN took_stock INTEGER NOT NULL DEFAULT 0;
ALTER TABLE coupon ADD COLUMN answered_at INTEGER;                -- first redeemed, or bought with it
-- all that a campaign's standing is made of, so that a start reads no row
CREATE INDEX coupon_standing ON coupon(campaign, decided_at, state, offer, cost, took_stock,
    answered_at, closed_at, control);
-- what coupons that are no longer kept add to it
CREATE TABLE standing_past(
    campaign TEXT NOT NULL,
    offer TEXT NOT NULL,
    used INTEGER NOT NULL,           -- costs of those redeemed
    pieces INTEGER NOT NULL,         -- of the stock
    given INTEGER NOT NULL,
    answered INTEGER NOT NULL,
    control REAL NOT NULL,           -- largest share
    PRIMARY KEY (campaign, offer)
) WITHOUT ROWID;
DROP TABLE spent;
CREATE TABLE lease(
    campaign TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    budget INTEGER NOT NULL,         -- totals since the campaign began
    stock INTEGER NOT NULL,
    until INTEGER NOT NULL,
    budget_returned INTEGER NOT NULL,
    stock_returned INTEGER NOT NULL
) WITHOUT ROWID;
ALTER TABLE member ADD COLUMN channels INTEGER NOT NULL DEFAULT 15;       -- one bit each
ALTER TABLE member ADD COLUMN last_left_at INTEGER;               -- of the last settled visit
ALTER TABLE member ADD COLUMN last_streak INTEGER;                -- likewise
UPDATE member SET last_left_at = v.left_at, last_streak = v.streak
    FROM (SELECT member, left_at, streak, max(opened_at) FROM visit WHERE state = 2 GROUP BY member) v
    WHERE v.member = member.id;
ALTER TABLE score ADD COLUMN after_visits INTEGER NOT NULL DEFAULT 0;     -- of the forecast
ALTER TABLE score ADD COLUMN first_expected INTEGER NOT NULL DEFAULT 0;   -- business day
)";

/// steps[n] turns version n into version n + 1.
constexpr std::array steps{version_1, version_2, version_3, version_4};
static_assert(steps.size() == schema_version);

std::int64_t number(Database& database, std::string_view pragma)
{
    auto row = database.query(pragma);
    return row.next() ? row.get<std::int64_t>() : 0;
}

Problem no_ledger(const Database& database)
{
    return {"this SQLite file is not a Raiten ledger", database.path(),
            "name another file in [ledger] path"};
}

Problem too_new(const Database& database, std::int64_t version)
{
    return {"the ledger was written by a newer Raiten (format " + std::to_string(version)
                + ", this one knows " + std::to_string(schema_version) + ")",
            database.path(), "install that version again, or restore a backup"};
}

}  // namespace

Result<void> bring_up_to_date(Database& database)
{
    auto version = number(database, "PRAGMA user_version");
    const auto application = number(database, "PRAGMA application_id");
    const auto tables = number(database, "SELECT count(*) FROM sqlite_schema");
    if (auto read = database.outcome(); !read) return read;

    if (tables > 0 && application != ledger_application_id) return no_ledger(database);
    if (version > schema_version) return too_new(database, version);

    for (; version < schema_version; ++version) {
        database.begin();
        database.script(steps[static_cast<std::size_t>(version)]);
        database.script("PRAGMA application_id=" + std::to_string(ledger_application_id));
        database.script("PRAGMA user_version=" + std::to_string(version + 1));
        if (auto done = database.commit(); !done) return done;
    }
    return {};
}

Result<void> known_format(Database& database)
{
    const auto version = number(database, "PRAGMA user_version");
    const auto application = number(database, "PRAGMA application_id");
    if (auto read = database.outcome(); !read) return read;
    if (application != ledger_application_id) return no_ledger(database);
    if (version > schema_version) return too_new(database, version);
    if (version < schema_version)
        return Problem{
            "the ledger was written by an older Raiten (format " + std::to_string(version) + ")",
            database.path(), "start raitend with it once"};
    return {};
}

}  // namespace raiten::ledger

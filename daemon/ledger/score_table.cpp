#include "daemon/ledger/score_table.hpp"

#include "daemon/base/archive.hpp"
#include "daemon/ledger/meta.hpp"
#include "daemon/scoring/sound_habits.hpp"

namespace raiten::ledger {
namespace {

template <class T>
std::string bytes_of(const T& value)
{
    ArchiveWriter writer;
    writer(value);
    return std::move(writer).bytes();
}

}  // namespace

void put_score(Database& database, const ScoreRow& row)
{
    const auto& card = row.card;
    database.run(
        "INSERT OR REPLACE INTO score(member, at, stage, stage_changes, habits, rfm_r, rfm_f,"
        " rfm_m, recency_days, frequency, monetary, x, t_x, t_total, p_alive, expected_purchases,"
        " expected_spend, ltv, p_purchase, next_visit_at, next_visit_lo, next_visit_hi, p_visit_7d,"
        " visit_hour_from, visit_hour_to, after_visits, first_expected)"
        " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        row.member, row.at, card.stage.value_or(Stage::fresh), row.stage_changes,
        bytes_of(row.habits), card.rfm_r, card.rfm_f, card.rfm_m, card.recency_days, card.frequency,
        card.monetary, card.x, card.t_x, card.t_total, card.p_alive, card.expected_purchases,
        card.expected_spend, card.ltv, card.p_purchase, card.next_visit_at, card.next_visit_lo,
        card.next_visit_hi, card.p_visit_7d, card.visit_hour_from, card.visit_hour_to,
        row.after_visits, row.first_expected);
}

std::optional<StoredScore> score_of(Database& database, MemberId member)
{
    auto row = database.query(
        "SELECT at, stage, stage_changes, habits, next_visit_at FROM score WHERE member = ?",
        member);
    if (!row.next()) return std::nullopt;
    StoredScore stored;
    stored.scored = row.get<Instant>() != Instant{};
    stored.stage = row.get<Stage>();
    stored.stage_changes = row.get<std::uint32_t>();
    if (static_cast<std::size_t>(stored.stage) >= stage_count) {
        database.damaged("a member's stage is none");
        return std::nullopt;
    }
    const auto bytes = row.get<std::string>();
    ArchiveReader reader{bytes};
    scoring::Habits habits;
    reader(habits);
    // Those of another version of the program: the next night makes them anew.
    if (reader.done() && scoring::sound(habits)) stored.habits = habits;
    stored.next_visit_at = row.get<std::optional<Instant>>();
    return stored;
}

std::vector<VisitForecast> forecasts_after(Database& database, Instant now)
{
    constexpr Millis ahead = std::chrono::days{8};
    auto rows = database.query(
        "SELECT s.member, m.name, s.next_visit_at, s.after_visits, s.first_expected"
        " FROM score s JOIN member m ON m.id = s.member"
        " WHERE s.next_visit_at > ? AND s.next_visit_at <= ? ORDER BY s.member",
        now, now + ahead);
    std::vector<VisitForecast> out;
    while (rows.next()) {
        VisitForecast one;
        one.member = rows.get<MemberId>();
        one.name = rows.get<std::string>();
        one.visit_at = rows.get<Instant>();
        one.after_visits = rows.get<std::uint32_t>();
        one.first_expected = rows.get<std::chrono::sys_days>();
        out.push_back(std::move(one));
    }
    return out;
}

void drop_score(Database& database, MemberId member)
{
    database.run(
        "UPDATE score SET at = 0, habits = x'', rfm_r = NULL, rfm_f = NULL, rfm_m = NULL,"
        " recency_days = NULL, frequency = NULL, monetary = NULL, x = NULL, t_x = NULL,"
        " t_total = NULL, p_alive = NULL, expected_purchases = NULL, expected_spend = NULL,"
        " ltv = NULL, p_purchase = NULL, next_visit_at = NULL, next_visit_lo = NULL,"
        " next_visit_hi = NULL, p_visit_7d = NULL, visit_hour_from = NULL, visit_hour_to = NULL"
        " WHERE member = ?",
        member);
}

void put_model(Database& database, const ModelRow& row)
{
    database.run(
        "INSERT INTO model(kind, made_at, source, accepted, reason, parameters, body)"
        " VALUES (?,?,?,?,?,?,?)",
        row.kind, row.made_at, row.source, row.accepted, row.reason, row.parameters, row.body);
    // Only what is in force is ever used again; parameters stay for people.
    database.run(
        "UPDATE model SET body = x'' WHERE kind = ?1 AND version <"
        " (SELECT max(version) FROM model WHERE kind = ?1 AND accepted)",
        row.kind);
    database.run(
        "DELETE FROM model WHERE kind = ?1 AND version NOT IN"
        " (SELECT version FROM model WHERE kind = ?1 ORDER BY version DESC LIMIT ?2)"
        " AND version <> (SELECT max(version) FROM model WHERE kind = ?1 AND accepted)",
        row.kind, model_versions_max);
    database.run("DELETE FROM model WHERE kind >= 'uplift:' AND kind < 'uplift;' AND made_at < ?",
                 row.made_at - uplift_kept);
}

namespace {

ModelRow without_body(Query& from)
{
    ModelRow row;
    row.version = from.get<std::uint64_t>();
    row.kind = from.get<std::string>();
    row.made_at = from.get<Instant>();
    row.source = from.get<std::string>();
    row.accepted = from.get<bool>();
    row.reason = from.get<std::string>();
    row.parameters = from.get<std::string>();
    return row;
}

}  // namespace

std::vector<ModelRow> models(Database& database, std::size_t limit)
{
    std::vector<ModelRow> out;
    auto rows = database.query(
        "SELECT version, kind, made_at, source, accepted, reason, parameters FROM model"
        " ORDER BY version DESC LIMIT ?",
        limit);
    while (rows.next()) out.push_back(without_body(rows));
    return out;
}

std::optional<ModelRow> model_of(Database& database, const std::string& kind)
{
    auto rows = database.query(
        "SELECT version, kind, made_at, source, accepted, reason, parameters, body FROM model"
        " WHERE kind = ? AND accepted ORDER BY version DESC LIMIT 1",
        kind);
    if (!rows.next()) return std::nullopt;
    auto row = without_body(rows);
    row.body = rows.get<std::string>();
    return row;
}

void forget_learned(Database& database)
{
    database.run("DELETE FROM model WHERE kind IN ('baskets', 'propensity')");
    database.run("UPDATE score SET habits = x''");
    put_meta(database, "scored_day", 0);
}

std::optional<std::chrono::sys_days> scored_day(Database& database)
{
    const auto day = meta_number(database, "scored_day");
    if (day == 0) return std::nullopt;
    return std::chrono::sys_days{std::chrono::days{day}};
}

void put_scored_day(Database& database, std::chrono::sys_days day)
{
    put_meta(database, "scored_day", day.time_since_epoch().count());
}

}  // namespace raiten::ledger

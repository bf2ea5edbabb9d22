#include "daemon/ledger/histories.hpp"

#include "daemon/ledger/codec.hpp"
#include "daemon/ledger/database.hpp"
#include "daemon/ledger/history_tables.hpp"
#include "daemon/ledger/meta.hpp"
#include "daemon/ledger/schema.hpp"
#include "daemon/ledger/score_table.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace raiten::ledger {
namespace {

constexpr Millis patience{1000};

constexpr std::string_view figures_of_visit =
    "SELECT previous, ordinal, state, opened_at, close_reason, streak, outcome, spend, uncertain"
    " FROM visit WHERE row = ?";
constexpr std::string_view whole_visit =
    "SELECT previous, ordinal, state, opened_at, close_reason, streak, outcome, spend, uncertain,"
    " left_at, dwell_ms, passive, blind_ms, doubtful, zones, readers, receipts"
    " FROM visit WHERE row = ?";

/// The columns of whole_visit that figures_of_visit has not.
void read_rest(Database& database, Query& from, std::int64_t row, SettledVisit& visit)
{
    visit.left_at = from.get<Instant>();
    visit.dwell = from.get<std::optional<Millis>>();
    visit.passive = from.get<bool>();
    visit.blind = from.get<Millis>();
    visit.doubtful = from.get<bool>();
    auto zones = zones_of(from.get<std::string>());
    auto readers = names_of(from.get<std::string>());
    auto receipts = receipts_of(from.get<std::string>());
    if (!zones || !readers || !receipts)
        return database.damaged("visit row " + std::to_string(row) + " cannot be read");
    visit.zones = std::move(*zones);
    visit.readers = std::move(*readers);
    visit.receipts = std::move(*receipts);
}

/// Follows the chain of a member's rows backwards from `row`.
void read_visits(Database& database, std::optional<std::int64_t> row, Detail detail,
                 MemberHistory& out)
{
    const auto sql = detail == Detail::whole ? whole_visit : figures_of_visit;
    while (row && database.ok() && out.visits.size() < visits_of_one_max) {
        auto at = database.query(sql, *row);
        if (!at.next()) break;  // pruned from here on
        const auto here = *row;
        row = at.get<std::optional<std::int64_t>>();
        if (row && *row >= here) {
            database.damaged("visit row " + std::to_string(here) + " points forward");
            break;
        }
        SettledVisit visit;
        visit.ordinal = at.get<std::uint32_t>();
        if (visit.ordinal == 0) out.complete = true;
        if (at.get<VisitState>() != VisitState::settled) continue;
        visit.opened_at = at.get<Instant>();
        if (at.get<std::optional<CloseReason>>() == CloseReason::withdrawn) continue;
        visit.streak = at.get<std::uint32_t>();
        visit.purchase = at.get<VisitOutcome>() == VisitOutcome::purchase;
        const auto spend = at.get<Money>();
        if (visit.purchase) visit.spend = spend;
        visit.uncertain = at.get<bool>();
        if (detail == Detail::whole) read_rest(database, at, here, visit);
        out.visits.push_back(std::move(visit));
    }
    std::sort(out.visits.begin(), out.visits.end(), [](const auto& a, const auto& b) {
        return std::tie(a.opened_at, a.ordinal) < std::tie(b.opened_at, b.ordinal);
    });
}

/// What the member was given, and what of it was redeemed.
void read_coupons(Database& database, MemberHistory& out)
{
    auto rows = database.query(
        "SELECT campaign, offer, state, decided_at, expires_at, closed_at FROM coupon"
        " WHERE member = ? AND state <> ? ORDER BY row DESC LIMIT ?",
        out.member, CouponState::withheld, coupons_of_one_max);
    while (rows.next()) {
        RedeemedCoupon coupon;
        coupon.campaign = rows.get<std::string>();
        coupon.offer = rows.get<std::string>();
        const auto state = rows.get<CouponState>();
        coupon.decided_at = rows.get<Instant>();
        const auto expires_at = rows.get<Instant>();
        const auto closed_at = rows.get<std::optional<Instant>>();
        out.in_hand.push_back({coupon.decided_at, closed_at.value_or(expires_at)});
        if (state != CouponState::redeemed || !closed_at) continue;
        coupon.redeemed_at = *closed_at;
        out.redeemed.push_back(std::move(coupon));
    }
    std::reverse(out.redeemed.begin(), out.redeemed.end());
    std::stable_sort(out.redeemed.begin(), out.redeemed.end(),
                     [](const auto& a, const auto& b) { return a.decided_at < b.decided_at; });
}

/// Answers of those who are known, told along the members: both ascend by number.
class Replies {
 public:
    explicit Replies(Database& database)
        : rows_{database.query("SELECT member, at, score FROM survey WHERE member IS NOT NULL"
                               " ORDER BY member, row")}
    {
        step();
    }
    std::vector<SurveyReply> of(MemberId member)
    {
        std::vector<SurveyReply> out;
        for (; whose_ && *whose_ <= member; step())
            if (*whose_ == member) out.push_back(reply_);
        return out;
    }

 private:
    void step()
    {
        whose_.reset();
        if (!rows_.next()) return;
        whose_ = rows_.get<MemberId>();
        reply_.at = rows_.get<Instant>();
        reply_.score = rows_.get<std::uint8_t>();
    }
    Query rows_;
    std::optional<MemberId> whose_;
    SurveyReply reply_;
};

}  // namespace

void each_member(Database& database, const std::function<bool(const MemberHistory&)>& take,
                 Detail detail)
{
    std::optional<Replies> replies;
    if (detail == Detail::whole) replies.emplace(database);
    auto members = database.query(
        "SELECT id, last_visit, name, first_visit_at, kinds, staff, consent, equipment, birth_month, visits"
        " FROM member"
        " WHERE last_visit IS NOT NULL ORDER BY id");
    while (members.next()) {
        MemberHistory history;
        history.member = members.get<MemberId>();
        const auto newest = members.get<std::optional<std::int64_t>>();
        history.name = members.get<std::string>();
        history.first_visit_at = members.get<std::optional<Instant>>();
        history.kinds = members.get<TokenKinds>();
        MemberRecord who;
        who.staff = members.get<bool>();
        who.consent = members.get<bool>();
        who.equipment = members.get<Equipment>();
        history.left_out = who.left_out();
        history.birth_month = members.get<std::optional<std::uint8_t>>();
        history.opened = members.get<std::uint32_t>();
        read_visits(database, newest, detail, history);
        if (replies) {
            read_coupons(database, history);
            history.replies = replies->of(history.member);
        }
        if (!database.ok() || !take(history)) return;
    }
}

namespace {

/// Rows of the past lie below 0: as places they are counted from the lowest that there can be.
constexpr std::uint64_t lowest_row = std::uint64_t{1} << 63U;

std::uint64_t place_of(std::int64_t row)
{
    return static_cast<std::uint64_t>(row) + lowest_row;
}
std::int64_t row_at(std::uint64_t place)
{
    return static_cast<std::int64_t>(place - lowest_row);
}

}  // namespace

std::vector<Basket> baskets_after(Database& database, std::uint64_t place, std::size_t limit)
{
    std::vector<Basket> out;
    auto rows = database.query(
        "SELECT row, at, day, pos, number, kind, refers_to, lines FROM receipt WHERE row > ?"
        " ORDER BY row LIMIT ?",
        row_at(place), std::min(limit, baskets_max));
    while (rows.next()) {
        Basket basket;
        const auto row = rows.get<std::int64_t>();
        basket.row = place_of(row);
        basket.at = rows.get<Instant>();
        basket.day = rows.get<std::chrono::sys_days>();
        basket.pos = rows.get<std::string>();
        basket.number = rows.get<std::string>();
        basket.kind = rows.get<ReceiptKind>();
        basket.refers_to = rows.get<std::string>();
        auto lines = lines_of(rows.get<std::string>());
        if (!lines || basket.kind > ReceiptKind::void_) {
            database.damaged("receipt row " + std::to_string(row) + " cannot be read");
            break;
        }
        basket.lines = std::move(*lines);
        out.push_back(std::move(basket));
    }
    return out;
}

std::uint64_t newest_basket(Database& database)
{
    auto row = database.query("SELECT max(row) FROM receipt");
    const auto newest = row.next() ? row.get<std::optional<std::int64_t>>() : std::nullopt;
    return newest ? place_of(*newest) : 0;
}

std::map<std::string, bool> passive_readers(Database& database)
{
    std::map<std::string, bool> out;
    for (const auto& reader : reader_states(database)) out[reader.name] = reader.passive;
    return out;
}

std::vector<SurveyDay> survey_days(Database& database, Instant from, Instant to)
{
    std::vector<SurveyDay> out;
    auto rows = database.query(
        "SELECT day, score, count(*) FROM survey WHERE at >= ? AND at < ?"
        " GROUP BY day, score ORDER BY day",
        from, to);
    while (rows.next()) {
        const auto day = rows.get<std::chrono::sys_days>();
        const auto score = rows.get<std::size_t>();
        if (out.empty() || out.back().day != day) out.push_back({day, {}});
        if (score < out.back().answers.size())
            out.back().answers[score] = rows.get<std::uint64_t>();
    }
    return out;
}

Histories::Histories(std::unique_ptr<Database> database) : database_{std::move(database)} {}
Histories::~Histories() = default;
Histories::Histories(Histories&&) noexcept = default;

Result<Histories> Histories::open(const std::string& path)
{
    auto opened = Database::open(path, Database::Access::read_only, patience);
    if (!opened) return opened.error();
    (*opened)->run("BEGIN");
    if (const auto begun = (*opened)->outcome(); !begun) return begun.error();
    if (const auto known = known_format(**opened); !known) return known.error();
    return Histories{std::move(opened).value()};
}

Result<void> Histories::each_member(const std::function<bool(const MemberHistory&)>& take,
                                    Detail detail)
{
    ledger::each_member(*database_, take, detail);
    return database_->outcome();
}

Result<std::vector<Basket>> Histories::baskets_after(std::uint64_t row, std::size_t limit)
{
    auto baskets = ledger::baskets_after(*database_, row, limit);
    if (const auto read = database_->outcome(); !read) return read.error();
    return baskets;
}

Result<std::uint64_t> Histories::newest_basket()
{
    const auto newest = ledger::newest_basket(*database_);
    if (const auto read = database_->outcome(); !read) return read.error();
    return newest;
}

Result<std::vector<ReceiptLine>> Histories::sold(const VisitReceipt& receipt)
{
    Remembered::ReceiptKey key;
    key.day = receipt.day;
    key.pos = receipt.pos;
    key.number = receipt.number;
    auto sale = receipt_with(*database_, key);
    if (const auto read = database_->outcome(); !read) return read.error();
    return sale ? std::move(sale->lines) : std::vector<ReceiptLine>{};
}

Result<Instant> Histories::engine_time()
{
    const auto time = engine_time_of(*database_);
    if (const auto read = database_->outcome(); !read) return read.error();
    return time;
}

Result<std::map<std::string, bool>> Histories::passive_readers()
{
    auto readers = ledger::passive_readers(*database_);
    if (const auto read = database_->outcome(); !read) return read.error();
    return readers;
}

Result<std::optional<StoredScore>> Histories::score(MemberId member)
{
    auto found = score_of(*database_, member);
    if (const auto read = database_->outcome(); !read) return read.error();
    return found;
}

Result<Histories::ModelValue> Histories::model_value()
{
    ModelValue out;
    {
        auto row = database_->query("SELECT count(ltv), avg(ltv) FROM score");
        if (row.next()) {
            out.members = row.get<std::uint64_t>();
            out.mean = row.get<std::optional<double>>();
        }
    }
    if (const auto read = database_->outcome(); !read) return read.error();
    return out;
}

Result<void> Histories::each_in_segment(const std::string& where, Instant at, MemberId after,
                                        const std::function<bool(const InSegment&)>& take,
                                        const std::atomic<bool>& cancelled)
{
    return ledger::each_in_segment(*database_, where, at, after, take, cancelled);
}

Result<std::vector<DecisionOutcome>> Histories::outcomes(const std::string& campaign)
{
    auto found = outcomes_of(*database_, campaign);
    if (const auto read = database_->outcome(); !read) return read.error();
    return found;
}

Result<std::vector<SurveyDay>> Histories::survey_days(Instant from, Instant to)
{
    auto days = ledger::survey_days(*database_, from, to);
    if (const auto read = database_->outcome(); !read) return read.error();
    return days;
}

Result<void> Histories::each_decision(const std::string& campaign, Instant settled_before,
                                      const std::function<bool(const PastDecision&)>& take)
{
    ledger::each_decision(*database_, campaign, settled_before, take);
    return database_->outcome();
}

Result<DecisionCounts> Histories::decision_counts(const std::string& campaign,
                                                  Instant settled_before)
{
    auto counts = ledger::decision_counts(*database_, campaign, settled_before);
    if (const auto read = database_->outcome(); !read) return read.error();
    return counts;
}

}  // namespace raiten::ledger

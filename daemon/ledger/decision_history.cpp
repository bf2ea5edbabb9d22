#include "daemon/ledger/decision_history.hpp"

#include "daemon/ledger/codec.hpp"
#include "daemon/ledger/database.hpp"

#include <algorithm>
#include <utility>

namespace raiten::ledger {
namespace {

/// Longer than a visit can last (at most two days) and a receipt lie beside it: a visit that was
/// left so long before a decision says nothing of its outcome.
constexpr Millis apart{std::chrono::hours{72}};
constexpr std::size_t steps_back_max = 20'000;

/// What is known of a member's visits from some time on.
struct Walked {
    std::vector<OutcomeVisit> visits;
    bool cut_short{};  ///< older ones are no longer kept, and may belong to it
};

/// The member's visits, backwards, until one was left long before `from`.
Walked visits_since(Database& database, std::optional<std::int64_t> row, Instant from)
{
    Walked out;
    std::size_t steps = 0;
    while (row && database.ok()) {
        auto at = database.query(
            "SELECT previous, state, opened_at, left_at, close_reason, blind_ms, uncertain, "
            "outcome,"
            " receipts FROM visit WHERE row = ?",
            *row);
        if (!at.next() || ++steps > steps_back_max) {
            out.cut_short = true;
            break;
        }
        const auto here = *row;
        row = at.get<std::optional<std::int64_t>>();
        if (row && *row >= here) {
            database.damaged("visit row " + std::to_string(here) + " points forward");
            break;
        }
        OutcomeVisit visit;
        visit.settled = at.get<VisitState>() == VisitState::settled;
        visit.opened_at = at.get<Instant>();
        visit.left_at = at.get<Instant>();
        if (visit.left_at + apart < from) break;
        const auto reason = at.get<std::optional<CloseReason>>();
        if (visit.settled && reason == CloseReason::withdrawn) continue;
        visit.partly_blind = at.get<Millis>() * 5 > visit.left_at - visit.opened_at;
        visit.uncertain = at.get<bool>();
        if (at.get<VisitOutcome>() == VisitOutcome::purchase) {
            auto receipts = receipts_of(at.get<std::string>());
            if (!receipts) {
                database.damaged("visit row " + std::to_string(here) + " cannot be read");
                break;
            }
            visit.receipts = std::move(*receipts);
        }
        out.visits.push_back(std::move(visit));
    }
    return out;
}

/// The oldest visit that is kept of anybody. What is not kept any more was opened before, or hardly
/// after.
Instant kept_from(Database& database)
{
    auto oldest = database.query("SELECT created FROM visit ORDER BY row LIMIT 1");
    return oldest.next() ? oldest.get<Instant>() : Instant::max() - apart;
}

/// Without what the member's row knows.
PastDecision decision_at(Database& database, std::int64_t row)
{
    PastDecision out;
    auto at = database.query(
        "SELECT id, member, decided_at, expires_at, state, offer, arm_probability, control, uplift,"
        " features, cost FROM coupon WHERE row = ?",
        row);
    if (!at.next()) return out;
    out.id = at.get<CouponId>();
    out.member = at.get<MemberId>();
    out.decided_at = at.get<Instant>();
    out.expires_at = at.get<Instant>();
    const auto state = at.get<CouponState>();
    out.withheld = state == CouponState::withheld;
    out.redeemed = state == CouponState::redeemed;
    out.offer = at.get<std::string>();
    out.arm_probability = at.get<double>();
    out.control = at.get<double>();
    out.uplift = at.get<std::optional<double>>();
    if (auto features = numbers_of(at.get<std::string>()))
        out.features = std::move(*features);
    else
        database.damaged("coupon row " + std::to_string(row) + " cannot be read");
    out.cost = at.get<Money>();
    return out;
}

/// A member's decisions, and what came of them.
class Member {
 public:
    Member(Database& database, Instant kept_from) : database_{database}, kept_from_{kept_from} {}

    /// False where `take` says so.
    bool tell(MemberId member, const std::vector<std::int64_t>& rows,
              const std::function<bool(const PastDecision&)>& take)
    {
        auto who = database_.query(
            "SELECT name, staff, consent, equipment, last_visit FROM member WHERE id = ?", member);
        if (!who.next()) return true;
        const auto name = who.get<std::string>();
        MemberRecord record;
        record.staff = who.get<bool>();
        record.consent = who.get<bool>();
        record.equipment = who.get<Equipment>();
        if (record.left_out()) return true;
        const auto newest = who.get<std::optional<std::int64_t>>();

        std::vector<PastDecision> decisions;
        Instant from = Instant::max();
        for (const auto row : rows) {
            decisions.push_back(decision_at(database_, row));
            decisions.back().member_name = name;
            from = std::min(from, decisions.back().decided_at);
        }
        const auto walked = visits_since(database_, newest, from);
        for (auto& each : decisions) {
            const bool lost = walked.cut_short && each.decided_at < kept_from_ + apart;
            if (lost || !find_outcome(each, walked.visits)) continue;
            if (!database_.ok() || !take(each)) return false;
        }
        return database_.ok();
    }

 private:
    Database& database_;
    Instant kept_from_;
};

}  // namespace

void each_decision(Database& database, const std::string& campaign, Instant settled_before,
                   const std::function<bool(const PastDecision&)>& take)
{
    Member one{database, kept_from(database)};
    auto order = database.query(
        "SELECT member, row FROM coupon WHERE campaign = ?1 AND decided_at < ?2 AND expires_at < ?2"
        " AND state <> ?3 ORDER BY member, row",
        campaign, settled_before, CouponState::revoked);
    std::optional<MemberId> whose;
    std::vector<std::int64_t> rows;
    while (order.next()) {
        const auto member = order.get<MemberId>();
        const auto row = order.get<std::int64_t>();
        if (whose && *whose != member) {
            if (!one.tell(*whose, rows, take)) return;
            rows.clear();
        }
        whose = member;
        rows.push_back(row);
    }
    if (whose && database.ok()) one.tell(*whose, rows, take);
}

}  // namespace raiten::ledger

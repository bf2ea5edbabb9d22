#include "daemon/ledger/outcomes.hpp"

#include "daemon/ledger/codec.hpp"
#include "daemon/ledger/database.hpp"
#include "daemon/model/records.hpp"

#include <algorithm>
#include <optional>
#include <span>

namespace raiten::ledger {
namespace {

/// Rows lie in the order in which they were opened but for what arrives late.
constexpr Millis chain_slack{std::chrono::hours{48}};

/// What a visit tells of what its member bought.
struct Bought {
    bool settled{};
    bool uncertain{};
    Instant opened_at, left_at;
    std::vector<VisitReceipt> receipts;
};

/// A member's visits that were not over before `since`, along the chain of rows.
std::vector<Bought> visits_since(Database& database, std::optional<std::int64_t> row, Instant since)
{
    std::vector<Bought> out;
    while (row && database.ok()) {
        auto at = database.query(
            "SELECT previous, state, opened_at, left_at, close_reason, uncertain, receipts"
            " FROM visit WHERE row = ?",
            *row);
        if (!at.next()) break;  // pruned from here on
        const auto here = *row;
        row = at.get<std::optional<std::int64_t>>();
        if (row && *row >= here) {
            database.damaged("visit row " + std::to_string(here) + " points forward");
            break;
        }
        Bought visit;
        visit.settled = at.get<VisitState>() == VisitState::settled;
        visit.opened_at = at.get<Instant>();
        visit.left_at = at.get<Instant>();
        if (visit.left_at + chain_slack < since) break;
        if (at.get<std::optional<CloseReason>>() == CloseReason::withdrawn) continue;
        visit.uncertain = at.get<bool>();
        auto receipts = receipts_of(at.get<std::string>());
        if (!receipts) {
            database.damaged("visit row " + std::to_string(here) + " cannot be read");
            break;
        }
        visit.receipts = std::move(*receipts);
        out.push_back(std::move(visit));
    }
    return out;
}

void judge(DecisionOutcome& decision, const std::vector<Bought>& visits)
{
    for (const auto& visit : visits) {
        const bool within =
            visit.opened_at <= decision.expires_at && visit.left_at >= decision.decided_at;
        if (!visit.settled && within) decision.unsettled = true;
        if (!visit.settled) continue;
        for (const auto& receipt : visit.receipts) {
            const bool in_time =
                receipt.at > decision.decided_at && receipt.at <= decision.expires_at;
            if (!in_time || !receipt.counts()) continue;
            if (visit.uncertain) {
                decision.uncertain = true;
                continue;
            }
            decision.bought = true;
            decision.spend += receipt.total - receipt.undone;
        }
    }
}

}  // namespace

std::vector<DecisionOutcome> outcomes_of(Database& database, const std::string& campaign)
{
    std::vector<DecisionOutcome> out;
    std::optional<std::int64_t> newest;  // visit of the member whose decisions are being read
    std::size_t first = 0;               // of that member's
    const auto finish = [&] {
        if (first == out.size()) return;
        const auto own = std::span{out}.subspan(first);
        const auto visits = visits_since(database, newest, own.front().decided_at);
        for (auto& decision : own) judge(decision, visits);
        first = out.size();
    };
    auto rows = database.query(
        "SELECT c.member, m.last_visit, m.staff, m.consent, m.equipment, c.offer,"
        " c.arm_probability, c.control, c.decided_at, c.expires_at"
        " FROM coupon c JOIN member m ON m.id = c.member WHERE c.row IN"
        " (SELECT row FROM coupon WHERE campaign = ? ORDER BY decided_at DESC, row DESC LIMIT ?)"
        " ORDER BY c.member, c.decided_at, c.row",
        campaign, outcomes_max);
    while (rows.next()) {
        DecisionOutcome decision;
        decision.member = rows.get<MemberId>();
        if (first < out.size() && out[first].member != decision.member) finish();
        newest = rows.get<std::optional<std::int64_t>>();
        MemberRecord who;
        who.staff = rows.get<bool>();
        who.consent = rows.get<bool>();
        who.equipment = rows.get<Equipment>();
        decision.left_out = who.left_out();
        decision.offer = rows.get<std::string>();
        decision.arm_probability = rows.get<double>();
        decision.control = rows.get<double>();
        decision.decided_at = rows.get<Instant>();
        decision.expires_at = rows.get<Instant>();
        out.push_back(std::move(decision));
    }
    finish();
    return out;
}

}  // namespace raiten::ledger

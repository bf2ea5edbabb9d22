#include "daemon/ledger/standing_table.hpp"

#include <algorithm>

namespace raiten::ledger {
namespace {

/// A little longer than the longest limit.
constexpr Millis recent = UseCounts::period_max + std::chrono::hours{24};

bool is_open(CouponState state)
{
    return state == CouponState::triggered || state == CouponState::delivered;
}

/// Of coupons that are no longer kept.
void add_past(Database& database, std::map<std::string, Decisions::Recalled>& out)
{
    auto rows = database.query(
        "SELECT campaign, offer, used, pieces, given, answered, control FROM standing_past");
    while (rows.next()) {
        auto& standing = out[rows.get<std::string>()];
        Decisions::Recalled::Arm arm;
        arm.offer = rows.get<std::string>();
        standing.account.budget.used += rows.get<Money>();
        standing.account.stock.used += rows.get<std::uint64_t>();
        arm.given = rows.get<std::uint32_t>();
        arm.answered = rows.get<std::uint32_t>();
        standing.control = std::max(standing.control, rows.get<double>());
        if (arm.given > 0) standing.arms.push_back(std::move(arm));
    }
}

void add_totals(Database& database, std::map<std::string, Decisions::Recalled>& out)
{
    auto rows = database.query(
        "SELECT campaign, offer, state, count(*), sum(cost), sum(took_stock), count(answered_at),"
        " max(control) FROM coupon INDEXED BY coupon_standing"
        " GROUP BY campaign, offer, state ORDER BY campaign, max(decided_at)");
    while (rows.next()) {
        auto& standing = out[rows.get<std::string>()];
        const auto offer = rows.get<std::string>();
        const auto state = rows.get<CouponState>();
        const auto count = rows.get<std::uint32_t>();
        const auto cost = rows.get<Money>();
        const auto pieces = rows.get<std::uint64_t>();
        const auto answered = rows.get<std::uint32_t>();
        standing.control = std::max(standing.control, rows.get<double>());
        if (state == CouponState::redeemed) {
            standing.account.budget.used += cost;
            standing.account.stock.used += pieces;
        } else if (is_open(state)) {
            standing.account.budget.reserved += cost;
            standing.account.stock.reserved += pieces;
        }
        if (state == CouponState::withheld || state == CouponState::revoked) continue;
        auto& arms = standing.arms;
        auto arm = std::find_if(arms.begin(), arms.end(),
                                [&](const auto& each) { return each.offer == offer; });
        if (arm == arms.end()) {
            arms.push_back({offer, count, answered});
        } else {
            arm->given += count;
            arm->answered += answered;
            std::rotate(arm, std::next(arm), arms.end());
        }
    }
}

void add_recent(Database& database, const std::string& campaign, Instant since,
                Decisions::Recalled& standing)
{
    auto rows = database.query(
        "SELECT decided_at, state, closed_at, took_stock FROM coupon INDEXED BY coupon_standing"
        " WHERE campaign = ? AND decided_at >= ? AND state NOT IN (1, 5) ORDER BY decided_at",
        campaign, since);
    while (rows.next()) {
        Decisions::Recalled::Use use;
        use.decided_at = rows.get<Instant>();
        use.state = rows.get<CouponState>();
        use.closed_at = rows.get<std::optional<Instant>>();
        use.took_stock = rows.get<bool>();
        standing.recent.push_back(use);
    }
}

}  // namespace

void put_lease(Database& database, const LeaseRow& lease)
{
    database.run(
        "INSERT OR REPLACE INTO lease(campaign, version, budget, stock, until, budget_returned,"
        " stock_returned) VALUES (?,?,?,?,?,?,?)",
        lease.grant.campaign, lease.grant.version, lease.grant.budget, lease.grant.stock,
        lease.grant.until, lease.budget_returned, lease.stock_returned);
}

std::map<std::string, Decisions::Recalled> standings(Database& database, Instant now)
{
    std::map<std::string, Decisions::Recalled> out;
    add_past(database, out);
    add_totals(database, out);
    for (auto& [campaign, standing] : out) add_recent(database, campaign, now - recent, standing);
    auto rows = database.query(
        "SELECT campaign, version, budget, stock, until, budget_returned, stock_returned"
        " FROM lease");
    while (rows.next()) {
        LeaseRow lease;
        lease.grant.campaign = rows.get<std::string>();
        lease.grant.version = rows.get<std::uint64_t>();
        lease.grant.budget = rows.get<Money>();
        lease.grant.stock = rows.get<std::uint64_t>();
        lease.grant.until = rows.get<Instant>();
        lease.budget_returned = rows.get<Money>();
        lease.stock_returned = rows.get<std::uint64_t>();
        out[lease.grant.campaign].account.lease = lease;
    }
    return out;
}

}  // namespace raiten::ledger

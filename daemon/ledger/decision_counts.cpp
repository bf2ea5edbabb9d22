#include "daemon/ledger/decision_counts.hpp"

#include "daemon/ledger/database.hpp"
#include "daemon/model/records.hpp"

#include <numeric>

namespace raiten::ledger {

std::uint64_t DecisionCounts::decisions() const
{
    const auto all = std::accumulate(by_state.begin(), by_state.end(), std::uint64_t{0});
    return all - by_state[static_cast<std::size_t>(CouponState::revoked)];
}

DecisionCounts decision_counts(Database& database, const std::string& campaign,
                               Instant settled_before)
{
    DecisionCounts out;
    auto rows = database.query(
        "SELECT state, count(*), sum(decided_at >= ?2 OR expires_at >= ?2) FROM coupon"
        " WHERE campaign = ?1 GROUP BY state",
        campaign, settled_before);
    while (rows.next()) {
        const auto state = rows.get<CouponState>();
        if (state > CouponState::revoked) {
            database.damaged("a coupon's state cannot be read");
            break;
        }
        out.by_state.at(static_cast<std::size_t>(state)) = rows.get<std::uint64_t>();
        if (state != CouponState::revoked) out.pending += rows.get<std::uint64_t>();
    }
    return out;
}

}  // namespace raiten::ledger

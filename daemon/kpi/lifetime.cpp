#include "daemon/kpi/lifetime.hpp"

#include <algorithm>

namespace raiten {
namespace {

constexpr Millis measured_min{std::chrono::hours{24 * 30}};

}  // namespace

void LifetimeValue::add(const MemberStory& member)
{
    const Standing& now = member.at_to();
    if (now.first_at) since = std::min(since.value_or(*now.first_at), *now.first_at);
    if (now.frequency == 0) return;
    ++customers;
    purchases += now.frequency;
    revenue += now.monetary;
}

LifetimeValue::Values LifetimeValue::values(const LifetimeCosts& costs, Instant to) const
{
    Values out;
    if (purchases == 0) return out;
    out.average_spend = revenue.units() / static_cast<double>(purchases);
    const Millis measured = std::min<Millis>(rfm_span, to - *since);
    if (measured < measured_min) return out;
    const double years =
        static_cast<double>(measured.count()) / static_cast<double>(rfm_span.count());
    out.purchases_per_year =
        static_cast<double>(purchases) / static_cast<double>(customers) / years;
    if (!costs.lifetime_years) return out;
    out.revenue = *out.average_spend * *out.purchases_per_year * *costs.lifetime_years;
    if (costs.gross_margin) out.margin = *out.revenue * *costs.gross_margin;
    if (costs.acquisition_cost && costs.retention_cost_per_year) {
        const double keeping = *costs.retention_cost_per_year * *costs.lifetime_years;
        out.net = *out.revenue - (*costs.acquisition_cost + keeping);
    }
    return out;
}

}  // namespace raiten

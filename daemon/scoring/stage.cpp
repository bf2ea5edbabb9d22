#include "daemon/scoring/stage.hpp"

namespace raiten::scoring {

Stage stage_of(const StageInputs& member, const StageRules& rules)
{
    const double alive = member.p_alive.value_or(1);
    if (member.purchases < rules.new_purchases_below
        && member.days_since_first < rules.new_days_below)
        return Stage::fresh;
    if (member.days_since_visit >= rules.dormant_days || alive < rules.dormant_p_below)
        return Stage::dormant;
    if (alive < rules.at_risk_p_below) return Stage::at_risk;
    if (member.rfm_sum >= rules.core_sum) return Stage::core;
    if (member.rfm_sum >= rules.middle_sum) return Stage::middle;
    return Stage::light;
}

}  // namespace raiten::scoring

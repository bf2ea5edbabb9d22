#include "daemon/scoring/stage.hpp"

namespace raiten::scoring {

StageRule stage_rule(const StageInputs& member, const StageRules& rules)
{
    const double alive = member.p_alive.value_or(1);
    if (member.purchases < rules.new_purchases_below
        && member.days_since_first < rules.new_days_below)
        return StageRule::newcomer;
    if (member.days_since_visit >= rules.dormant_days) return StageRule::long_silence;
    if (alive < rules.dormant_p_below) return StageRule::hardly_alive;
    if (alive < rules.at_risk_p_below) return StageRule::doubtful;
    if (member.rfm_sum >= rules.core_sum) return StageRule::core_ranks;
    if (member.rfm_sum >= rules.middle_sum) return StageRule::middle_ranks;
    return StageRule::rest;
}

Stage stage_of(StageRule rule)
{
    switch (rule) {
        case StageRule::newcomer:
            return Stage::fresh;
        case StageRule::long_silence:
        case StageRule::hardly_alive:
            return Stage::dormant;
        case StageRule::doubtful:
            return Stage::at_risk;
        case StageRule::core_ranks:
            return Stage::core;
        case StageRule::middle_ranks:
            return Stage::middle;
        case StageRule::rest:
            break;
    }
    return Stage::light;
}

Stage stage_of(const StageInputs& member, const StageRules& rules)
{
    return stage_of(stage_rule(member, rules));
}

}  // namespace raiten::scoring

#pragma once

#include "daemon/model/stage.hpp"

#include <cstdint>
#include <optional>

namespace raiten::scoring {

struct StageRules {
    std::uint32_t new_purchases_below{2};
    double new_days_below{30};
    double dormant_days{90};      ///< without a visit
    double dormant_p_below{0.2};  ///< P(alive)
    double at_risk_p_below{0.5};
    unsigned core_sum{12};  ///< of the RFM ranks
    unsigned middle_sum{8};
};

struct StageInputs {
    std::uint32_t purchases{};
    double days_since_first{};  ///< since the member was first seen
    double days_since_visit{};
    std::optional<double> p_alive;  ///< unknown while no model is fitted
    unsigned rfm_sum{};
};

/// What decides a stage, in the order in which it is asked.
enum class StageRule : std::uint8_t {
    newcomer,      ///< few purchases and days
    long_silence,  ///< dormant by the days without a visit
    hardly_alive,  ///< dormant by P(alive)
    doubtful,      ///< at_risk by P(alive)
    core_ranks,
    middle_ranks,
    rest,  ///< light
};

/// The first that matches.
StageRule stage_rule(const StageInputs& member, const StageRules& rules = {});
Stage stage_of(StageRule rule);
Stage stage_of(const StageInputs& member, const StageRules& rules = {});

}  // namespace raiten::scoring

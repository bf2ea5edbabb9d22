#pragma once

#include "daemon/kpi/cohorts.hpp"
#include "daemon/kpi/lifetime.hpp"
#include "daemon/kpi/opinion.hpp"
#include "daemon/kpi/returning.hpp"
#include "daemon/ledger/histories.hpp"
#include "daemon/model/rules.hpp"
#include "daemon/scoring/stage.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace raiten::app {

using StageCounts = std::array<std::uint64_t, stage_count>;

/// The figures that are about members, not about visits: as of the end of a period, or over it.
/// Functions of the settled visits alone (daemon/kpi/README.md has each as SQL).
struct MemberFigures {
    Period period;
    std::uint64_t members{};  ///< with a settled visit before the period's end
    Cohorts cohorts;
    Returning returning;

    /// moves[from][to]; the last row is who had not come by the period's start.
    std::array<StageCounts, stage_count + 1> moves{};
    Share churn;  ///< of the members not dormant at the period's start: those dormant at its end

    std::array<std::array<std::uint64_t, 5>, 3> rfm{};  ///< at the end: R, F, M by rank 1 to 5
    std::array<std::uint64_t, 13> rfm_sums{};           ///< 3 to 15

    LifetimeValue lifetime;
    LifetimeValue::Values values;
    ledger::Histories::ModelValue model_value;  ///< as of the last night, not of the period

    struct DayOpinion {
        std::chrono::sys_days day{};
        Opinion opinion;
    };
    std::vector<DayOpinion> opinions;  ///< business days with answers in the period, ascending
    Opinion opinion;                   ///< of them all
};

/// Looks through the whole ledger, however long that takes: not for the loop.
/// Memory: two standings a member. A Problem where `cancelled` came true meanwhile.
Result<MemberFigures> member_figures(ledger::Histories& past, const Period& period,
                                     const LifetimeCosts& costs,
                                     const std::atomic<bool>& cancelled);

/// As GET /api/v1/kpi shows them below `members`.
std::string member_figures_json(const MemberFigures& figures, const LifetimeCosts& costs,
                                const std::string& currency, const StoreClock& clock);

}  // namespace raiten::app

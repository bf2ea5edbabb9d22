#pragma once

#include "daemon/decision/experiment.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

/// Whether as many were drawn as the chances say. Where not, some were lost or counted twice on one
/// side (a twin that was never written, a filter after the draw), and no difference between the
/// groups means anything: Fabijan et al. (2019), "Diagnosing Sample Ratio Mismatch in Online
/// Controlled Experiments", KDD.
namespace raiten::decision {

inline constexpr double mismatch_below = 0.001;

struct SampleRatio {
    std::uint64_t draws{};
    std::uint64_t drawn{};
    double expected{};
    double p{1};  ///< two-sided: twice the smaller tail

    bool mismatch() const { return p < mismatch_below; }
    friend bool operator==(const SampleRatio&, const SampleRatio&) = default;
};

/// So many were drawn, each with a chance of its own in [0, 1]: a sum of unlike coins (Poisson's
/// binomial distribution). The tails are exact (the recursion of Barlow & Heidtmann 1984, see Hong
/// 2013, Computational Statistics & Data Analysis 59, 41–51) up to a variance of 100; above, normal
/// with correction for continuity, and to second order for skewness and kurtosis (Cornish & Fisher
/// 1938, Revue de l'Institut International de Statistique 5, 307–320).
SampleRatio sample_ratio(std::span<const double> chances, std::uint64_t drawn);

/// Members withheld, beside the shares that were in force when they came; members without a
/// decision do not count.
SampleRatio sample_ratio(std::span<const ExperimentMember> members);

/// Arms drawn, with the chances that were logged: the spans are only looked at.
struct ArmDraws {
    std::size_t arms{};                     ///< 1 to 64
    std::span<const double> chances;        ///< draws × arms, draw by draw, in [0, 1]
    std::span<const std::uint32_t> chosen;  ///< one a draw, below `arms`
};

/// One for each arm: its p is already that of the worst of so many (Bonferroni), so that any
/// mismatch() condemns the log, and says which arm it was. Chances may depend on earlier outcomes:
/// given these, each draw is a coin of its own. Empty where the sizes do not fit.
std::vector<SampleRatio> arm_ratios(const ArmDraws& draws);

}  // namespace raiten::decision

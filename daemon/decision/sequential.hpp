#pragma once

#include "daemon/base/result.hpp"
#include "daemon/decision/experiment.hpp"
#include "daemon/decision/sample_ratio.hpp"

#include <optional>
#include <span>

/// What a campaign has changed so far, for those who look every day and stop when they like.
namespace raiten::decision {

/// Narrowest where the smaller group's worth of decisions is about eight times this:
/// at 1/(1/given + 1/withheld) = 400, as of 1,500 members with 3 decisions each, a tenth withheld.
inline constexpr double tuned_decisions = 50;

/// Looks before so many purchases are to be expected in the smaller group show nothing: a normal
/// approximation does not reach so far out (3.3 deviations and more) with fewer.
inline constexpr double first_look_purchases = 8;

struct AlwaysValid {
    Interval rate;        ///< purchases more per decision
    Interval spend;       ///< more per decision, in units of currency
    double deviations{};  ///< half width of both, in standard deviations; a fixed look has 1.96

    bool rate_shown() const { return rate.above_nothing() || rate.below_nothing(); }
    bool spend_shown() const { return spend.above_nothing() || spend.below_nothing(); }
};

struct LookSoFar {
    SampleRatio sample_ratio;
    std::optional<AlwaysValid> figures;  ///< nothing too early, or where the sample ratio is off
};

/// A look at what is known by now: the same data, the same answer. In 95 of 100 campaigns each of
/// the two intervals holds the truth at all looks at once, so that one which leaves 0 out may end
/// the campaign on any day. Intersecting the intervals of past looks is the caller's choice.
///
/// With n = 1/(1/n_given + 1/n_withheld) decisions (weighted: n_g = (Σwd)²/Σw²d) and r = n / 50,
/// the half width is √[(1 + 1/r)(2 ln(1/α) + ln(1 + r))] deviations: the normal mixture of Robbins
/// (1970), Annals of Mathematical Statistics 41, 1397–1409, as an asymptotic confidence sequence
/// with an estimated variance (Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas 2024, "Time-uniform
/// central limit theory and asymptotic confidence sequences", Annals of Statistics 52, Theorem
/// 2.2, with ρ² = 1/50), here around the score test of score_interval.hpp.
///
/// Members come back, so that the sums are no martingale: a member's later decisions resemble his
/// earlier ones. The variance by member knows, and such increments are correlated positively, which
/// makes crossing rarer, not more frequent (Slepian 1962, Bell System Technical Journal 41,
/// 463–501). A Problem where effect_of has one.
Result<LookSoFar> always_valid(std::span<const ExperimentMember> members_so_far);

/// Half width in deviations after so many decisions n > 0, as above.
double always_valid_deviations(double decisions);

}  // namespace raiten::decision

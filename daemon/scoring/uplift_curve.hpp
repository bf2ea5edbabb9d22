#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

/// How well a ranking finds the members on whom an offer works. The definitions are those of the
/// package scikit-uplift, to the last digits, so that figures can be laid side by side.
///
/// Ranked from the highest score on, with N members so far, of whom N_T were given the offer and
/// N_C not, and of these Y_T and Y_C came:
///
///     Qini curve     Y_T − Y_C · N_T / N_C               Radcliffe (2007), "Using control groups
///     to
///                                                        target on predicted lift"
///     uplift curve   (Y_T / N_T − Y_C / N_C) · N         Rzepakowski & Jaroszewicz (2010);
///     Gutierrez
///                                                        & Gérardy (2017), PMLR 67
///
/// with 0 for a ratio of nothing. Both have a point after every distinct score. Of equal scores the
/// later case comes first, which matters only where a list is cut: at a share and in bins.
namespace raiten::scoring {

/// What was foretold of each member, what was done, and what came. Equal lengths; no score is NaN.
struct RankedOutcomes {
    std::span<const double> score;        ///< the higher, the sooner it is offered
    std::span<const std::uint8_t> given;  ///< 1 given, 0 withheld
    std::span<const std::uint8_t> came;   ///< 1 or 0
};

struct CurvePoint {
    double members{};
    double value{};
};

/// From (0, 0) to all members, ascending.
std::vector<CurvePoint> qini_curve(const RankedOutcomes& ranked);
std::vector<CurvePoint> uplift_curve(const RankedOutcomes& ranked);

/// By trapezoids.
double area_under(std::span<const CurvePoint> curve);

/// The area between the curve and the straight line to its end, as a share of the same area under
/// the best ranking there could be: given and came first, withheld and came last (negative effects
/// allowed). 0 is as good as by lot. Nothing where no ranking could be better than another.
std::optional<double> qini_coefficient(const RankedOutcomes& ranked);
/// The same for the uplift curve.
std::optional<double> uplift_coefficient(const RankedOutcomes& ranked);

/// Share that came of the given less that of the withheld, among the first `share` of all members,
/// 0 < share ≤ 1 (rounded down). Nothing where one of the two has nobody.
std::optional<double> uplift_at(const RankedOutcomes& ranked, double share);
/// The same among the first `share` of the given, and the first `share` of the withheld.
std::optional<double> uplift_at_by_group(const RankedOutcomes& ranked, double share);

/// Mean of the uplift in `bins` parts of the ranking (of equal size, the first ones larger by one),
/// weighted by the given in each. Nothing where a part has nobody given or nobody withheld.
std::optional<double> weighted_average_uplift(const RankedOutcomes& ranked, std::size_t bins = 10);

}  // namespace raiten::scoring

#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace raiten::scoring {

/// A span of silence on a member's own scale (logarithms less her level, over her spread), and
/// whether a visit ended it or it still lasts.
struct Silence {
    double z{};
    bool ended{};
};

/// How silence ends, as the cumulative hazard H over z: S(z) = exp(−H(z)) are silent still. It is
/// Nelson's and Aalen's estimate (Nelson 1972, Technometrics 14(4); Aalen 1978, Annals of
/// Statistics 6(4)), so that silences which still last count for as long as they are known; between
/// knots at quantiles of the endings it is straight, and behind the last one it goes on at the
/// rate of the last twentieth. Behind the ninth tenth the hazard never rises again (least concave
/// majorant: Grenander 1956), so that longer silence never makes a visit likelier.
class GapCurve {
 public:
    static constexpr std::size_t knots = 40;

    /// The straight line H(z) = max(0, z + 1): what is used where nothing is known better.
    GapCurve();
    /// Sorts `silences`. At least one has ended, all z are finite. `falling`: see above.
    static GapCurve of(std::span<Silence> silences, bool falling);
    /// Of a standard normal z where a share `lost` never comes again.
    static GapCurve normal(double lost);

    /// At least 0, rising with z.
    double hazard(double z) const;
    /// The z at which the hazard is `sum`; for 0 the first knot.
    double reaches(double sum) const;

    /// That all is finite and in order.
    bool sound() const;

    template <class Archive>
    void archive(Archive& a)
    {
        a(z_, sum_, tail_);
    }

 private:
    void make_concave_from(std::size_t first);

    std::array<double, knots> z_{};    ///< strictly rising
    std::array<double, knots> sum_{};  ///< the hazard there; rising, the first 0
    double tail_{1};                   ///< its slope behind the last knot; positive
};

}  // namespace raiten::scoring

#pragma once

#include "daemon/decision/demand_curve.hpp"

#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>

namespace raiten {

/// Spreads a daily stock of one campaign over the day. Each occasion gets a piece with the chance
///
///     pieces left / occasions still expected, this one included
///
/// which, were that number known, draws as many as there are pieces, all occasions alike (selection
/// sampling: Fan, Muller, Rezucha 1962; Knuth, TAOCP 2, 3.4.2, algorithm S). How many are still
/// expected is learned: the day's level has a gamma prior from days past, by weekday, and is
/// corrected by what came so far today (gamma-Poisson), given the share of the day that is over. As
/// a piece kept for nobody is lost, and one given too early is made up for by those who come
/// later, it is the cautious end of that estimate which counts. The last piece is kept for the
/// last open hour.
///
/// Without a history a day as large as the stock is expected, so next to nothing is held back.
class Pacing {
 public:
    /// An occasion that everything else allows; all of them are to be told, also when nothing is
    /// left. Whether it gets a piece. `draw` is in [0, 1), its own for each occasion.
    bool gives(const DayOutlook& now, std::uint64_t stock_left, double draw);

    /// Occasions of the latest day so far.
    std::uint64_t seen() const { return seen_; }

    template <class Archive>
    void archive(Archive& a)
    {
        a(day_, seen_, stock_, levels_, weights_, spread_, spread_weight_, expected_, shape_);
        if constexpr (Archive::reading) {
            if (!sound()) a.fail();
        }
    }

 private:
    static constexpr std::size_t weekdays = DemandCurve::weekdays;

    bool sound() const;
    void begin(std::chrono::sys_days day, std::uint64_t stock);
    void learn_from_day();
    void expect(std::chrono::sys_days day);
    double chance(const DayOutlook& now, std::uint64_t stock_left) const;

    std::chrono::sys_days day_{};
    std::uint64_t seen_{};   // occasions of that day
    std::uint64_t stock_{};  // with which it began

    std::array<double, weekdays> levels_{};   // occasions of past days, decayed sums
    std::array<double, weekdays> weights_{};  // of those days
    double spread_{};                         // (day / expected − 1)² less chance, decayed sum
    double spread_weight_{};

    double expected_{};  // occasions of the day, before it began
    double shape_{};     // of the gamma prior around that
};

}  // namespace raiten

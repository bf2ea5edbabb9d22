#pragma once

#include <cstdint>

/// What campaigns changed, estimated from members whom a keyed hash has put into one of two groups.
namespace raiten::decision {

/// A figure with its 95 % interval.
struct Interval {
    double value{};
    double low{}, high{};

    bool above_nothing() const { return low > 0; }
    bool below_nothing() const { return high < 0; }
    bool holds(double truth) const { return low <= truth && truth <= high; }
    friend bool operator==(const Interval&, const Interval&) = default;
};

/// Normal quantile of .975.
inline constexpr double normal_95 = 1.959963984540054;

/// One member's part in a campaign. Chance has decided over members, not over decisions: all of a
/// member's coupons were given, or all withheld.
struct ExperimentMember {
    bool withheld{};
    std::uint32_t decisions{};  ///< occasions; a member without one has no part
    std::uint32_t bought{};     ///< of them: those that a purchase followed within the window
    double spent{};             ///< in these purchases, in units of currency; 0 or more
    double cost{};              ///< of the coupons used, in units of currency; 0 or more
    double control_share{};     ///< in force at the first decision: the chance to be withheld
    std::int64_t first_day{};   ///< business day of the first decision: for who cuts by days
};

}  // namespace raiten::decision

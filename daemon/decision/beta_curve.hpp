#pragma once

#include <array>
#include <cstddef>

namespace raiten {

/// A place between 0 and 1 that knows its distance to both ends: near 1 it is as fine as near 0.
/// The nearer end decides which of the two is exact.
struct Place {
    double from_0{};
    double from_1{1};

    static Place after_0(double distance) { return {distance, 1 - distance}; }
    static Place before_1(double distance) { return {1 - distance, distance}; }

    bool low() const { return from_0 <= 0.5; }
    friend bool operator==(const Place&, const Place&) = default;
    friend bool operator<(const Place& a, const Place& b)
    {
        return a.low() && b.low() ? a.from_0 < b.from_0 : a.from_1 > b.from_1;
    }
};

/// What is believed of a rate after `answered` of `answered + unanswered` said yes, where before
/// the first every rate was as likely as any other: the density of Beta(1 + answered,
/// 1 + unanswered), but for a factor.
///
/// Only + − × ÷ and √ of IEEE doubles are used, without any mathematical library, so every machine
/// finds the same bits. Heights are measured from the top, never as powers of 1e9 and their
/// quotients: so they keep their digits however many answers there are.
class BetaCurve {
 public:
    BetaCurve(double answered, double unanswered);

    /// The standard deviation: √( ab / ((a+b)² (a+b+1)) ), a and b of the Beta.
    double deviation() const { return deviation_; }

    /// Outside of [begin, end] the height is below e^−`fall` of the top's.
    Place begin() const { return begin_; }
    Place end() const { return end_; }
    static constexpr double fall = 30;

    /// The density at a place between the ends: the top has 1 / deviation.
    double height(const Place& at) const;

    /// The same at many places, which lie so far above `middle` (below where negative): many at
    /// once cost a third.
    static constexpr std::size_t many = 16;
    using Many = std::array<double, many>;
    Many heights(const Place& middle, const Many& above) const;

 private:
    /// log(height at the top / height there), ≥ 0.
    double fallen(const Place& at) const;
    /// How far `at` lies above the top.
    double above_top(const Place& at) const;
    Place where_it_has_fallen(bool upwards) const;

    double answered_, unanswered_;
    double top_from_0_{}, top_from_1_{};
    double deviation_;
    Place begin_, end_;
};

}  // namespace raiten

#pragma once

#include "tests/support/dice.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

namespace raiten::test {

/// Values as they come from stores, and as they would hurt a digest most.
struct ValueShape {
    const char* name;
    double (*value)(stage::Dice& dice, std::size_t i, std::size_t count);
    bool in_order;  ///< parts are stretches of it, not samples
};

inline constexpr std::array value_shapes{
    ValueShape{"uniform",
               [](stage::Dice& dice, std::size_t, std::size_t) { return dice.between(0, 1000); },
               false},
    ValueShape{"lognormal",
               [](stage::Dice& dice, std::size_t, std::size_t) {
                   return std::exp(6 + 1.2 * dice.normal());
               },
               false},
    ValueShape{"7 prices",
               [](stage::Dice& dice, std::size_t, std::size_t) {
                   return 100.0 * static_cast<double>(dice.below(7));
               },
               false},
    ValueShape{"30 prices, most low",
               [](stage::Dice& dice, std::size_t, std::size_t) {
                   const double share = dice.share();
                   return std::floor(30.0 * share * share * share);
               },
               false},
    ValueShape{"100 prices",
               [](stage::Dice& dice, std::size_t, std::size_t) {
                   return static_cast<double>(dice.below(100));
               },
               false},
    ValueShape{"sorted",
               [](stage::Dice&, std::size_t i, std::size_t) { return static_cast<double>(i); },
               true},
    ValueShape{"reversed",
               [](stage::Dice&, std::size_t i, std::size_t count) {
                   return static_cast<double>(count - i);
               },
               true},
    ValueShape{"two humps",
               [](stage::Dice& dice, std::size_t, std::size_t) {
                   return dice.share() < 0.5 ? dice.between(0, 1) : dice.between(1000, 1001);
               },
               false},
    ValueShape{"1 % far away",
               [](stage::Dice& dice, std::size_t, std::size_t) {
                   return dice.share() < 0.99 ? dice.between(0, 1) : dice.between(1e6, 2e6);
               },
               false},
};

/// `count` values of a shape in `parts` parts.
inline std::vector<std::vector<double>> parts_of(const ValueShape& shape, stage::Dice& dice,
                                                 std::size_t count, std::size_t parts)
{
    std::vector<std::vector<double>> out(parts);
    for (std::size_t i = 0; i < count; ++i) {
        const double value = shape.value(dice, i, count);
        out[shape.in_order ? i * parts / count : dice.below(parts)].push_back(value);
    }
    return out;
}

inline std::vector<double> sorted_whole(const std::vector<std::vector<double>>& parts)
{
    std::vector<double> out;
    for (const auto& part : parts) out.insert(out.end(), part.begin(), part.end());
    std::sort(out.begin(), out.end());
    return out;
}

/// How far the share of values below (and up to) `value` is from `q`: 0 within a tie.
inline double rank_error(const std::vector<double>& sorted, double value, double q)
{
    const auto [first, last] = std::equal_range(sorted.begin(), sorted.end(), value);
    const auto count = static_cast<double>(sorted.size());
    const double low = static_cast<double>(first - sorted.begin()) / count;
    const double high = static_cast<double>(last - sorted.begin()) / count;
    return std::max({low - q, q - high, 0.0});
}

}  // namespace raiten::test

#pragma once

#include <cstdint>

namespace raiten::scoring {

/// What the models of buying need to know of one member, all in one unit of time (days or weeks).
/// A purchase is a day with at least one sale; time runs from the first purchase.
///
///     first purchase          last purchase          now
///          |----|------|------------|-----------------|
///          0                       last            observed
struct BuyingHistory {
    std::uint32_t repeats{};  ///< purchases after the first: x, at most repeats_max
    double last{};            ///< time of the last purchase: t_x, 0 without repeats
    double observed{};        ///< T, at least `last`
    double log_gaps{};        ///< sum of the natural logarithms of the gaps between purchases
};

inline constexpr std::uint32_t repeats_max = 1'000'000;

}  // namespace raiten::scoring

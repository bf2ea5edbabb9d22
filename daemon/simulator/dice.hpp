#pragma once

#include "daemon/base/instant.hpp"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>

namespace raiten::simulator {

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers from the same seed on every machine.
class Dice {
 public:
    explicit Dice(std::uint64_t seed) : state_{seed} {}

    std::uint64_t word()
    {
        std::uint64_t z = state_ += 0x9E37'79B9'7F4A'7C15U;
        z = (z ^ z >> 30U) * 0xBF58'476D'1CE4'E5B9U;
        z = (z ^ z >> 27U) * 0x94D0'49BB'1331'11EBU;
        return z ^ z >> 31U;
    }
    /// [0, 1)
    double share() { return static_cast<double>(word() >> 11U) * 0x1.0p-53; }
    bool chance(double probability) { return share() < probability; }
    double between(double low, double high) { return low + (high - low) * share(); }
    Millis between(Millis low, Millis high)
    {
        return low + Millis{static_cast<std::int64_t>(share() * double((high - low).count()))};
    }
    std::uint64_t below(std::uint64_t count) { return word() % count; }

    /// A standard normal deviate, from a table of quantiles: none is beyond 3.49.
    double normal();
    /// Exponential with this mean.
    double exponential(double mean);
    /// The sum of `shape` exponentials: a gamma deviate with mean 1 and variance 1/shape.
    double regular(unsigned shape);
    /// Poisson; from 60 on rounded from a normal.
    unsigned poisson(double mean);
    /// A place in the list, in proportion to its weights.
    std::size_t weighted(std::span<const double> weights);

 private:
    std::uint64_t state_;
};

/// What draws are for, so that no two purposes share any.
enum class Purpose : std::uint64_t {
    person,
    rhythm,
    reader,
    fixture,
    visit,
    walk,
    basket,
    till,
    passer_by,
    stranger,
    shift,
    outage,
    air,
    lateness
};

/// The dice of one purpose and place, such as (seed, visit, day 12, member 7): whoever asks again
/// gets the same throws, whatever else was thrown (counter-based, by SipHash).
Dice dice_for(std::uint64_t seed, Purpose purpose, std::initializer_list<std::uint64_t> place);

}  // namespace raiten::simulator

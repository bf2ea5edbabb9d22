#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>

namespace raiten::stage {

/// SplitMix64: the same numbers from the same seed on every machine.
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
    double between(double low, double high) { return low + (high - low) * share(); }
    std::uint64_t below(std::uint64_t count) { return word() % count; }
    /// A normal deviate (Box and Muller, 1958).
    double normal()
    {
        const double radius = std::sqrt(-2.0 * std::log(1.0 - share()));
        return radius * std::cos(2.0 * std::numbers::pi * share());
    }

 private:
    std::uint64_t state_;
};

}  // namespace raiten::stage

#pragma once

#include <cstddef>
#include <cstdint>

/// Steele, Lea & Flood (2014), "Fast splittable pseudorandom number generators": SplitMix64. The
/// same with every library, and for ever; no secret.
namespace raiten::scoring {

/// Each number to another one, that looks like chance.
constexpr std::uint64_t mixed(std::uint64_t z)
{
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31U);
}

/// A row of such numbers.
class Mixer {
 public:
    explicit constexpr Mixer(std::uint64_t seed) : state_{seed} {}

    /// Below `bound`, which is at most 2³².
    constexpr std::size_t below(std::size_t bound)
    {
        state_ += 0x9e3779b97f4a7c15ULL;
        return static_cast<std::size_t>(((mixed(state_) >> 32U) * bound) >> 32U);
    }

 private:
    std::uint64_t state_;
};

}  // namespace raiten::scoring

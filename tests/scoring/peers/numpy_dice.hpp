#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

/// The dice of numpy, so that baskets are split as those were of which peers' figures are known.
namespace raiten::peers {

/// numpy.random.default_rng(seed): PCG64 (O'Neill 2014, XSL-RR 128/64) seeded by SeedSequence.
class NumpyDice {
 public:
    explicit NumpyDice(std::uint32_t seed);

    std::uint32_t integer(std::uint32_t below);           ///< rng.integers(below)
    std::vector<std::size_t> permutation(std::size_t n);  ///< rng.permutation(n), n < 2³²

 private:
    std::uint64_t next64();
    std::uint32_t next32();

    __extension__ using Wide = unsigned __int128;
    Wide state_{}, step_{};
    bool half_left_{};
    std::uint32_t half_{};
};

}  // namespace raiten::peers

#include "tests/scoring/peers/numpy_dice.hpp"

#include <array>
#include <bit>
#include <numeric>

namespace raiten::peers {
namespace {

/// numpy's SeedSequence(seed).generate_state(4, uint64), after O'Neill's seed_seq_fe.
std::array<std::uint64_t, 4> seeds_of(std::uint32_t seed)
{
    std::uint32_t hash = 0x43b0d7e5;
    const auto hashed = [&](std::uint32_t value) {
        value ^= hash;
        hash *= 0x931e8875;
        value *= hash;
        return value ^ value >> 16U;
    };
    const auto mixed = [](std::uint32_t x, std::uint32_t y) {
        const std::uint32_t value = 0xca01f9ddU * x - 0x4973f715U * y;
        return value ^ value >> 16U;
    };
    std::array<std::uint32_t, 4> pool{};
    for (std::size_t i = 0; i < pool.size(); ++i) pool[i] = hashed(i == 0 ? seed : 0);
    for (std::size_t from = 0; from < pool.size(); ++from)
        for (std::size_t to = 0; to < pool.size(); ++to)
            if (from != to) pool[to] = mixed(pool[to], hashed(pool[from]));

    std::array<std::uint64_t, 4> out{};
    std::uint32_t spread = 0x8b51f9dd;
    for (std::size_t i = 0; i < 8; ++i) {
        std::uint32_t value = pool[i % 4] ^ spread;
        spread *= 0x58f38ded;
        value *= spread;
        value ^= value >> 16U;
        out[i / 2] |= std::uint64_t{value} << (i % 2 * 32);
    }
    return out;
}

}  // namespace

NumpyDice::NumpyDice(std::uint32_t seed)
{
    const auto seeds = seeds_of(seed);
    const Wide start = Wide{seeds[0]} << 64U | seeds[1];
    step_ = (Wide{seeds[2]} << 64U | seeds[3]) << 1U | 1U;
    next64();
    state_ += start;
    next64();
}

std::uint64_t NumpyDice::next64()
{
    constexpr Wide factor = Wide{2'549'297'995'355'413'924U} << 64U | 4'865'540'595'714'422'341U;
    state_ = state_ * factor + step_;
    const auto high = static_cast<std::uint64_t>(state_ >> 64U);
    return std::rotr(high ^ static_cast<std::uint64_t>(state_), static_cast<int>(high >> 58U));
}

std::uint32_t NumpyDice::next32()
{
    half_left_ = !half_left_;
    if (!half_left_) return half_;
    const auto both = next64();
    half_ = static_cast<std::uint32_t>(both >> 32U);
    return static_cast<std::uint32_t>(both);
}

std::uint32_t NumpyDice::integer(std::uint32_t below)
{
    if (below == 1) return 0;
    const std::uint32_t least = (0U - below) % below;  // Lemire 2019
    for (;;) {
        const auto product = std::uint64_t{next32()} * below;
        if (static_cast<std::uint32_t>(product) >= least)
            return static_cast<std::uint32_t>(product >> 32U);
    }
}

std::vector<std::size_t> NumpyDice::permutation(std::size_t n)
{
    std::vector<std::size_t> order(n);
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t i = n; i-- > 1;) {
        const auto mask = std::bit_ceil(static_cast<std::uint32_t>(i) + 1U) - 1;
        std::uint32_t with = 0;
        while ((with = next32() & mask) > i) {
        }
        std::swap(order[i], order[with]);
    }
    return order;
}

}  // namespace raiten::peers

#include "daemon/simulator/outage.hpp"

#include "daemon/simulator/dice.hpp"

#include <algorithm>

namespace raiten::simulator {
namespace {

constexpr double mean_minutes = 15;
constexpr Millis least{std::chrono::minutes{1}};
constexpr Millis most{std::chrono::hours{2}};
constexpr Millis apart{std::chrono::minutes{1}};

}  // namespace

std::vector<Outage> outages_of(std::uint64_t seed, std::uint16_t reader, std::uint32_t day,
                               Span span, double expected)
{
    auto dice = dice_for(seed, Purpose::outage, {reader, day});
    std::vector<Outage> drawn;
    for (unsigned left = dice.poisson(expected); left > 0; --left) {
        const auto from = span.from + dice.between(apart, span.to - span.from);
        const Millis length{static_cast<std::int64_t>(dice.exponential(mean_minutes) * 60'000)};
        drawn.push_back({reader, {from, from + std::clamp(length, least, most)}});
    }
    std::sort(drawn.begin(), drawn.end(),
              [](const Outage& a, const Outage& b) { return a.span.from < b.span.from; });
    std::vector<Outage> out;
    for (const auto& one : drawn) {
        const bool clear = out.empty() || one.span.from >= out.back().span.to + apart;
        if (clear && one.span.to < span.to - apart) out.push_back(one);
    }
    return out;
}

}  // namespace raiten::simulator

#include "daemon/simulator/street.hpp"

#include "daemon/simulator/dice.hpp"
#include "daemon/simulator/errand.hpp"
#include "daemon/simulator/people.hpp"

#include <algorithm>
#include <array>

namespace raiten::simulator {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr double share_heard = 0.6;
constexpr double share_rotating = 0.85;
constexpr Millis rotation{minutes{15}};  // Core specification, Vol 3 Part C, TGAP(private_addr_int)
constexpr Millis advertising{seconds{5}};
constexpr std::array<double, 3> strangers_a_day{100, 300, 900};  // quiet, normal, crowded
constexpr double member_passes_every_days = 30;

double nearest_to_the_door(const Walk& walk)
{
    double nearest = 1e9;
    for (const auto& leg : walk.legs())
        for (auto at = leg.span.from; at <= leg.span.to; at += Millis{500})
            nearest = std::min(nearest, metres_between(leg.place_at(at), {0, 0}));
    return nearest;
}

Span span_of(const Walk& walk)
{
    return {walk.legs().front().span.from, walk.legs().back().span.to};
}

}  // namespace

std::vector<std::uint32_t> StrangersDevice::carry(const Walk& walk, std::uint64_t draw, Air& air)
{
    auto dice = dice_for(draw, Purpose::stranger, {});
    if (!dice.chance(share_heard)) return {};
    const bool rotating = dice.chance(share_rotating);
    const auto span = span_of(walk);
    auto changes_at = rotating ? span.from + dice.between(Millis{0}, rotation) : span.to;
    std::vector<std::uint32_t> tags;
    const auto next_tag = [&] {
        tags.push_back(first_ + static_cast<std::uint32_t>(day_.strangers.size()));
        day_.strangers.push_back(stranger_tag(dice.word(), rotating, advertising));
    };
    next_tag();
    auto& arrivals = day_.arrivals;
    const auto begin = arrivals.size();
    air.hear(walk, {tags.front(), advertising, dice.word()}, arrivals);
    for (auto n = begin; n < arrivals.size(); ++n) {
        while (arrivals[n].received_at >= changes_at) {
            next_tag();
            changes_at += rotation;
        }
        arrivals[n].number = tags.back();
    }
    return tags;
}

void Street::pass(Day& day, Instant noon, Air& air, StrangersDevice& strangers) const
{
    auto dice = dice_for(seed_, Purpose::passer_by, {day.number});
    const auto some_time = [&] { return noon + dice.between(-hours{5}, hours{11}); };

    auto left = dice.poisson(strangers_a_day[static_cast<std::size_t>(scenario_.crowd)]);
    for (; left > 0; --left) {
        const auto walk = pass_by(plan_, some_time(), dice);
        auto tags = strangers.carry(walk, dice.word(), air);
        day.truth.passers_by.push_back(
            {std::nullopt, span_of(walk), std::move(tags), nearest_to_the_door(walk)});
    }

    auto members = dice.poisson(scenario_.members / member_passes_every_days);
    for (; members > 0; --members) {
        const auto person = static_cast<std::uint32_t>(dice.below(scenario_.members));
        const auto walk = pass_by(plan_, some_time(), dice);
        const auto draw = dice.word();
        const auto is_same = [&](const auto& other) { return other.person == person; };
        const auto& truth = day.truth;
        if (std::any_of(truth.visits.begin(), truth.visits.end(), is_same)) continue;
        if (std::any_of(truth.passers_by.begin(), truth.passers_by.end(), is_same)) continue;
        std::vector<std::uint32_t> tags;
        if (const auto tag = people_[person].carried) {
            tags.push_back(*tag);
            air.hear(walk, {*tag, tags_[*tag].advertising, draw}, day.arrivals);
        }
        day.truth.passers_by.push_back(
            {person, span_of(walk), std::move(tags), nearest_to_the_door(walk)});
    }
    std::sort(day.truth.passers_by.begin(), day.truth.passers_by.end(),
              [](const PasserBy& a, const PasserBy& b) {
                  return std::pair{a.span.from, a.person} < std::pair{b.span.from, b.person};
              });
}

}  // namespace raiten::simulator

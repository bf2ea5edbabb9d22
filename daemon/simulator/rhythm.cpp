#include "daemon/simulator/rhythm.hpp"

#include "daemon/simulator/dice.hpp"

#include <algorithm>
#include <array>

namespace raiten::simulator {
namespace {

constexpr std::array<double, 3> mean_gap_days{40, 16, 7};  // quiet, normal, crowded
constexpr unsigned gap_shape = 2;
constexpr unsigned rate_shape = 2;
constexpr double dropout_mean = 0.02;  // after each visit
constexpr double conversion_low = 0.25;
constexpr double conversion_high = 0.65;
constexpr double soon_again = 0.3;  // after a visit without a purchase
constexpr double favourite_share = 0.6;

/// How fast the clock of gaps runs, from Sunday; the mean is 1.
constexpr std::array<double, 7> weekday_pace{1.4, 0.8, 0.8, 0.8, 0.85, 1, 1.35};

/// How many come in the hours from 10 to 20, on working days and at week-ends.
constexpr std::array<double, 10> working_day{4, 5, 9, 7, 5, 5, 7, 10, 11, 7};
constexpr std::array<double, 10> week_end{6, 9, 10, 11, 12, 12, 11, 9, 7, 4};

}  // namespace

Rhythms::Rhythms(const Scenario& scenario, std::uint64_t seed) : scenario_{scenario}, seed_{seed}
{
    begin();
}

void Rhythms::begin()
{
    next_day_ = 0;
    members_.assign(scenario_.members, {});
    const double gap = mean_gap_days[static_cast<std::size_t>(scenario_.crowd)];
    for (std::uint32_t person = 0; person < members_.size(); ++person) {
        auto dice = dice_for(seed_, Purpose::rhythm, {person});
        auto& member = members_[person];
        member.mean_gap = gap / std::max(0.05, dice.regular(rate_shape));
        member.conversion = dice.between(conversion_low, conversion_high);
        const double dropout = std::min(0.5, dice.exponential(dropout_mean));
        member.life = 1;
        while (member.life < 100'000 && !dice.chance(dropout)) ++member.life;
        // The rest of a gap that is under way: a share of one drawn in proportion to its length,
        // which for a gamma is one of a shape higher by 1 (Cox, Renewal Theory, 1962, section 5.1).
        const double under_way =
            member.mean_gap * dice.regular(gap_shape + 1) * (gap_shape + 1) / gap_shape;
        member.due = under_way * dice.share();
    }
}

double Rhythms::clock_at(std::uint32_t day) const
{
    double time = day / 7 * 7.0;
    const auto first = scenario_.first_day.time_since_epoch().count();
    for (std::uint32_t n = 0; n < day % 7; ++n)
        time += weekday_pace[static_cast<std::size_t>((first + n + 4) % 7)];
    return time;
}

void Rhythms::on_day(std::uint32_t day, std::vector<Intent>& out)
{
    out.clear();
    if (day < next_day_) begin();
    next_day_ = day + 1;
    const double today = clock_at(day);
    const double tomorrow = clock_at(day + 1);
    for (std::uint32_t person = 0; person < members_.size(); ++person) {
        auto& member = members_[person];
        while (member.ordinal < member.life && member.due < tomorrow) {
            auto dice = dice_for(seed_, Purpose::rhythm, {person, 1 + member.ordinal});
            const bool wants = dice.chance(member.conversion);
            if (member.due >= today) out.push_back({person, member.ordinal, wants});
            ++member.ordinal;
            const bool soon = !wants && dice.chance(soon_again);
            member.due += soon ? dice.between(0.5, 7)
                               : std::max(0.2, member.mean_gap * dice.regular(gap_shape));
        }
    }
}

Millis entry_time(std::uint64_t seed, std::optional<std::uint32_t> person, unsigned weekday,
                  std::uint64_t draw)
{
    Dice dice{draw};
    const auto& profile = weekday == 0 || weekday == 6 ? week_end : working_day;
    auto hour = dice.weighted(profile);
    if (person && dice.chance(favourite_share)) {
        auto taste = dice_for(seed, Purpose::rhythm, {*person, 0, weekday == 0 || weekday == 6});
        hour = taste.weighted(profile);
    }
    return opens_at + std::chrono::hours{hour}
           + dice.between(Millis{0}, Millis{std::chrono::hours{1}});
}

}  // namespace raiten::simulator

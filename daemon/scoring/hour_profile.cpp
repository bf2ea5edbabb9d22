#include "daemon/scoring/hour_profile.hpp"

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <vector>

namespace raiten::scoring {
namespace {

constexpr int store_reach = 2;       ///< slots, to either side of anybody's visit
constexpr double type_visits = 100;  ///< what a weekday borrows of its type

/// A triangle's share of the slot `distance` away; those of all distances sum to 1.
double triangle(int distance, int reach)
{
    const int height = reach - std::abs(distance);
    return height > 0 ? static_cast<double>(height) / (reach * reach) : 0;
}

bool is_weekend(unsigned weekday)
{
    return weekday >= 5;
}

double weight_of(const HourProfile& hours, unsigned weekday, unsigned other)
{
    if (weekday == other) return hours.same_weekday;
    return is_weekend(weekday) == is_weekend(other) ? 1 : hours.other_type;
}

void make_share(std::span<double> values)
{
    const double sum = std::accumulate(values.begin(), values.end(), 0.0);
    for (auto& value : values)
        value = sum > 0 ? value / sum : 1 / static_cast<double>(values.size());
}

void widen(DayProfile& day, int slot, int reach, double weight)
{
    const int from = std::max(0, slot - reach + 1);
    const int to = std::min(static_cast<int>(slots_of_day), slot + reach);
    const double step = weight / (reach * reach);
    for (int i = from; i < to; ++i)
        day[static_cast<std::size_t>(i)] += step * (reach - std::abs(i - slot));
}

bool is_share(std::span<const double> values)
{
    double sum = 0;
    for (const double value : values) {
        if (!(value >= 0 && value <= 1)) return false;
        sum += value;
    }
    return std::abs(sum - 1) < 1e-6;
}

std::array<DayProfile, 7> store_profile(std::span<const VisitDay> visit_days)
{
    std::array<DayProfile, 7> seen{};
    DayProfile all{};
    std::array<DayProfile, 2> types{};
    for (const auto& visit : visit_days) {
        const auto weekday = weekday_of(visit.day);
        const int at = visit.slot;
        for (int i = std::max(0, at - store_reach);
             i <= std::min(static_cast<int>(slots_of_day) - 1, at + store_reach); ++i) {
            const double part = triangle(i - at, store_reach + 1);
            const auto slot = static_cast<std::size_t>(i);
            seen[weekday][slot] += part;
            types[is_weekend(weekday)][slot] += part;
            all[slot] += part;
        }
    }
    make_share(all);
    for (unsigned weekday = 0; weekday < 7; ++weekday) {
        auto type = types[is_weekend(weekday)];
        const bool any = std::accumulate(type.begin(), type.end(), 0.0) > 0;
        make_share(type);
        for (std::size_t slot = 0; slot < slots_of_day; ++slot)
            seen[weekday][slot] += type_visits * (any ? type : all)[slot];
        make_share(seen[weekday]);
    }
    return seen;
}

/// What the likelihood of a case needs, so that a change of weights costs no look at the histories.
struct Seen {
    double store{};          ///< the store's share of the slot
    double weekday_share{};  ///< the store's, of the weekday
    struct Before {
        std::int8_t distance{};   ///< slots
        std::uint8_t relation{};  ///< 0 other type, 1 same type, 2 same weekday
    };
    std::array<Before, Rhythm::days_kept> before{};
    std::size_t count{};
};

Seen seen_of(const HourProfile& hours, const HourCase& one)
{
    const auto weekday = weekday_of(one.came.day);
    Seen seen{hours.store[weekday][one.came.slot], hours.weekday_share[weekday]};
    seen.count = std::min(one.before.size(), Rhythm::days_kept);
    for (std::size_t i = 0; i < seen.count; ++i) {
        const auto& visit = one.before[one.before.size() - 1 - i];
        const auto other = weekday_of(visit.day);
        seen.before[i].distance = static_cast<std::int8_t>(visit.slot - one.came.slot);
        seen.before[i].relation = weekday == other                           ? 2
                                  : is_weekend(weekday) == is_weekend(other) ? 1
                                                                             : 0;
    }
    return seen;
}

constexpr double never = 1e-6;  ///< a slot that was thought impossible costs this much

double hour_likelihood(const HourProfile& hours, const std::vector<Seen>& cases)
{
    const std::array<double, 3> relations{hours.other_type, 1, hours.same_weekday};
    const auto reach = static_cast<int>(hours.reach);
    double sum = 0;
    for (const auto& one : cases) {
        double here = hours.store_visits * one.store, all = hours.store_visits, weight = 1;
        for (std::size_t i = 0; i < one.count; ++i, weight *= hours.memory) {
            const double own = weight * relations[one.before[i].relation];
            here += own * triangle(one.before[i].distance, reach);
            all += own;
        }
        sum += std::log(here / all + never);
    }
    return sum;
}

double weekday_likelihood(const HourProfile& hours, const std::vector<Seen>& cases)
{
    double sum = 0;
    for (const auto& one : cases) {
        double here = hours.weekday_visits * one.weekday_share, all = hours.weekday_visits;
        double weight = 1;
        for (std::size_t i = 0; i < one.count; ++i, weight *= hours.memory) {
            here += one.before[i].relation == 2 ? weight : 0;
            all += weight;
        }
        sum += std::log(here / all + never);
    }
    return sum;
}

template <class Likelihood>
void choose(HourProfile& hours, double HourProfile::*value, std::span<const double> from,
            const std::vector<Seen>& cases, Likelihood likelihood)
{
    double best = likelihood(hours, cases);
    auto trial = hours;
    for (const double each : from) {
        trial.*value = each;
        const double found = likelihood(trial, cases);
        if (!(found > best)) continue;
        best = found;
        hours.*value = each;
    }
}

}  // namespace

HourProfile::HourProfile()
{
    for (auto& day : store) day.fill(1.0 / slots_of_day);
    weekday_share.fill(1.0 / 7);
}

bool HourProfile::sound() const
{
    const auto positive = [](double value) { return std::isfinite(value) && value > 0; };
    return std::all_of(store.begin(), store.end(), [](const auto& day) { return is_share(day); })
           && is_share(weekday_share) && positive(store_visits) && positive(weekday_visits)
           && reach >= 1 && reach <= reach_max && positive(memory) && memory <= 1
           && positive(other_type) && positive(same_weekday);
}

DayProfile day_profile(const HourProfile& hours, const Rhythm& member, unsigned weekday)
{
    DayProfile day{};
    double weight = 1;
    auto then = member.last_day();
    const auto slots = member.slots();
    const auto gaps = member.gaps();
    for (std::size_t i = 0; i < slots.size(); ++i, weight *= hours.memory) {
        widen(day, slots[i], static_cast<int>(hours.reach),
              weight * weight_of(hours, weekday, weekday_of(then)));
        if (i < gaps.size()) then -= gaps[i];
    }
    const auto& store = hours.store[weekday];
    for (std::size_t slot = 0; slot < slots_of_day; ++slot)
        day[slot] = store[slot] > 0 ? day[slot] + hours.store_visits * store[slot] : 0;
    make_share(day);
    return day;
}

std::array<double, 7> weekday_profile(const HourProfile& hours, const Rhythm& member)
{
    std::array<double, 7> shares{};
    for (unsigned weekday = 0; weekday < 7; ++weekday)
        shares[weekday] = hours.weekday_visits * hours.weekday_share[weekday];
    double weight = 1;
    auto then = member.last_day();
    const auto gaps = member.gaps();
    for (std::size_t i = 0; i < member.slots().size(); ++i, weight *= hours.memory) {
        shares[weekday_of(then)] += weight;
        if (i < gaps.size()) then -= gaps[i];
    }
    for (unsigned weekday = 0; weekday < 7; ++weekday)
        if (hours.weekday_share[weekday] <= 0) shares[weekday] = 0;
    make_share(shares);
    return shares;
}

HourWindow best_window(const DayProfile& day)
{
    double sum = 0;
    for (std::size_t slot = 0; slot < HourWindow::slots; ++slot) sum += day[slot];
    double best = sum;
    std::size_t from = 0;
    for (std::size_t slot = HourWindow::slots; slot < slots_of_day; ++slot) {
        sum += day[slot] - day[slot - HourWindow::slots];
        if (sum > best + 1e-12) {
            best = sum;
            from = slot + 1 - HourWindow::slots;
        }
    }
    constexpr std::chrono::minutes slot{24 * 60 / slots_of_day};
    const auto at = slot * static_cast<int>(from);
    return {at, at + slot * static_cast<int>(HourWindow::slots), std::clamp(best, 0.0, 1.0)};
}

HourProfile fit_hours(std::span<const VisitDay> visit_days, std::span<const HourCase> cases)
{
    HourProfile hours;
    if (visit_days.empty()) return hours;
    hours.store = store_profile(visit_days);
    hours.weekday_share.fill(0);
    for (const auto& visit : visit_days) hours.weekday_share[weekday_of(visit.day)] += 1;
    make_share(hours.weekday_share);

    std::vector<Seen> seen;
    for (const auto& one : cases) seen.push_back(seen_of(hours, one));
    constexpr std::array visits{1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0};
    constexpr std::array memories{0.8, 0.85, 0.9, 0.95, 1.0};
    constexpr std::array types{0.1, 0.3, 0.5, 0.7, 1.0};
    constexpr std::array weekdays{1.0, 1.5, 2.0, 3.0, 5.0};
    constexpr std::array reaches{4.0, 6.0, 8.0, 10.0, 12.0, 16.0};
    for (int round = 0; round < 2; ++round) {
        choose(hours, &HourProfile::reach, reaches, seen, hour_likelihood);
        choose(hours, &HourProfile::store_visits, visits, seen, hour_likelihood);
        choose(hours, &HourProfile::memory, memories, seen, hour_likelihood);
        choose(hours, &HourProfile::same_weekday, weekdays, seen, hour_likelihood);
        choose(hours, &HourProfile::other_type, types, seen, hour_likelihood);
    }
    choose(hours, &HourProfile::weekday_visits, visits, seen, weekday_likelihood);
    return hours;
}

}  // namespace raiten::scoring

#include "daemon/scoring/visit_features.hpp"

#include "daemon/base/keyed_hash.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <numbers>

namespace raiten::scoring {
namespace {

constexpr double confidence_min = 0.8;
constexpr double habit_prior_visits = 4;

/// A number that came from outside, made one that can be counted with.
double sane(double value, double most)
{
    return value > 0 ? std::min(value, most) : 0;  // NaN is not above 0
}

double minutes_between(Instant from, Instant to)
{
    return std::chrono::duration<double, std::ratio<60>>(to - from).count();
}

/// The first receipt that counts.
std::optional<Instant> bought_at(const VisitRecord& visit)
{
    std::optional<Instant> first;
    for (const auto& receipt : visit.receipts)
        if (receipt.counts() && (!first || receipt.at < *first)) first = receipt.at;
    return first;
}

std::vector<ZoneTime> zones_by(std::span<const ZoneStay> stays, Instant moment)
{
    std::map<std::string, double> seconds;
    for (const auto& stay : stays) {
        const auto until = std::min(stay.to, moment);
        if (until > stay.from) seconds[stay.zone] += minutes_between(stay.from, until) * 60;
    }
    std::vector<ZoneTime> out;
    for (const auto& [zone, spent] : seconds) out.push_back({zone, spent});
    return out;
}

/// Linear between landmarks, level after the last: at each landmark one input is 1.
void add_dwell(std::vector<Term>& terms, double minutes)
{
    const auto& knots = landmark_minutes;
    for (std::size_t k = 1; k < knots.size(); ++k) {
        const double rise = (minutes - knots[k - 1]) / (knots[k] - knots[k - 1]);
        const double fall =
            k + 1 < knots.size() ? (knots[k + 1] - minutes) / (knots[k + 1] - knots[k]) : 1.0;
        const double height = std::min({rise, fall, 1.0});
        if (height > 0)
            terms.push_back({static_cast<std::uint16_t>(inputs::dwell + k - 1), height});
    }
}

double habit_rate(const VisitFeatures& features, double store_rate)
{
    const double visits = features.visits;
    const double purchases = std::min<double>(features.purchases, visits);
    return (purchases + habit_prior_visits * store_rate) / (visits + habit_prior_visits);
}

void add_zones(std::vector<Term>& terms, const std::optional<std::vector<ZoneTime>>& zones)
{
    if (!zones) return terms.push_back({inputs::blind, 1});
    double till = 0;
    std::array<double, inputs::zone_slots_max> slots{};
    for (const auto& [name, seconds] : *zones)
        (name == register_zone ? till : slots[zone_slot(name)]) += sane(seconds, 86'400);
    const auto add = [&](std::uint16_t place, double seconds) {
        if (seconds > 0) terms.push_back({place, std::log1p(seconds / 60)});
    };
    add(inputs::at_register, till);
    for (std::uint16_t i = 0; i < slots.size(); ++i)
        add(static_cast<std::uint16_t>(inputs::zone + i), slots[i]);
}

}  // namespace

bool teaches(const VisitRecord& settled)
{
    return !settled.doubtful && !settled.partly_blind() && settled.confidence() >= confidence_min;
}

VisitFeatures opening_features(const VisitRecord& visit, const OpeningFacts& facts,
                               const StoreClock& clock)
{
    using FractionalHours = std::chrono::duration<double, std::ratio<3600>>;
    using FractionalDays = std::chrono::duration<double, std::ratio<86'400>>;
    const auto wall = visit.opened_at + clock.offset_at(visit.opened_at);
    const auto day = std::chrono::floor<std::chrono::days>(wall);
    VisitFeatures features;
    features.streak = facts.streak;
    features.visits = facts.visits;
    features.purchases = facts.purchases;
    features.local_hour = FractionalHours{wall - day}.count();
    features.weekday = static_cast<std::uint8_t>(std::chrono::weekday{day}.iso_encoding() - 1);
    if (facts.bought_at)
        features.days_since_purchase = FractionalDays{visit.opened_at - *facts.bought_at}.count();
    features.stage = facts.stage;
    features.coupon = facts.coupon;
    features.checked_in = facts.checked_in;
    return features;
}

VisitFeatures features_at(const VisitRecord& open, const VisitFeatures& at_opening, Instant now)
{
    auto features = at_opening;
    features.dwell_minutes.reset();
    if (open.passive) features.dwell_minutes = std::max(0.0, minutes_between(open.opened_at, now));
    auto& zones = features.zones.emplace();
    for (const auto& [zone, spent] : open.zones)
        zones.push_back({zone, std::chrono::duration<double>(spent).count()});
    if (!open.zone.empty() && now > open.zone_since)
        zones.push_back({open.zone, minutes_between(open.zone_since, now) * 60});
    return features;
}

std::vector<Landmark> landmarks_of(const VisitRecord& settled, const VisitFeatures& at_opening,
                                   std::optional<std::span<const ZoneStay>> stays)
{
    std::vector<Landmark> out;
    if (!teaches(settled)) return out;
    const auto bought = bought_at(settled);
    for (std::uint8_t k = 0; k < landmark_minutes.size(); ++k) {
        const auto moment = settled.opened_at
                            + std::chrono::minutes{static_cast<std::int64_t>(landmark_minutes[k])};
        if (moment > settled.left_at || (bought && *bought <= moment)) break;
        Landmark landmark{k, at_opening};
        landmark.features.dwell_minutes.reset();
        landmark.features.zones.reset();
        if (settled.passive) landmark.features.dwell_minutes = landmark_minutes[k];
        if (stays) landmark.features.zones = zones_by(*stays, moment);
        out.push_back(std::move(landmark));
        if (!settled.passive) break;
    }
    return out;
}

std::uint8_t moment_of(const VisitFeatures& features)
{
    const double minutes = sane(features.dwell_minutes.value_or(0), 1'440);
    std::uint8_t moment = 0;
    while (moment + 1U < landmark_minutes.size() && landmark_minutes[moment + 1U] <= minutes)
        ++moment;
    return moment;
}

std::uint16_t zone_slot(std::string_view zone)
{
    return static_cast<std::uint16_t>(KeyedHash{0x7a6f'6e65U}.add(zone).value()
                                      % inputs::zone_slots_max);
}

std::vector<Term> terms_of(const VisitFeatures& features, double store_rate)
{
    using namespace inputs;
    std::vector<Term> terms;
    terms.reserve(32);
    const auto flag = [&](std::uint16_t place, bool set) {
        if (set) terms.push_back({place, 1});
    };
    flag(intercept, true);
    if (features.streak > 0) {
        flag(returned, true);
        terms.push_back({streak, std::log1p(features.streak)});
    }
    add_dwell(terms, sane(features.dwell_minutes.value_or(0), 1'440));
    const double turn = sane(features.local_hour, 24) / 24 * 2 * std::numbers::pi;
    terms.push_back({hour, std::sin(turn)});
    terms.push_back({hour + 1, std::cos(turn)});
    terms.push_back({hour + 2, std::sin(2 * turn)});
    terms.push_back({hour + 3, std::cos(2 * turn)});
    flag(static_cast<std::uint16_t>(weekday + features.weekday % 7), true);
    if (features.days_since_purchase) {
        flag(bought, true);
        terms.push_back({since, std::log1p(sane(*features.days_since_purchase, 36'500) / 7)});
    }
    flag(first, features.visits == 0);
    if (features.visits > 0) {
        terms.push_back({visits, std::log1p(features.visits)});
        terms.push_back(
            {habit, log_odds_of(habit_rate(features, store_rate)) - log_odds_of(store_rate)});
    }
    flag(static_cast<std::uint16_t>(stage + static_cast<unsigned>(features.stage) % stage_count),
         true);
    flag(coupon, features.coupon);
    flag(checked_in, features.checked_in);
    add_zones(terms, features.zones);
    return terms;
}

std::vector<OnlineLogistic::Prior> prior_of_inputs()
{
    std::vector<OnlineLogistic::Prior> prior(inputs::count, {0, 1});
    prior[inputs::intercept].sd = 2.5;
    for (const auto place : {inputs::streak, inputs::since, inputs::visits}) prior[place].sd = 0.5;
    for (std::uint16_t i = 0; i < 4; ++i) prior[inputs::hour + i].sd = 0.5;
    for (std::uint16_t i = 0; i < 7; ++i) prior[inputs::weekday + i].sd = 0.5;
    for (std::uint16_t i = 0; i < 6; ++i) prior[inputs::stage + i].sd = 0.5;
    return prior;
}

}  // namespace raiten::scoring

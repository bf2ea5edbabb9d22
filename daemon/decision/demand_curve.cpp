#include "daemon/decision/demand_curve.hpp"

#include <algorithm>
#include <numeric>

namespace raiten {
namespace {

using namespace std::chrono;

constexpr std::size_t slots = DemandCurve::slots;
using Slots = std::array<double, slots>;

constexpr minutes slot_length{15};
constexpr std::size_t slots_an_hour = 4;
constexpr double known_half = 30;    // visits after which half of the curve is the store's own
constexpr double precision_min = 5;  // of the weekdays' likeness, in visits
constexpr double precision_max = 5'000;
constexpr double tail_share = 0.002;  // of visits that come when the store has closed
constexpr double at_any_hour = 0.05;  // share of the first guess
constexpr double missed_visits = 5;   // expected and not seen: this weekday closes earlier
constexpr double visits_max = 1e12;
constexpr days day_max{4'000'000};  // some 11,000 years

double sum(const Slots& all)
{
    return std::accumulate(all.begin(), all.end(), 0.0);
}

/// Since the start of the business day, by the wall: a day with a doubled hour is no longer.
minutes wall_minutes(Instant at, sys_days day, const StoreClock& clock)
{
    const auto wall = floor<minutes>(at + clock.offset_at(at) - clock.day_start - day);
    return std::clamp(wall, minutes{0}, minutes{24 * 60 - 1});
}

std::size_t weekday_of(sys_days day)
{
    return weekday{day}.c_encoding();
}

double decay(days span)
{
    return std::exp2(-static_cast<double>(span.count()) / DemandCurve::days_to_half);
}

/// What is taken for granted of a store of which nothing is known, as shares.
Slots guess(minutes day_start)
{
    Slots out{};
    for (std::size_t slot = 0; slot < slots; ++slot) {
        const auto wall = (day_start + slot_length * static_cast<int>(slot)) % minutes{24 * 60};
        const bool day_time = wall >= hours{9} && wall < hours{21};
        out[slot] = at_any_hour / static_cast<double>(slots)
                    + (day_time ? (1 - at_any_hour) / (12.0 * slots_an_hour) : 0);
    }
    return out;
}

/// The slot after the last one with more than stray visits.
std::size_t closing_of(const Slots& counts)
{
    const double stray = tail_share * sum(counts);
    double tail = 0;
    for (std::size_t slot = slots; slot > 0; --slot)
        if ((tail += counts[slot - 1]) > stray) return slot;
    return slots;
}

/// How alike the weekdays are: the precision of the Dirichlet from which their profiles seem to be
/// drawn. By hours, from the chi-square of homogeneity beyond what chance alone gives. `grain` is
/// the variance of a count in relation to it, below 1 since old visits count in part.
double precision_of(const std::array<Slots, DemandCurve::weekdays>& counts, double grain)
{
    using Hours = std::array<double, slots / slots_an_hour>;
    std::array<Hours, DemandCurve::weekdays> by_hour{};
    Hours pooled{};
    std::array<double, DemandCurve::weekdays> sizes{};
    double all = 0;
    for (std::size_t day = 0; day < counts.size(); ++day) {
        for (std::size_t slot = 0; slot < slots; ++slot) {
            by_hour[day][slot / slots_an_hour] += counts[day][slot];
            pooled[slot / slots_an_hour] += counts[day][slot];
        }
        all += sizes[day] = sum(counts[day]);
    }
    double chi_square = 0;
    double cells = 0;
    double by_chance = 0;
    double by_difference = 0;
    for (const double hour : pooled) cells += hour > 0 ? 1 : 0;
    for (std::size_t day = 0; day < counts.size(); ++day) {
        if (sizes[day] <= 0) continue;
        for (std::size_t hour = 0; hour < pooled.size(); ++hour) {
            const double expected = sizes[day] * pooled[hour] / all;
            if (expected <= 0) continue;
            const double off = by_hour[day][hour] - expected;
            chi_square += off * off / expected;
        }
        by_chance += grain * (1 - sizes[day] / all);
        by_difference += std::max(0.0, sizes[day] - grain) * (1 - sizes[day] / all);
    }
    const double excess = cells > 1 ? chi_square / (cells - 1) - by_chance : 0;
    if (excess <= 0 || by_difference <= 0) return precision_max;
    return std::clamp(by_difference / excess - 1, precision_min, precision_max);
}

}  // namespace

void DemandCurve::note(Instant visit_opened, const StoreClock& clock)
{
    const auto day = clock.day_of(visit_opened);
    day_start_ = clock.day_start;
    if (day > day_) begin(day);
    const auto slot =
        static_cast<std::size_t>(wall_minutes(visit_opened, day, clock) / slot_length);
    if (day == day_) {
        ++today_[slot];
        return;
    }
    const double weight = decay(day_ - day);
    counts_[weekday_of(day)][slot] += weight;
    squares_ += weight * weight;
    learn();
}

void DemandCurve::begin(sys_days day)
{
    const auto weekday = weekday_of(day_);
    for (std::size_t slot = 0; slot < slots; ++slot) {
        counts_[weekday][slot] += today_[slot];
        squares_ += today_[slot];
    }
    today_ = {};
    const double kept = decay(day - day_);
    for (auto& each : counts_)
        for (auto& count : each) count *= kept;
    squares_ *= kept * kept;
    day_ = day;
    learn();
}

void DemandCurve::learn()
{
    Slots pooled{};
    for (const auto& each : counts_)
        for (std::size_t slot = 0; slot < slots; ++slot) pooled[slot] += each[slot];
    const double all = sum(pooled);
    known_ = all / (all + known_half);
    const double precision = all > 0 ? precision_of(counts_, squares_ / all) : precision_max;
    for (std::size_t weekday = 0; weekday < weekdays; ++weekday) learn(weekday, pooled, precision);
}

void DemandCurve::learn(std::size_t weekday, const Slots& pooled, double precision)
{
    const auto& own = counts_[weekday];
    const auto first = guess(day_start_);
    const double all = sum(pooled);
    const double size = sum(own);

    // This weekday closes earlier than others only where visits are really missing.
    const auto usual_closing = all >= known_half ? closing_of(pooled) : slots;
    const auto own_closing = size > 0 ? closing_of(own) : usual_closing;
    double missing = 0;
    for (auto slot = own_closing; slot < slots; ++slot)
        missing += all > 0 ? size * pooled[slot] / all : 0;
    const bool closes_early = missing >= missed_visits;
    closing_[weekday] = closes_early ? own_closing : usual_closing;

    double left = 0;
    left_[weekday][slots] = 0;
    for (std::size_t slot = slots; slot > 0; --slot) {
        const bool closed = closes_early && slot > own_closing;
        const double usual =
            closed ? 0 : (pooled[slot - 1] + first_guess * first[slot - 1]) / (all + first_guess);
        left += (own[slot - 1] + precision * usual) / (size + precision);
        left_[weekday][slot - 1] = left;
    }
    for (auto& share : left_[weekday]) share /= left;
}

DayOutlook DemandCurve::outlook(Instant at, const StoreClock& clock) const
{
    const auto day = clock.day_of(at);
    const auto weekday = weekday_of(day);
    const auto since = wall_minutes(at, day, clock);
    const auto slot = static_cast<std::size_t>(since / slot_length);
    const double within = static_cast<double>((since % slot_length).count())
                          / static_cast<double>(slot_length.count());
    const auto& left = left_[weekday];
    DayOutlook out;
    out.day = day;
    out.left = left[slot] + within * (left[slot + 1] - left[slot]);
    out.last_hour = slot + slots_an_hour >= closing_[weekday];
    out.known = known_;
    return out;
}

bool DemandCurve::sound() const
{
    const auto fine = [](double count) { return count >= 0 && count <= visits_max; };
    bool all = fine(squares_);
    for (const auto& each : counts_) all = all && std::all_of(each.begin(), each.end(), fine);
    return all && abs(day_.time_since_epoch()) < day_max && day_start_ >= minutes{0}
           && day_start_ < hours{24};
}

}  // namespace raiten

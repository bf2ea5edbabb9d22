#include "daemon/scoring/sound_habits.hpp"

#include <cmath>

namespace raiten::scoring {
namespace {

/// Whatever a clock may say stays far below it.
constexpr std::int32_t day_most = 10'000'000;
constexpr double spend_most = 1e13;

bool is_day(std::int32_t day)
{
    return day >= -day_most && day <= day_most;
}

bool is_day(const std::optional<std::int32_t>& day)
{
    return !day || is_day(*day);
}

bool sound(const BuyingHabits& buying)
{
    if (buying.days() == 0) return buying == BuyingHabits{};
    if (!is_day(buying.first_day()) || !is_day(buying.last_day())) return false;
    if (buying.first_day() > buying.last_day()) return false;
    const auto gaps = buying.days() - 1;
    const auto span = static_cast<std::uint32_t>(buying.last_day() - buying.first_day());
    if (gaps > span || (gaps == 0) != (span == 0)) return false;
    // The mean of logarithms is at most the logarithm of the mean.
    const double most = gaps == 0 ? 0 : gaps * std::log(static_cast<double>(span) / gaps);
    const double log_gaps = buying.history(buying.last_day(), 1).log_gaps;
    return log_gaps >= 0 && log_gaps <= most + 1e-6 * (1 + most)
           && std::abs(buying.spending().mean) <= spend_most;
}

}  // namespace

bool sound(const Habits& habits)
{
    return is_day(habits.first_visit) && is_day(habits.last_visit) && is_day(habits.last_bought)
           && sound(habits.buying) && std::abs(habits.monetary.units()) <= spend_most;
}

}  // namespace raiten::scoring

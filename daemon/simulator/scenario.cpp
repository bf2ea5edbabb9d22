#include "daemon/simulator/scenario.hpp"

#include <string>

namespace raiten::simulator {
namespace {

Result<void> within(double value, double low, double high, const char* where, const char* advice)
{
    if (value >= low && value <= high) return {};
    return Problem{"is out of range", where, advice};
}

}  // namespace

Result<void> check(const Scenario& scenario)
{
    using namespace std::chrono_literals;
    if (scenario.members < 1 || scenario.members > members_max)
        return Problem{"is out of range", "members", "1 to 1,000,000"};
    if (scenario.advertising < 100ms || scenario.advertising > 60s)
        return Problem{"is out of range", "advertising", "100 ms to 60 s"};
    const auto year = std::chrono::year_month_day{scenario.first_day}.year();
    if (year < std::chrono::year{1971} || year > std::chrono::year{2099})
        return Problem{"is out of range", "start", "a day from 1971 to 2099"};
    if (scenario.clock.offsets.empty()) return Problem{"has no offset", "clock"};
    for (const auto& good : {
             within(scenario.reception, 0.01, 1, "reception", "0.01 to 1"),
             within(scenario.outages_per_day, 0, 20, "outages", "0 to 20"),
             within(scenario.member_share, 0.01, 1, "member-share", "0.01 to 1"),
             within(scenario.cards_forgotten, 0, 1, "cards-forgotten", "0 to 1"),
             within(scenario.late_receipts, 0, 1, "late-receipts", "0 to 1"),
             within(scenario.late_sightings, 0, 1, "late-sightings", "0 to 1"),
             within(scenario.doubled, 0, 1, "doubled", "0 to 1"),
         })
        if (!good) return good;
    return {};
}

}  // namespace raiten::simulator

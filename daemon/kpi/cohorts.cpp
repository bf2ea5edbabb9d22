#include "daemon/kpi/cohorts.hpp"

namespace raiten {
namespace {

void count(Share& share, std::uint64_t times)
{
    if (times >= 1) ++share.whole;
    if (times >= 2) ++share.part;
}

}  // namespace

std::optional<double> Share::rate() const
{
    if (whole == 0) return std::nullopt;
    return static_cast<double>(part) / static_cast<double>(whole);
}

void Cohorts::add(const MemberStory& member, const Period& period)
{
    count(repeat_visits, member.visits_in_period());
    count(repeat_purchases, member.purchases_in_period());
    const auto& first = member.at_to().first_at;
    if (!first || !member.complete()) return;
    for (std::size_t i = 0; i < retention.size(); ++i) {
        const Millis span = std::chrono::hours{24 * retention_days[i]};
        if (*first + span > period.to) continue;
        ++retention[i].whole;
        if (member.second_at() && *member.second_at() <= *first + span) ++retention[i].part;
    }
}

}  // namespace raiten

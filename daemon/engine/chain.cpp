#include "daemon/engine/chain.hpp"

#include <algorithm>

namespace raiten {
namespace {

constexpr std::size_t recent_max = 64;

}  // namespace

MemberRecord::Link link_of(const VisitRecord& visit)
{
    return {visit.id, visit.left_at, visit.outcome(), visit.streak, visit.doubtful};
}

std::optional<MemberRecord::Link> link_before(const MemberRecord& member, Instant opened_at)
{
    const auto after = std::find_if(member.recent.begin(), member.recent.end(),
                                    [&](const VisitRecord& v) { return v.opened_at >= opened_at; });
    if (after == member.recent.begin()) return member.before_recent;
    return link_of(*std::prev(after));
}

std::uint32_t streak_after(const std::optional<MemberRecord::Link>& previous, Instant opened_at,
                           Millis return_window)
{
    if (!previous || previous->outcome == VisitOutcome::purchase) return 0;
    return opened_at - previous->left_at <= return_window ? previous->streak + 1 : 0;
}

std::size_t insert_recent(MemberRecord& member, VisitRecord visit)
{
    const auto place =
        std::find_if(member.recent.begin(), member.recent.end(),
                     [&](const VisitRecord& v) { return v.opened_at > visit.opened_at; });
    const auto put = member.recent.insert(place, std::move(visit));
    return static_cast<std::size_t>(put - member.recent.begin());
}

void rechain(MemberRecord& member, std::size_t first, Millis return_window,
             const std::function<void(VisitRecord&, std::uint32_t)>& changed)
{
    for (std::size_t i = first; i < member.recent.size(); ++i) {
        VisitRecord& visit = member.recent[i];
        const auto previous = i == 0 ? member.before_recent : link_of(member.recent[i - 1]);
        const auto streak = streak_after(previous, visit.opened_at, return_window);
        if (streak == visit.streak) continue;
        const auto was = visit.streak;
        visit.streak = streak;
        changed(visit, was);
    }
}

void trim_recent(MemberRecord& member, Instant amendable_from)
{
    auto& recent = member.recent;
    while (!recent.empty()
           && (recent.front().left_at < amendable_from || recent.size() > recent_max)) {
        member.before_recent = link_of(recent.front());
        recent.erase(recent.begin());
    }
}

}  // namespace raiten

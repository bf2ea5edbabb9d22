#include "daemon/scoring/experiences.hpp"

#include <algorithm>
#include <set>
#include <span>
#include <string_view>
#include <utility>

namespace raiten::scoring {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

/// What a member did before the landmark.
struct Beginning {
    std::span<const Diary::Visit> visits;  ///< at least one
    const Diary& diary;
    Instant landmark;
    Millis window;
};

template <class Holds>
bool any_visit(const Beginning& member, Holds holds)
{
    return std::any_of(member.visits.begin(), member.visits.end(), holds);
}

template <class Holds>
bool most_visits(const Beginning& member, Holds holds)
{
    const auto n = std::count_if(member.visits.begin(), member.visits.end(), holds);
    return 2 * static_cast<std::size_t>(n) > member.visits.size();
}

bool weekend(const Diary::Visit& visit)
{
    return visit.day == std::chrono::Saturday || visit.day == std::chrono::Sunday;
}

bool on_weekday(const Diary::Visit& visit, hours from, hours to)
{
    return !weekend(visit) && visit.time >= from && visit.time < to;
}

bool before(const std::vector<Instant>& times, Instant landmark)
{
    return std::any_of(times.begin(), times.end(), [&](Instant at) { return at <= landmark; });
}

using Did = std::optional<bool>;  ///< nothing: cannot be told, or was not asked of this member

Did came_back_soon(const Beginning& member)
{
    constexpr days soon{14};
    if (member.window < soon) return std::nullopt;
    return member.visits.size() > 1 && member.visits[1].at - member.visits[0].at <= soon;
}

Did checked_in(const Beginning& member)
{
    return any_visit(member, [](const auto& visit) { return visit.checked_in; });
}

Did checked_in_by_app(const Beginning& member)
{
    return checked_in(member).value() ? member.diary.app : Did{false};
}

Did bought_first(const Beginning& member)
{
    return member.visits.front().purchase;
}

/// Asked of those who left their first visit without buying.
Did came_back_empty_handed(const Beginning& member)
{
    if (member.visits.front().purchase != Did{false}) return std::nullopt;
    return member.visits.size() > 1;
}

/// Asked of those who bought.
Did two_categories(const Beginning& member)
{
    std::set<std::string_view> seen;
    bool bought = false, told = true;
    for (const auto& visit : member.visits) {
        if (visit.purchase == Did{false}) continue;
        bought = true;
        told = told && visit.categories;
        if (visit.categories) seen.insert(visit.categories->begin(), visit.categories->end());
    }
    if (seen.size() > 1) return true;
    return bought && told && !seen.empty() ? Did{false} : std::nullopt;
}

struct Row {
    const char* name;
    Did (*did)(const Beginning&);
};
constexpr Row table[]{
    {"came_back_within_14_d", &came_back_soon},
    {"checked_in", &checked_in},
    {"checked_in_by_app", &checked_in_by_app},
    {"redeemed_coupon",
     [](const Beginning& m) -> Did { return before(m.diary.redeemed, m.landmark); }},
    {"answered_survey",
     [](const Beginning& m) -> Did { return before(m.diary.answered, m.landmark); }},
    {"bought_on_first_visit", &bought_first},
    {"back_after_no_purchase", &came_back_empty_handed},
    {"bought_two_categories", &two_categories},
    {"weekday_mornings",
     [](const Beginning& m) -> Did {
         return most_visits(m, [](auto& visit) { return on_weekday(visit, hours{0}, hours{12}); });
     }},
    {"weekday_afternoons",
     [](const Beginning& m) -> Did {
         return most_visits(m, [](auto& visit) { return on_weekday(visit, hours{12}, hours{17}); });
     }},
    {"weekday_evenings",
     [](const Beginning& m) -> Did {
         return most_visits(m, [](auto& visit) { return on_weekday(visit, hours{17}, hours{24}); });
     }},
    {"weekends", [](const Beginning& m) -> Did { return most_visits(m, weekend); }},
};

void count(Group& share, bool kept)
{
    ++share.members;
    if (kept) ++share.kept;
}

Group less(const Group& all, const Group& part)
{
    return {all.members - part.members, all.kept - part.kept};
}

void add(Group& sum, const Group& more)
{
    sum.members += more.members;
    sum.kept += more.kept;
}

TwoGroups sum_of(std::span<const TwoGroups> strata)
{
    TwoGroups sum;
    for (const auto& each : strata) {
        add(sum.did, each.did);
        add(sum.did_not, each.did_not);
    }
    return sum;
}

/// The q of every difference that `which` points to.
template <class Which>
void correct(std::vector<Experience>& list, Which which)
{
    std::vector<double> p;
    for (auto& each : list)
        if (const auto* one = which(each)) p.push_back(one->p);
    const auto q = false_discovery_rates(p);
    auto next = q.begin();
    for (auto& each : list)
        if (auto* one = which(each)) one->q = *next++;
}

}  // namespace

ExperienceCount::ExperienceCount(const ExperienceRules& rules, Instant as_of)
    : rules_{rules}, as_of_{as_of}, stays_(minutes_max)
{
    static_assert(std::size(table) <= behaviours_max);
    rules_.k_anonymity = std::max<std::uint64_t>(rules_.k_anonymity, 1);
}

void ExperienceCount::note(const Diary& diary)
{
    if (diary.visits.empty()) return;
    if (!diary.complete) {
        ++incomplete_;
        return;
    }
    const auto& first = diary.visits.front();
    const Instant landmark = first.at + rules_.window;
    const Instant end = landmark + rules_.retention;
    if (end > as_of_) {
        ++too_recent_;
        return;
    }
    const auto after = std::find_if(diary.visits.begin(), diary.visits.end(),
                                    [&](const auto& visit) { return visit.at > landmark; });
    const bool kept = after != diary.visits.end() && after->at <= end;
    const auto in_window = static_cast<std::size_t>(after - diary.visits.begin());
    const auto stratum = std::min(in_window, strata) - 1;
    count(members_, kept);

    const Beginning member{{diary.visits.data(), in_window}, diary, landmark, rules_.window};
    for (std::size_t i = 0; i < std::size(table); ++i)
        if (const auto did = table[i].did(member)) {
            auto& groups = behaviours_[i][stratum];
            count(*did ? groups.did : groups.did_not, kept);
        }
    note_zones(diary, in_window, stratum, kept);
    if (first.dwell) {
        const auto stay = std::chrono::floor<minutes>(std::max(*first.dwell, Millis{0})).count();
        const auto minute = std::min(static_cast<std::size_t>(stay), minutes_max - 1);
        count(stays_[minute][stratum], kept);
    }
}

void ExperienceCount::note_zones(const Diary& diary, std::size_t in_window, std::size_t stratum,
                                 bool kept)
{
    bool heard = false;
    std::set<Groups*> seen;
    for (const auto& visit : std::span{diary.visits.data(), in_window}) {
        heard = heard || visit.dwell;
        if (!visit.dwell) continue;
        for (const auto& zone : visit.zones) {
            auto found = zones_.find(zone);
            if (found == zones_.end())
                found = zones_.try_emplace(zones_.size() + 1 < zones_max ? zone : "other").first;
            seen.insert(&found->second);
        }
    }
    if (heard) count(heard_[stratum], kept);
    for (auto* zone : seen) count((*zone)[stratum], kept);
}

std::optional<minutes> ExperienceCount::median_stay() const
{
    std::vector<std::uint64_t> by_minute;
    std::uint64_t all = 0;
    for (const auto& minute : stays_) {
        std::uint64_t here = 0;
        for (const auto& share : minute) here += share.members;
        by_minute.push_back(here);
        all += here;
    }
    if (all == 0) return std::nullopt;
    std::uint64_t below = 0;
    std::size_t minute = 0;
    while (2 * (below + by_minute[minute]) < all) below += by_minute[minute++];
    return minutes{static_cast<minutes::rep>(minute)};
}

ExperienceCount::Strata ExperienceCount::stays_longer_than(minutes median) const
{
    Strata out{};
    for (std::size_t minute = 0; minute < stays_.size(); ++minute)
        for (std::size_t i = 0; i < strata; ++i)
            add(minute > static_cast<std::size_t>(median.count()) ? out[i].did : out[i].did_not,
                stays_[minute][i]);
    return out;
}

Experiences ExperienceCount::found() const
{
    Experiences out;
    out.members = members_;
    out.too_recent = too_recent_;
    out.incomplete = incomplete_;
    const auto take = [&](std::string behaviour, std::string zone, const Strata& by_visits) {
        const auto groups = sum_of(by_visits);
        if (groups.did.members + groups.did_not.members == 0) return;
        if (std::min(groups.did.members, groups.did_not.members) < rules_.k_anonymity) {
            ++out.hidden;
            return;
        }
        out.list.push_back({std::move(behaviour), std::move(zone), groups,
                            difference(groups).value(), adjusted_difference(by_visits)});
    };
    for (std::size_t i = 0; i < std::size(table); ++i) take(table[i].name, "", behaviours_[i]);
    out.median_stay = median_stay();
    if (out.median_stay) take("long_first_visit", "", stays_longer_than(*out.median_stay));
    for (const auto& [zone, there] : zones_) {
        Strata by_visits{};
        for (std::size_t i = 0; i < strata; ++i)
            by_visits[i] = {there[i], less(heard_[i], there[i])};
        take("visited_zone", zone, by_visits);
    }
    correct(out.list, [](Experience& each) { return &each.raw; });
    correct(out.list, [](Experience& each) { return each.adjusted ? &*each.adjusted : nullptr; });
    std::stable_sort(out.list.begin(), out.list.end(),
                     [](const auto& a, const auto& b) { return a.raw.lower > b.raw.lower; });
    return out;
}

}  // namespace raiten::scoring

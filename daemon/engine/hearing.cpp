#include "daemon/engine/hearing.hpp"

#include <algorithm>
#include <utility>

namespace raiten {

bool Hearing::set(ReaderId reader, Instant at, bool up)
{
    if (changes_.size() <= reader.value()) changes_.resize(reader.value() + std::size_t{1});
    auto& all = changes_[reader.value()];
    const Change told{at, up};
    const auto place = std::lower_bound(all.begin(), all.end(), told);
    if (place != all.end() && *place == told) return false;
    const bool news = up != (place == all.begin() || std::prev(place)->up);
    all.insert(place, told);
    if (!up) changed_.set(reader.value());
    if (all.size() > changes_max) thin(all);
    return news;
}

void Hearing::thin(std::vector<Change>& all)
{
    bool up = true;
    std::erase_if(all, [&](const Change& c) { return c.up == std::exchange(up, c.up); });
    if (all.size() > changes_max / 2)
        all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(changes_max / 2));
}

bool Hearing::up_at(std::size_t reader, Instant at) const
{
    if (reader >= changes_.size()) return true;
    bool up = true;
    for (const auto& change : changes_[reader]) {
        if (change.at > at) break;
        up = change.up;
    }
    return up;
}

std::vector<Hearing::Step> Hearing::steps_after(const Readers& readers, Instant from,
                                                int& up_now) const
{
    std::vector<Step> steps;
    up_now = 0;
    for (std::size_t reader = 0; reader < readers_max; ++reader) {
        if (!readers.test(reader)) continue;
        bool up = up_at(reader, from);
        if (up) ++up_now;
        if (reader >= changes_.size()) continue;
        for (const auto& change : changes_[reader]) {
            if (change.at <= from || change.up == up) continue;
            up = change.up;
            steps.push_back({change.at, up ? 1 : -1});
        }
    }
    std::stable_sort(steps.begin(), steps.end(),
                     [](const Step& a, const Step& b) { return a.at < b.at; });
    return steps;
}

Millis Hearing::listened(const Readers& readers, Instant from, Instant to) const
{
    if (to <= from) return Millis{0};
    if ((readers & ~changed_).any() || readers.none()) return to - from;
    int up_now = 0;
    Millis sum{0};
    Instant since = from;
    for (const auto& step : steps_after(readers, from, up_now)) {
        if (step.at >= to) break;
        if (up_now > 0) sum += step.at - since;
        since = step.at;
        up_now += step.up_by;
    }
    if (up_now > 0) sum += to - since;
    return sum;
}

std::optional<Instant> Hearing::reached(const Readers& readers, Instant from, Millis span) const
{
    if ((readers & ~changed_).any() || readers.none()) return from + span;
    int up_now = 0;
    Instant since = from;
    for (const auto& step : steps_after(readers, from, up_now)) {
        if (up_now > 0) {
            if (step.at - since >= span) return since + span;
            span -= step.at - since;
        }
        since = step.at;
        up_now += step.up_by;
    }
    if (up_now > 0) return since + span;
    return std::nullopt;
}

void Hearing::forget_before(Instant at)
{
    for (auto& all : changes_) {
        auto keep =
            std::find_if(all.begin(), all.end(), [&](const Change& c) { return c.at >= at; });
        if (keep != all.begin()) --keep;  // what holds at that time
        all.erase(all.begin(), keep);
    }
}

}  // namespace raiten

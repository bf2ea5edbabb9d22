#include "tests/bench/accuracy/matching.hpp"

#include <algorithm>
#include <map>

namespace raiten::accuracy {
namespace {

Stretch common(Stretch a, Stretch b)
{
    return {std::max(a.from, b.from), std::min(a.to, b.to)};
}

/// The numbers of each person's visits, ascending in time.
std::map<std::uint32_t, std::vector<std::size_t>> by_person(const std::vector<Visit>& visits)
{
    std::map<std::uint32_t, std::vector<std::size_t>> out;
    for (std::size_t i = 0; i < visits.size(); ++i) out[visits[i].person].push_back(i);
    for (auto& [person, numbers] : out)
        std::sort(numbers.begin(), numbers.end(), [&](std::size_t a, std::size_t b) {
            return visits[a].span.from < visits[b].span.from;
        });
    return out;
}

bool same(const Visit& truth, const Visit& found, const Deaf& deaf)
{
    const auto both = deaf.heard(common(truth.span, found.span));
    const auto either = deaf.heard(truth.span) + deaf.heard(found.span) - both;
    return both > Millis{0} && 2 * both >= either;
}

}  // namespace

Deaf::Deaf(std::size_t readers, std::vector<Stretch> down)
{
    std::vector<std::pair<Instant, int>> steps;
    for (const auto& each : down) {
        if (each.to <= each.from) continue;
        steps.emplace_back(each.from, 1);
        steps.emplace_back(each.to, -1);
    }
    std::sort(steps.begin(), steps.end());
    const auto all = static_cast<int>(readers);
    int silent = 0;
    for (const auto& [at, by] : steps) {
        const bool was = silent >= all;
        silent += by;
        if (!was && silent >= all) deaf_.push_back({at, at});
        if (was && silent < all) deaf_.back().to = at;
    }
    std::erase_if(deaf_, [](const Stretch& each) { return each.to <= each.from; });
}

Millis Deaf::heard(Stretch stretch) const
{
    if (stretch.to <= stretch.from) return Millis{0};
    Millis out = stretch.to - stretch.from;
    auto each = std::partition_point(deaf_.begin(), deaf_.end(),
                                     [&](const Stretch& deaf) { return deaf.to <= stretch.from; });
    for (; each != deaf_.end() && each->from < stretch.to; ++each) {
        const auto silent = common(*each, stretch);
        out -= silent.to - silent.from;
    }
    return out;
}

bool Deaf::at(Instant when) const
{
    return heard({when, when + Millis{1}}) == Millis{0};
}

Matches match(const std::vector<Visit>& truth, const std::vector<Visit>& found, const Deaf& deaf)
{
    Matches out{std::vector<std::optional<std::size_t>>(truth.size()),
                std::vector<std::optional<std::size_t>>(found.size())};
    const auto of_truth = by_person(truth);
    for (const auto& [person, numbers] : by_person(found)) {
        const auto theirs = of_truth.find(person);
        if (theirs == of_truth.end()) continue;
        // Spans first: what is known by its acts alone takes what they leave.
        for (const bool spans : {true, false})
            for (const std::size_t f : numbers) {
                if (found[f].audible != spans) continue;
                const auto is_it = [&](std::size_t t) {
                    if (out.found[t]) return false;
                    const auto& act = found[f].span.from;
                    return spans ? same(truth[t], found[f], deaf)
                                 : act >= truth[t].span.from && act <= truth[t].span.to;
                };
                const auto t = std::find_if(theirs->second.begin(), theirs->second.end(), is_it);
                if (t == theirs->second.end()) continue;
                out.found[*t] = f;
                out.truth[f] = *t;
            }
    }
    return out;
}

}  // namespace raiten::accuracy

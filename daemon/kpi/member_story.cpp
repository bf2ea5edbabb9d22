#include "daemon/kpi/member_story.hpp"

#include <algorithm>

namespace raiten {
namespace {

void stand(Standing& standing, const MemberVisit& visit, Instant at)
{
    if (visit.opened_at >= at) return;
    ++standing.visits;
    if (!standing.first_at) standing.first_at = visit.opened_at;
    standing.last_at = visit.opened_at;
    if (!visit.purchase) return;
    ++standing.purchases;
    standing.bought_at = visit.opened_at;
    if (visit.opened_at < at - rfm_span) return;
    ++standing.frequency;
    standing.monetary += visit.spend;
}

}  // namespace

void VisitsTaken::note(std::uint64_t took, Money spend)
{
    Bin& bin = by_visits[std::min<std::uint64_t>(took, bins) - 1];
    ++bin.purchases;
    bin.spend += spend;
    ++purchases;
    visits += took;
}

void VisitsTaken::add(const VisitsTaken& other)
{
    for (std::size_t i = 0; i < bins; ++i) {
        by_visits[i].purchases += other.by_visits[i].purchases;
        by_visits[i].spend += other.by_visits[i].spend;
    }
    purchases += other.purchases;
    visits += other.visits;
}

std::optional<double> VisitsTaken::mean_visits() const
{
    if (purchases == 0) return std::nullopt;
    return static_cast<double>(visits) / static_cast<double>(purchases);
}

VisitsTaken VisitsTaken::folded(std::size_t most) const
{
    VisitsTaken out = *this;
    for (std::size_t i = most; i < bins; ++i) {
        out.by_visits[most - 1].purchases += out.by_visits[i].purchases;
        out.by_visits[most - 1].spend += out.by_visits[i].spend;
        out.by_visits[i] = {};
    }
    return out;
}

void MemberStory::note(const MemberVisit& visit)
{
    if (visit.opened_at >= period_.to) return;
    const bool bought_before = at_to_.purchases > 0;
    stand(at_from_, visit, period_.from);
    stand(at_to_, visit, period_.to);
    if (at_to_.visits == 2) second_at_ = visit.opened_at;
    if (visit.opened_at >= period_.to - non_purchaser_span) {
        ++visits_lately_;
        if (visit.purchase) ++purchases_lately_;
    }
    if (visit.opened_at < period_.from) return;
    ++visits_in_period_;
    if (!visit.purchase) return;
    ++purchases_in_period_;
    taken_.note(visit.streak + std::uint64_t{1}, visit.spend);
    if (complete_ && !bought_before) taken_first_.note(at_to_.visits, visit.spend);
}

}  // namespace raiten

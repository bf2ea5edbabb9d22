#include "daemon/app/today.hpp"

#include <variant>

namespace raiten::app {

void Today::roll(Instant at)
{
    const auto day = clock_.day_of(at);
    if (day > figures_.day) figures_ = {day, 0, 0, 0, 0};
}

Today::Figures Today::figures(Instant now)
{
    roll(now);
    return figures_;
}

void Today::note(const Effect& effect)
{
    const auto today = [&](Instant at) {
        roll(at);
        return clock_.day_of(at) == figures_.day;
    };
    if (const auto* opened = std::get_if<VisitOpened>(&effect.what)) {
        if (!today(opened->opened_at)) return;
        ++figures_.visits;
        if (opened->streak > 0) ++figures_.returns;
    } else if (const auto* settled = std::get_if<VisitSettled>(&effect.what)) {
        if (today(settled->visit.opened_at) && settled->visit.outcome() == VisitOutcome::purchase) {
            ++figures_.purchases;
        }
    } else if (std::holds_alternative<CouponTriggered>(effect.what)) {
        if (today(effect.at)) ++figures_.coupons;
    }
}

Result<void> Today::recall(ledger::Ledger& ledger, Instant now)
{
    roll(now);
    ledger::VisitFilter filter;
    filter.since = clock_.start_of(figures_.day);
    filter.limit = ledger::visits_page_max;
    do {
        const auto page = ledger.visits(filter);
        if (!page) return page.error();
        for (const auto& visit : page.value().visits) {
            ++figures_.visits;
            if (visit.streak > 0) ++figures_.returns;
            if (visit.state == VisitState::settled && visit.outcome() == VisitOutcome::purchase)
                ++figures_.purchases;
        }
        filter.before = page.value().older;
    } while (filter.before);

    std::optional<std::uint64_t> before;
    do {
        const auto page = ledger.coupons({}, before, 1000);
        if (!page) return page.error();
        for (const auto& coupon : page.value().coupons) {
            if (coupon.decided_at < *filter.since) return {};
            if (coupon.state != CouponState::withheld) ++figures_.coupons;
        }
        before = page.value().older;
    } while (before);
    return {};
}

}  // namespace raiten::app

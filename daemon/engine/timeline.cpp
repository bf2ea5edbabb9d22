#include "daemon/engine/engine_impl.hpp"

#include <algorithm>

/// All that is due, in one order: by due time, then by the rank of what is due, then by visit.
/// The settled side runs `lateness` behind, so what is due there at D is due here at D + lateness.
/// A timer fires when the present has passed its due time: at the very moment, an event is first.
namespace raiten {

std::optional<std::pair<Instant, Engine::Impl::Clockwork>> Engine::Impl::next() const
{
    std::optional<std::pair<Instant, Clockwork>> first;
    const auto consider = [&](std::optional<Instant> due, Clockwork which) {
        if (due && (!first || *due < first->first)) first.emplace(*due, which);
    };
    const auto behind = [&](std::optional<Instant> at) -> std::optional<Instant> {
        if (!at) return std::nullopt;
        return *at + setup_.rules.lateness;
    };
    consider(live_.next_due(), Clockwork::live);
    consider(behind(backlog_.next()), Clockwork::backlog);
    consider(behind(settled_.next_due()), Clockwork::settled);
    if (!withdrawals_.empty()) consider(withdrawals_.begin()->due, Clockwork::withdraw);
    consider(figures_.next_due(), Clockwork::figures);
    if (!expiries_.empty()) consider(expiries_.begin()->due, Clockwork::expiry);
    if (!planned_.empty()) consider(planned_.begin()->due, Clockwork::planned);
    consider(decisions_.lease_due(), Clockwork::lease);
    consider(learn_due_, Clockwork::learn);
    return first;
}

std::optional<Instant> Engine::Impl::next_due() const
{
    const auto due = next();
    if (!due) return std::nullopt;
    return std::max(due->first, now_);
}

void Engine::Impl::advance(Instant to)
{
    for (auto due = next(); due && due->first < to; due = next()) {
        out_->timers_fired = true;
        now_ = std::max(now_, due->first);
        fire(due->second, due->first);
    }
    if (to - forgotten_until_ > std::chrono::hours{1}) {
        now_ = to;
        forget_old();
    }
}

void Engine::Impl::fire(Clockwork which, Instant due)
{
    Transitions transitions;
    switch (which) {
        case Clockwork::live:
            if (const auto whose = live_.fire(transitions)) hot(*whose);
            return on_live(transitions);
        case Clockwork::backlog:
            return release(backlog_.take());
        case Clockwork::settled:
            if (const auto whose = settled_.fire(transitions)) hot(*whose);
            return on_settled(transitions);
        case Clockwork::withdraw: {
            const Withdrawal first = *withdrawals_.begin();
            withdrawals_.erase(withdrawals_.begin());
            return withdraw(first.member, first.visit, due);
        }
        case Clockwork::figures:
            return effect(due, SummaryIssued{figures_.issue()});
        case Clockwork::expiry: {
            const Expiry first = *expiries_.begin();
            expiries_.erase(expiries_.begin());
            return expire(first);
        }
        case Clockwork::planned: {
            const Planned first = *planned_.begin();
            planned_.erase(planned_.begin());
            return invite(first, due);
        }
        case Clockwork::lease:
            for (auto& report : decisions_.give_back(now_))
                effect(std::max(due, now_), LeaseReported{std::move(report)});
            return;
        case Clockwork::learn:
            return learn();
    }
}

void Engine::Impl::release(const Backlog::Held& held)
{
    Transitions transitions;
    if (held.member && hot(*held.member).out) return;  // since it was held
    if (held.member) settled_.catch_up(*hot(*held.member).settled, held.release, transitions);
    if (held.receipt) {
        const Receipt& receipt = *held.receipt;
        VisitReceipt sale{receipt.pos,      receipt.number,     setup_.clock.day_of(held.at),
                          held.at,          receipt.total,      Money{},
                          receipt.currency, Attribution::token, 1.0,
                          units_of(receipt)};
        if (held.member) {
            settled_.deliberate(*hot(*held.member).settled, held.at, Source{receipt.pos, "", {}},
                                OpenedBy::receipt, &sale, transitions);
        } else {
            settled_.catch_up(held.release, transitions);
            note_missed(infer(settled_, sale, transitions), held.at);
        }
    } else if (settled_checkins_.is_new(held.reader, held.token, "", held.at)) {
        // The same window as at the door, but in event order.
        settled_.deliberate(*hot(*held.member).settled, held.at, source_of(held.reader),
                            OpenedBy::checkin, nullptr, transitions);
    }
    on_settled(transitions);
}

/// At the start of a business day, `lateness` behind: what was heard until then is complete, and
/// what follows from it holds for the whole day.
void Engine::Impl::learn()
{
    learn_due_.reset();
    Transitions transitions;
    settled_.catch_up(horizon(), transitions);
    on_settled(transitions);
    if (exits_.learn()) {
        live_.rearm();
        settled_.rearm();
    }
    out_->exits = exits_.models();
}

void Engine::Impl::forget_old()
{
    forgotten_until_ = now_;
    const Instant keys = now_ - setup_.rules.late_receipt - std::chrono::hours{24};
    checkins_.forget_before(keys);
    settled_checkins_.forget_before(keys);
    receipts_.forget_before(keys);
    hearing_.forget_before(now_ - setup_.rules.max_visit - setup_.rules.late_receipt);
}

}  // namespace raiten

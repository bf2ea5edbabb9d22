#include "daemon/base/keyed_hash.hpp"
#include "daemon/engine/chain.hpp"
#include "daemon/engine/engine_impl.hpp"

#include <algorithm>
#include <cmath>

/// Which visit a receipt belongs to, and what a void or refund does to it.
namespace raiten {
namespace {

/// Below this an inferred purchase is not believed at all.
constexpr double confidence_min = 0.5;
constexpr double confidence_max = 0.99;
/// Who has paid is gone within this time, and nobody else is rung up within it.
constexpr Millis paying{std::chrono::seconds{60}};
/// Assumed strength of "nobody else": the noise floor.
constexpr double silence_dbm = -100.0;
constexpr double level_unknown_dbm = -75.0;

}  // namespace

void Engine::Impl::on(const Event& event, const Receipt& receipt)
{
    ++counts_.receipts;
    const auto day = setup_.clock.day_of(event.at);
    const auto told = receipts_.tell({receipt.pos, receipt.number, receipt.kind, day},
                                     {content_of(receipt), event.at, receipt.total, {}, {}, {}});
    if (told != ReceiptBook::Told::first) {
        const bool same = told == ReceiptBook::Told::same;
        ++(same ? counts_.duplicates : counts_.conflicts);
        out_->verdict = same ? Verdict::duplicate : Verdict::conflict;
        out_->reason = same ? "" : "a receipt with this number and other content came first";
        return;
    }
    if (receipt.kind != ReceiptKind::sale) return undo(event, receipt);

    std::optional<MemberId> member;
    if (receipt.token) {
        if (const Hot* known = identify(*receipt.token)) {
            member = known->record.id;
        } else {
            // Somebody else's card: it says who it was not.
            if (out_->verdict == Verdict::left_out) return;
            ++counts_.unmatched_receipts;
            return figures_.note_missed(ReceiptMiss::foreign, event.at, now_);
        }
    } else if (!setup_.rules.attribute_anonymous) {
        return note_missed(Inferred::none, event.at);
    }
    if (!member) return sell(event, receipt, member);
    receipts_.find({receipt.pos, receipt.number, receipt.kind, day})->buyer = member;
    answered_by_sale(hot(*member), event.at);
    sell(event, receipt, member);
    if (event.at >= horizon()) decide_bought(hot(*member), event, receipt);
}

void Engine::Impl::sell(const Event& event, const Receipt& receipt, std::optional<MemberId> member)
{
    VisitReceipt sale{receipt.pos,      receipt.number,     setup_.clock.day_of(event.at),
                      event.at,         receipt.total,      Money{},
                      receipt.currency, Attribution::token, 1.0,
                      units_of(receipt)};
    Transitions transitions;
    if (event.at < horizon()) {
        if (member) return late_sale(hot(*member), sale, event.at);
        settled_.catch_up(horizon(), transitions);
        note_missed(infer(settled_, sale, transitions), event.at);
        return on_settled(transitions);
    }

    Backlog::Held held;
    // Without a token it waits until it is known who stayed at the register around it.
    held.release = member ? event.at : event.at + setup_.rules.register_dwell;
    held.at = event.at;
    held.member = member;
    held.receipt = std::make_shared<const Receipt>(receipt);
    held.content = KeyedHash{setup_.seed}
                       .add("receipt")
                       .add(receipt.pos)
                       .add(receipt.number)
                       .add(static_cast<std::uint64_t>(event.at.time_since_epoch().count()))
                       .value();
    backlog_.hold(std::move(held));

    if (member) {
        Hot& who = hot(*member);
        live_.deliberate(*who.live, event.at, Source{receipt.pos, "", {}}, OpenedBy::receipt, &sale,
                         transitions);
        on_live(transitions);
        out_->visit = who.current;
    } else {
        infer(live_, sale, transitions);
        on_live(transitions);
    }
}

void Engine::Impl::late_sale(Hot& who, const VisitReceipt& sale, Instant at)
{
    const auto slack = setup_.rules.receipt_slack;
    const Stay* stay = settled_stay(who);
    if (stay && at >= stay->opened_at - slack && at <= stay->left_at + slack) {
        const Source source{sale.pos, "", {}};
        Transitions live;
        Transitions behind;
        live_.deliberate(*who.live, at, source, OpenedBy::receipt, &sale, live);
        settled_.deliberate(*who.settled, at, source, OpenedBy::receipt, &sale, behind);
        on_live(live);
        on_settled(behind);
        out_->visit = who.current;
        return;
    }
    for (auto& visit : who.record.recent) {
        if (at < visit.opened_at - slack || at > visit.left_at + slack) continue;
        if (now_ - visit.left_at > setup_.rules.late_receipt) continue;
        account(who.record, visit, -1);
        visit.receipts.push_back(sale);
        take_undone(visit, who.record.id);
        account(who.record, visit, +1);
        out_->visit = visit.id;
        return amend(who, visit, "late receipt");
    }
    settle_alone(who, at, Source{sale.pos, "", {}}, OpenedBy::receipt, &sale);
}

void Engine::Impl::undo(const Event& event, const Receipt& receipt)
{
    const auto& number = receipt.refers_to.empty() ? receipt.number : receipt.refers_to;
    const auto* sale = receipts_.undo(receipt.pos, number, receipt.kind, receipt.total);
    if (!sale) {
        ++counts_.unmatched_receipts;
        out_->reason = "it undoes a receipt that is not known here";
        return;
    }
    if (sale->buyer && sale->undone == sale->total) {
        revoke(
            hot(*sale->buyer),
            [&](const CouponRecord& coupon) {
                return coupon.decided_at == sale->at
                       && (coupon.moment == text_of(Moment::purchased)
                           || coupon.moment == text_of(Moment::first_purchase));
            },
            "the sale was undone");
    }
    if (!sale->member) return;  // its visit is not settled yet, or it never had a member
    Hot& who = hot(*sale->member);
    out_->visit = sale->visit;
    const auto visit = std::find_if(who.record.recent.begin(), who.record.recent.end(),
                                    [&](const VisitRecord& v) { return v.id == sale->visit; });
    if (visit == who.record.recent.end() || event.at - visit->left_at > setup_.rules.late_receipt) {
        // Too late to change the visit: the money is lower from this day on.
        const Money back = receipt.kind == ReceiptKind::void_ ? sale->total : receipt.total;
        who.record.spend -= back;
        if (receipt.currency == setup_.currency) figures_.note_refund(back, event.at, now_);
        return changed(who);
    }
    account(who.record, *visit, -1);
    take_undone(*visit, who.record.id);
    account(who.record, *visit, +1);
    recall_purchase(who.record, *visit);
    amend(who, *visit, receipt.kind == ReceiptKind::void_ ? "void" : "refund");
}

void Engine::Impl::take_undone(VisitRecord& visit, MemberId member)
{
    for (auto& each : visit.receipts) {
        auto* entry = receipts_.find({each.pos, each.number, ReceiptKind::sale, each.day});
        if (!entry) continue;
        each.undone = entry->undone;
        if (visit.state != VisitState::settled) continue;
        entry->member = member;
        entry->visit = visit.id;
    }
}

// ---- receipts that name nobody ----------------------------------------------------------------

std::optional<double> Engine::Impl::register_confidence(const Presence& presence,
                                                        const Presence::Person& person,
                                                        Instant at) const
{
    const auto readers = in_zone(register_zone);
    const Millis around = setup_.rules.register_dwell;
    const double near = presence.level_dbm(person, readers, at).value_or(level_unknown_dbm);
    const auto stranger = crowd_.strongest(at - around, at + around);
    const double other = stranger ? *stranger : silence_dbm;
    if (other >= near) return std::nullopt;
    // One minus half the ratio of the field strengths (20 dB a decade): equal is even odds.
    const double confidence = 1.0 - 0.5 * std::pow(10.0, (other - near) / 20.0);
    return std::round(std::min(confidence, confidence_max) * 1000.0) / 1000.0;
}

void Engine::Impl::note_missed(Inferred how, Instant at)
{
    if (how == Inferred::one) return;
    ++counts_.unmatched_receipts;
    figures_.note_missed(how == Inferred::several ? ReceiptMiss::ambiguous : ReceiptMiss::unmatched,
                         at, now_);
}

Engine::Impl::Inferred Engine::Impl::infer(Presence& presence, VisitReceipt sale, Transitions& out)
{
    if (!setup_.rules.attribute_anonymous) return Inferred::none;
    const Instant at = sale.at;
    const Millis around = setup_.rules.register_dwell;
    const Presence::Person* only = nullptr;
    std::vector<MemberId> near;
    bool several = false;
    presence.each([&](const Presence::Person& person, const Stay& stay) {
        const auto dwelt = [&](const std::string& zone, Instant from, Instant to) {
            if (zone != register_zone) return Millis{0};
            return std::min(to, at + around) - std::max(from, at - around);
        };
        // Whoever is still there stays until the contrary is heard.
        const Instant until = stay.ended ? stay.left_at : stay.left_at + setup_.rules.zone_memory;
        Millis here = dwelt(stay.zone, stay.zone_since, until);
        for (const auto& stretch : stay.stretches)
            here = std::max(here, dwelt(stretch.zone, stretch.from, stretch.to));
        if (here * 2 >= around) near.push_back(person.guest.id);
        if (here < around) return;
        several = several || only != nullptr;
        if (!only) only = &person;
    });
    const bool live = &presence == &live_;
    const auto nobodys = [&](Inferred how) {
        for (const auto member : near) {
            Hot& who = hot(member);
            (live ? who.live : who.settled)->stay->doubtful = true;
        }
        return how;
    };
    if (several) return nobodys(Inferred::several);
    if (!only) return nobodys(Inferred::none);
    const auto confidence = register_confidence(presence, *only, at);
    if (!confidence || *confidence < confidence_min) return nobodys(Inferred::none);
    sale.attribution = Attribution::inferred;
    sale.confidence = *confidence;
    Hot& who = hot(only->guest.id);
    presence.attach(live ? *who.live : *who.settled, sale, out);
    return Inferred::one;
}

std::vector<VisitReceipt> Engine::Impl::doubt(std::vector<VisitReceipt>& receipts,
                                              Instant left_at) const
{
    const bool named = std::any_of(receipts.begin(), receipts.end(), [](const VisitReceipt& each) {
        return each.attribution == Attribution::token;
    });
    const auto kept =
        std::stable_partition(receipts.begin(), receipts.end(), [&](const VisitReceipt& each) {
            return each.attribution != Attribution::inferred
                   || (!named && left_at <= each.at + paying
                       && receipts_.sales(each.at, paying) <= 1);
        });
    std::vector<VisitReceipt> taken(std::make_move_iterator(kept),
                                    std::make_move_iterator(receipts.end()));
    receipts.erase(kept, receipts.end());
    return taken;
}

}  // namespace raiten

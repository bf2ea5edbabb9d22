#include "daemon/engine/engine.hpp"

#include "daemon/base/keyed_hash.hpp"
#include "daemon/base/overloaded.hpp"
#include "daemon/engine/engine_impl.hpp"

#include <algorithm>

namespace raiten {

// ---- the face ---------------------------------------------------------------------------------

Engine::Engine(Setup setup, Members& members, Segments& segments)
    : impl_{std::make_unique<Impl>(std::move(setup), members, segments)}
{
}
Engine::~Engine() = default;

void Engine::restore(const Remembered& remembered)
{
    impl_->restore(remembered);
}
Consequence Engine::apply(const Event& event)
{
    return impl_->apply(event);
}
Checkpoint Engine::checkpoint()
{
    return impl_->checkpoint();
}
std::optional<Instant> Engine::next_due() const
{
    return impl_->next_due();
}
Instant Engine::now() const
{
    return impl_->now_;
}
const EngineCounts& Engine::counts() const
{
    return impl_->counts_;
}
std::size_t Engine::unsettled() const
{
    return impl_->unsettled();
}
std::vector<VisitRecord> Engine::present() const
{
    return impl_->present();
}

std::optional<ReaderId> Engine::reader(const std::string& name, bool passive)
{
    return impl_->reader(name, passive);
}

const ReaderInfo& Engine::info(ReaderId reader) const
{
    return impl_->setup_.readers.at(reader.value());
}

void Engine::replace_campaigns(std::vector<Campaign> campaigns)
{
    impl_->decisions_.replace(std::move(campaigns));
}

const std::map<std::string, Decisions::Spent>& Engine::spent() const
{
    return impl_->decisions_.spent();
}

std::uint64_t Engine::content_of(const Receipt& receipt)
{
    KeyedHash hash{0};
    hash.add(receipt.total.text()).add(receipt.currency).add(receipt.refers_to);
    if (receipt.token) hash.add(receipt.token->key.high).add(receipt.token->key.low);
    for (const auto& line : receipt.lines)
        hash.add(line.sku).add(line.name).add(line.quantity.text()).add(line.amount.text());
    return hash.value();
}

// ---- construction -----------------------------------------------------------------------------

Engine::Impl::Impl(Setup setup, Members& members, Segments& segments)
    : setup_{std::move(setup)},
      decisions_{setup_.campaigns, setup_.seed},
      members_{members},
      segments_{segments},
      readers_{setup_.readers},
      live_{setup_.rules, hearing_, setup_.rules.lateness},
      settled_{setup_.rules, hearing_, Millis{0}},
      checkins_{setup_.rules.checkin_debounce},
      settled_checkins_{setup_.rules.checkin_debounce},
      figures_{setup_.clock, setup_.rules.settle_grace + setup_.rules.lateness,
               setup_.rules.late_receipt + setup_.rules.max_visit}
{
    for (std::size_t i = 0; i < readers_.size(); ++i)
        reader_ids_[readers_[i].name] = ReaderId{static_cast<std::uint16_t>(i)};
}

std::optional<ReaderId> Engine::Impl::reader(const std::string& name, bool passive)
{
    const auto found = reader_ids_.find(name);
    if (found != reader_ids_.end()) return found->second;
    if (readers_.size() == readers_max) return std::nullopt;
    const ReaderId id{static_cast<std::uint16_t>(readers_.size())};
    readers_.push_back({name, "", passive, passive ? bluetooth_kinds : TokenKinds{}});
    reader_ids_[name] = id;
    return id;
}

Source Engine::Impl::source_of(ReaderId reader) const
{
    const auto& info = readers_.at(reader.value());
    return {info.name, info.zone, reader};
}

Hearing::Readers Engine::Impl::audible(TokenKinds kinds) const
{
    Hearing::Readers all;
    for (std::size_t i = 0; i < readers_.size(); ++i)
        if (readers_[i].passive && (readers_[i].hears & kinds) != 0) all.set(i);
    return all;
}

Hearing::Readers Engine::Impl::in_zone(std::string_view zone) const
{
    Hearing::Readers all;
    for (std::size_t i = 0; i < readers_.size(); ++i)
        if (readers_[i].zone == zone) all.set(i);
    return all;
}

// ---- events -----------------------------------------------------------------------------------

Consequence Engine::Impl::apply(const Event& told)
{
    Consequence out;
    out_ = &out;
    Event event = told;
    event.received_at = std::max(told.received_at, now_);
    if (event.at > told.received_at + setup_.rules.max_ahead) {
        event.at = told.received_at;
        ++counts_.ahead;
    }
    advance(event.received_at);
    now_ = event.received_at;
    std::visit([&](const auto& what) { on(event, what); }, event.what);
    collect();
    out_ = nullptr;
    return out;
}

void Engine::Impl::on(const Event&, const Tick&)
{
    ++counts_.ticks;
}

void Engine::Impl::on(const Event& event, const Sighting& seen)
{
    ++counts_.sightings;
    if (event.at < horizon()) {
        ++counts_.late;
        out_->verdict = Verdict::late;
        return;
    }
    const auto member = seen.token.rotating ? std::nullopt : identify(seen.token);
    if (!member) {
        if (out_->verdict == Verdict::left_out) return;
        ++(seen.token.rotating ? counts_.rotating_tokens : counts_.unknown_tokens);
        if (seen.rssi_dbm && readers_.at(seen.reader.value()).zone == "register")
            crowd_.note(seen.reader, event.at, *seen.rssi_dbm);
        out_->verdict = Verdict::unknown;
        return;
    }

    Backlog::Held held;
    held.release = held.at = event.at;
    held.member = member;
    held.reader = seen.reader;
    held.rssi_dbm = seen.rssi_dbm;
    held.content = KeyedHash{setup_.seed}
                       .add(readers_.at(seen.reader.value()).name)
                       .add(seen.token.key.high)
                       .add(seen.token.key.low)
                       .add(static_cast<std::uint64_t>(event.at.time_since_epoch().count()))
                       .add(static_cast<std::uint64_t>(seen.rssi_dbm.value_or(127)))
                       .value();
    if (!backlog_.hold(std::move(held))) {
        ++counts_.duplicates;
        out_->verdict = Verdict::duplicate;
        return;
    }
    if (seen.rssi_dbm && *seen.rssi_dbm < setup_.rules.stay_rssi_dbm) ++counts_.weak;

    Transitions transitions;
    live_.sighting(hot(*member).guest, event.at, source_of(seen.reader), seen.rssi_dbm,
                   transitions);
    on_live(transitions);
}

void Engine::Impl::on(const Event& event, const CheckIn& shown)
{
    ++counts_.checkins;
    const auto member = identify(shown.token);
    if (!member) {
        if (out_->verdict == Verdict::left_out) return;
        ++counts_.unknown_tokens;
        out_->verdict = Verdict::unknown;
        out_->reason = "nobody is enrolled with this token";
        return;
    }
    Hot& who = hot(*member);
    const bool in_time = event.at >= horizon();
    if (in_time) {
        // Held even if it is a double: the settled side has a window of its own, in event order.
        Backlog::Held held;
        held.release = held.at = event.at;
        held.member = member;
        held.reader = shown.reader;
        held.token = shown.token.key;
        held.checkin = true;
        held.content = KeyedHash{setup_.seed}
                           .add("checkin")
                           .add(readers_.at(shown.reader.value()).name)
                           .add(shown.token.key.high)
                           .add(shown.token.key.low)
                           .add(static_cast<std::uint64_t>(event.at.time_since_epoch().count()))
                           .value();
        backlog_.hold(std::move(held));
    }
    if (!checkins_.is_new(shown.reader, shown.token.key, shown.id, event.at)) {
        ++counts_.duplicates;
        out_->verdict = Verdict::duplicate;
        out_->visit = who.live;
        return;
    }
    const Source source = source_of(shown.reader);
    const Stay* stay = settled_.stay_of(*member);
    if (in_time
        || (stay && event.at >= stay->opened_at && settled_.covers(who.guest, *stay, event.at))) {
        Transitions transitions;
        live_.deliberate(who.guest, event.at, source, OpenedBy::checkin, nullptr, transitions);
        if (!in_time) {
            Transitions behind;
            settled_.deliberate(who.guest, event.at, source, OpenedBy::checkin, nullptr, behind);
        }
        on_live(transitions);
        out_->visit = who.live;
        return;
    }
    for (const auto& visit : who.record.recent) {
        if (event.at < visit.opened_at || event.at > visit.left_at + setup_.rules.settle_grace)
            continue;
        out_->visit = visit.id;
        return;
    }
    settle_alone(who, event.at, source, OpenedBy::checkin, nullptr);
}

void Engine::Impl::on(const Event& event, const ReaderState& state)
{
    ++counts_.reader_states;
    if (hearing_.up(state.reader) == state.up) {
        out_->verdict = Verdict::duplicate;
        return;
    }
    hearing_.set(state.reader, event.at, state.up);
    live_.rearm();
    settled_.rearm();
}

void Engine::Impl::on(const Event& event, const Redemption& wish)
{
    ++counts_.redemptions;
    const auto owner = members_.owner_of(wish.coupon);
    CouponRecord* coupon = owner ? coupon_of(hot(*owner), wish.coupon) : nullptr;
    if (!coupon || coupon->state == CouponState::withheld) {
        out_->verdict = Verdict::unknown;
        out_->reason = "no such coupon";
        return;
    }
    if (coupon->state == CouponState::redeemed) {
        out_->verdict = Verdict::duplicate;
        out_->reason = "already redeemed";
    } else if (coupon->state == CouponState::revoked) {
        out_->verdict = Verdict::refused;
        out_->reason = "revoked";
    } else if (coupon->state == CouponState::expired || now_ >= coupon->expires_at) {
        out_->verdict = Verdict::refused;
        out_->reason = "expired";
    } else {
        close_coupon(hot(*owner), *coupon, CouponState::redeemed, event.at, wish.where);
        effect(event.at, CouponRedeemed{*coupon});
    }
    out_->coupon = *coupon;
}

void Engine::Impl::on(const Event& event, const Delivery& shown)
{
    const auto owner = members_.owner_of(shown.coupon);
    CouponRecord* coupon = owner ? coupon_of(hot(*owner), shown.coupon) : nullptr;
    if (!coupon || coupon->state == CouponState::withheld) {
        out_->verdict = Verdict::unknown;
        out_->reason = "no such coupon";
        return;
    }
    if (coupon->state != CouponState::triggered) {
        out_->verdict = Verdict::duplicate;
    } else {
        coupon->state = CouponState::delivered;
        changed(*coupon);
        changed(hot(*owner));
        effect(event.at, CouponDelivered{*coupon, shown.channel});
    }
    out_->coupon = *coupon;
}

// ---- members and changes ----------------------------------------------------------------------

std::optional<MemberId> Engine::Impl::identify(const Token& token)
{
    const auto member = members_.member_of(token.key);
    if (!member) return std::nullopt;
    const auto& record = hot(*member).record;
    if (!record.left_out()) return member;
    ++counts_.left_out;
    out_->verdict = Verdict::left_out;
    out_->reason = !record.consent ? "the member has not agreed"
                   : record.staff  ? "staff are left out"
                                   : "left out as equipment until somebody has looked";
    return std::nullopt;
}

Engine::Impl::Hot& Engine::Impl::hot(MemberId member)
{
    touched_.insert(member);
    const auto found = hot_.find(member);
    if (found != hot_.end()) return found->second;
    Hot& made = hot_[member];
    made.record = members_.load(member);
    made.guest.id = member;
    made.guest.rank = KeyedHash{setup_.seed}.add(made.record.name).value();
    made.guest.audible = audible(made.record.kinds);
    return made;
}

VisitRecord* Engine::Impl::open_visit_of(Hot& who, VisitId id)
{
    for (auto& visit : who.open)
        if (visit.id == id) return &visit;
    return nullptr;
}

void Engine::Impl::changed(const VisitRecord& visit)
{
    for (auto& known : visits_changed_)
        if (known.id == visit.id) {
            known = visit;
            return;
        }
    visits_changed_.push_back(visit);
}

void Engine::Impl::changed(const CouponRecord& coupon)
{
    for (auto& known : coupons_changed_)
        if (known.id == coupon.id) {
            known = coupon;
            return;
        }
    coupons_changed_.push_back(coupon);
}

void Engine::Impl::effect(Instant at, decltype(Effect::what) what)
{
    out_->effects.push_back({at, std::move(what)});
}

void Engine::Impl::collect()
{
    out_->visits = std::move(visits_changed_);
    out_->coupons = std::move(coupons_changed_);
    visits_changed_.clear();
    coupons_changed_.clear();
    for (const auto member : members_changed_) out_->members.push_back(hot_.at(member).record);
    members_changed_.clear();
    for (const auto member : touched_) {
        const auto found = hot_.find(member);
        if (found != hot_.end() && found->second.open.empty() && !live_.knows(member)
            && !settled_.knows(member)) {
            hot_.erase(found);
        }
    }
    touched_.clear();
}

std::size_t Engine::Impl::unsettled() const
{
    std::size_t count = backlog_.size() + settled_.size();
    for (const auto& [id, who] : hot_) count += who.open.size();
    return count;
}

std::vector<VisitRecord> Engine::Impl::present()
{
    std::vector<VisitRecord> all;
    for (auto& [id, who] : hot_) {
        for (VisitRecord visit : who.open) {
            const Stay* stay = live_.stay_of(id);
            if (stay && who.live == visit.id) write(visit, *stay);
            all.push_back(std::move(visit));
        }
    }
    std::sort(all.begin(), all.end(), [](const VisitRecord& a, const VisitRecord& b) {
        return std::tie(a.opened_at, a.id) < std::tie(b.opened_at, b.id);
    });
    return all;
}

}  // namespace raiten

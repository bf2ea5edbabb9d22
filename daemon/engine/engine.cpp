#include "daemon/engine/engine.hpp"

#include "daemon/base/keyed_hash.hpp"
#include "daemon/base/overloaded.hpp"
#include "daemon/engine/engine_impl.hpp"

#include <algorithm>

namespace raiten {
namespace {

constexpr std::size_t waiting_max = 2'000'000;  ///< 32 MB
constexpr std::size_t waiting_of_one_max = 256;

}  // namespace

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
const std::vector<ExitTimes::Model>& Engine::exit_times() const
{
    return impl_->exit_times();
}
std::size_t Engine::unsettled() const
{
    return impl_->unsettled();
}
std::vector<Summary> Engine::figures() const
{
    return impl_->figures();
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
    impl_->replace_campaigns(std::move(campaigns));
}

void Engine::replace_models(std::shared_ptr<const scoring::Models> models)
{
    impl_->models_ = std::move(models);
}

std::shared_ptr<const scoring::Models> Engine::models() const
{
    return impl_->models_;
}

ScoreCard Engine::card(MemberId member, Instant at)
{
    return impl_->card(member, at);
}

const Decisions& Engine::decisions() const
{
    return impl_->decisions_;
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

VisitId Engine::visit_id(std::uint64_t seed, const std::string& member, std::uint32_t ordinal)
{
    return VisitId{KeyedHash{seed}.add("visit").add(member).add(ordinal).value()};
}

// ---- construction -----------------------------------------------------------------------------

Engine::Impl::Impl(Setup setup, Members& members, Segments& segments)
    : setup_{std::move(setup)},
      decisions_{{setup_.campaign_rules, setup_.seed, setup_.tenant_seed}, setup_.campaigns},
      members_{members},
      segments_{segments},
      readers_{setup_.readers},
      readers_configured_{setup_.readers.size()},
      exits_{setup_.rules},
      live_{{setup_.rules, hearing_, sources_, exits_}, setup_.rules.lateness, false},
      settled_{{setup_.rules, hearing_, sources_, exits_}, Millis{0}, true},
      checkins_{setup_.rules.checkin_debounce},
      settled_checkins_{setup_.rules.checkin_debounce},
      figures_{setup_.clock,
               {setup_.rules.settle_grace + setup_.rules.lateness,
                setup_.rules.late_receipt + setup_.rules.max_visit, setup_.sketch_key,
                setup_.currency, setup_.k_anonymity,
                [this](Instant from, Instant to) { return observed_minutes(from, to); }}}
{
    for (std::size_t i = 0; i < readers_.size(); ++i) {
        const ReaderId id{static_cast<std::uint16_t>(i)};
        reader_ids_[readers_[i].name] = id;
        sources_.push_back({readers_[i].name, readers_[i].zone, id});
    }
    planned_leads_ = decisions_.leads();
}

std::optional<ReaderId> Engine::Impl::reader(const std::string& name, bool passive)
{
    const auto found = reader_ids_.find(name);
    if (found != reader_ids_.end()) return found->second;
    if (readers_.size() == readers_max) return std::nullopt;
    const ReaderId id{static_cast<std::uint16_t>(readers_.size())};
    readers_.push_back({name, "", passive, passive ? bluetooth_kinds : TokenKinds{}});
    reader_ids_[name] = id;
    sources_.push_back({name, "", id});
    return id;
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

/// Of the clock's minutes in [from, to), those in any part of which a passive reader listened.
std::uint32_t Engine::Impl::observed_minutes(Instant from, Instant to) const
{
    using std::chrono::minutes;
    Hearing::Readers passive;
    for (std::size_t i = 0; i < readers_.size(); ++i)
        if (readers_[i].passive) passive.set(i);
    const auto all = static_cast<std::uint32_t>(std::chrono::ceil<minutes>(to - from).count());
    if (hearing_.listened(passive, from, to) == to - from) return all;
    std::uint32_t sum = 0;
    for (Instant minute = from; minute < to; minute += minutes{1})
        if (hearing_.listened(passive, minute, std::min(to, minute + minutes{1})) > Millis{0})
            ++sum;
    return sum;
}

// ---- events -----------------------------------------------------------------------------------

Consequence Engine::Impl::apply(const Event& told)
{
    Consequence out;
    out_ = &out;
    const bool ahead = told.at > told.received_at + setup_.rules.max_ahead;
    const Instant received_at = std::max(told.received_at, now_);
    advance(received_at);
    now_ = received_at;
    const auto take = [&](const Event& event) {
        std::visit([&](const auto& what) { on(event, what); }, event.what);
    };
    if (ahead || received_at != told.received_at) {
        Event event = told;
        event.received_at = received_at;
        if (ahead) {
            event.at = told.received_at;
            ++counts_.ahead;
        }
        take(event);
    } else {
        take(told);
    }
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
    Hot* const who = seen.token.rotating ? nullptr : identify(seen.token);
    if (!who) {
        if (out_->verdict == Verdict::left_out) return;
        ++(seen.token.rotating ? counts_.rotating_tokens : counts_.unknown_tokens);
        figures_.note_anonymous(seen.token, event.at, now_);
        if (seen.rssi_dbm && source_of(seen.reader).zone == register_zone)
            crowd_.note(seen.reader, event.at, *seen.rssi_dbm);
        out_->verdict = Verdict::unknown;
        return;
    }

    // Both are looked at below, and neither is likely to be in the cache.
    __builtin_prefetch(who->live);
    __builtin_prefetch(who->settled);
    Glimpse glimpse{event.at, static_cast<std::uint32_t>(seen.token.key.low), seen.reader,
                    Glimpse::unknown_dbm, exits_.place(seen.token.model)};
    if (seen.rssi_dbm)
        glimpse.rssi_dbm = static_cast<std::int8_t>(std::clamp<int>(*seen.rssi_dbm, -127, 126));
    if (!settled_.later(*who->settled, glimpse)) {
        ++counts_.duplicates;
        out_->verdict = Verdict::duplicate;
        return;
    }
    if (glimpse.rssi_dbm < setup_.rules.stay_rssi_dbm) ++counts_.weak;

    Transitions transitions;
    live_.sighting(*who->live, glimpse, transitions);
    on_live(transitions);
    make_room(*who);
}

/// What waits for its turn is bounded, in all and for each member.
void Engine::Impl::make_room(Hot& who)
{
    Transitions transitions;
    if (settled_.waiting() > waiting_max) {
        settled_.catch_up(horizon(), transitions);
        if (settled_.waiting() > waiting_max / 2) {
            // Too much even so: all takes its turn early.
            while (settled_.next_due() && *settled_.next_due() < now_)
                if (const auto whose = settled_.fire(transitions)) hot(*whose);
            settled_.catch_up(now_, transitions);
        }
    } else if (who.settled->waiting.size() >= waiting_of_one_max) {
        settled_.catch_up(*who.settled, horizon(), transitions);
    }
    on_settled(transitions);
}

void Engine::Impl::on(const Event& event, const CheckIn& shown)
{
    ++counts_.checkins;
    Hot* const known = identify(shown.token);
    if (!known) {
        if (out_->verdict == Verdict::left_out) return;
        ++counts_.unknown_tokens;
        out_->verdict = Verdict::unknown;
        out_->reason = "nobody is enrolled with this token";
        return;
    }
    Hot& who = *known;
    const MemberId member = who.record.id;
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
        out_->visit = who.current;
        return;
    }
    const Source& source = source_of(shown.reader);
    const Stay* stay = in_time ? nullptr : settled_stay(who);
    if (in_time
        || (stay && event.at >= stay->opened_at
            && settled_.covers(*who.settled, *stay, event.at))) {
        Transitions transitions;
        live_.deliberate(*who.live, event.at, source, OpenedBy::checkin, nullptr, transitions);
        if (!in_time) {
            Transitions behind;
            settled_.deliberate(*who.settled, event.at, source, OpenedBy::checkin, nullptr, behind);
        }
        on_live(transitions);
        out_->visit = who.current;
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
    if (!hearing_.set(state.reader, event.at, state.up)) {
        out_->verdict = Verdict::duplicate;
        return;
    }
    live_.rearm();
    settled_.rearm();
}

}  // namespace raiten

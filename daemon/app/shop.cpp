#include "daemon/app/shop.hpp"

#include "daemon/app/journal.hpp"
#include "daemon/base/overloaded.hpp"
#include "daemon/ledger/state_table.hpp"

#include <algorithm>
#include <iterator>

namespace raiten::app {

Shop::Shop(Setup setup, Pseudonyms& pseudonyms, Segments& segments, ledger::Ledger* ledger,
           Callbacks callbacks)
    : setup_{std::move(setup)},
      pseudonyms_{pseudonyms},
      ledger_{ledger},
      callbacks_{std::move(callbacks)},
      engine_{setup_.engine, ledger ? ledger->members() : memory_, segments}
{
}

Members& Shop::members()
{
    if (ledger_) return ledger_->members();
    return memory_;
}

Result<Shop::Resumed> Shop::resume()
{
    cursor_ = ledger_->next_cursor() - 1;
    for (const Lane lane : lanes) {
        const auto head = ledger_->lane_head(lane);
        if (!head) return head.error();
        sequence_[static_cast<std::size_t>(lane)] = head->next - 1;
    }
    const auto state = ledger_->engine_state();
    if (!state) return state.error();
    Resumed how;
    if (state->has_value()) {
        const auto taken = engine_.restore(**state);
        how.whole = taken.has_value();
        if (!taken) how.refused = taken.error();
    }
    if (!how.whole) {
        const auto remembered = ledger_->remember();
        if (!remembered) return remembered.error();
        engine_.restore(*remembered);
    }
    return how;
}

// ---- in ---------------------------------------------------------------------------------------

Result<Event> Shop::event_of(const RawEvent& raw, Instant received)
{
    Event event{raw.at.value_or(received), received, Tick{}};
    const auto reader = [&](const std::string& name, bool passive) -> Result<ReaderId> {
        if (const auto id = engine_.reader(name, passive)) return *id;
        return Problem{"more than 256 readers", name, "configure the readers that there are"};
    };
    const auto token = [&](const std::string& text, bool rotating) {
        return pseudonyms_.heard(text, rotating, event.at);
    };
    Result<void> good;
    const auto refuse = [&](const Problem& problem) { good = problem; };
    std::visit(overloaded{
                   [&](const RawSighting& s) {
                       const auto id = reader(s.reader, true);
                       const auto key = token(s.token, s.rotating);
                       if (!id) return refuse(id.error());
                       if (!key) return refuse(key.error());
                       event.what = Sighting{*id, *key, s.rssi_dbm};
                   },
                   [&](const RawCheckIn& c) {
                       const auto id = reader(c.reader, false);
                       const auto key = token(c.token, false);
                       if (!id) return refuse(id.error());
                       if (!key) return refuse(key.error());
                       event.what = CheckIn{*id, *key, c.id};
                   },
                   [&](const RawReceipt& r) {
                       Receipt receipt{r.pos,   r.number,   r.kind,      {},
                                       r.total, r.currency, r.refers_to, {}};
                       if (receipt.currency.empty()) receipt.currency = setup_.sender.currency;
                       if (!r.token.empty()) {
                           const auto key = token(r.token, false);
                           if (!key) return refuse(key.error());
                           receipt.token = *key;
                       }
                       for (const auto& line : r.lines)
                           receipt.lines.push_back(
                               {line.sku, line.name, line.quantity, line.amount, line.category});
                       event.what = std::move(receipt);
                   },
                   [&](const RawReaderState& s) {
                       const auto id = reader(s.reader, true);
                       if (!id) return refuse(id.error());
                       event.what = ReaderState{*id, s.up, s.reason};
                   },
                   [&](const RawTick&) { event.at = std::min(event.at, received); },
               },
               raw.what);
    if (!good) return good.error();
    return event;
}

void Shop::admit(const RawEvent& raw, Instant received, const Done& done)
{
    const auto event = event_of(raw, received);
    if (!event) return done(event.error());
    apply(*event, true, done);
}

void Shop::redeem(CouponId coupon, const std::string& where, Instant at, const Done& done)
{
    apply({at, at, Redemption{coupon, where}}, true, done);
}

void Shop::deliver(CouponId coupon, const std::string& channel, Instant at, const Done& done)
{
    apply({at, at, Delivery{coupon, channel}}, true, done);
}

void Shop::set_consent(const MemberRecord& member, bool consent, std::optional<Channels> channels,
                       Instant at, const Done& done)
{
    // The directory first: a crash in between leaves a member who is not tracked, and the caller
    // without an answer.
    const ledger::Enrolment basics{member.name,        member.staff, consent,
                                   member.birth_month, {},           channels};
    if (const auto told = enrol({basics}, {}); !told) return done(told.error());
    apply({at, at, MemberNotice{member.id, member.name, MemberNotice::What::consent_changed}}, true,
          done);
}

void Shop::set_equipment(const MemberRecord& member, bool confirmed, Instant at, const Done& done)
{
    using What = MemberNotice::What;
    apply({at, at,
           MemberNotice{member.id, member.name,
                        confirmed ? What::equipment_confirmed : What::equipment_rejected}},
          true, done);
}

void Shop::grant(const LeaseGrant& grant, Instant at, const Done& done)
{
    apply({at, at, grant}, true, done);
}

void Shop::take_survey(const SurveyAnswer& answer, Instant at, const Done& done)
{
    ledger::Batch batch;
    std::vector<Told> told;
    std::optional<MemberId> member;
    if (answer.member) {
        member = answer.member->id;
        const Event event{at, at,
                          SurveyAnswered{answer.member->id, answer.member->name,
                                         std::to_string(at.time_since_epoch().count()),
                                         answer.score, answer.visit}};
        gather(event, engine_.apply(event), batch, told);
        batch.engine_time = engine_.now();
    } else {
        batch.journal.push_back(survey_entry(answer, at, setup_.sender));
    }
    batch.surveys.push_back(
        {at, setup_.sender.clock.day_of(at), answer.score, member, answer.visit});
    commit(std::move(batch), std::move(told), [done](const Result<void>& how) {
        if (how) return done(Answer{});
        done(how.error());
    });
}

void Shop::take_scores(NightSlice slice, Instant at, std::function<void(bool durable)> done,
                       bool awaited)
{
    ledger::Batch batch;
    std::vector<Told> told;
    const auto tell = [&](const auto& each) {
        const Event event{at, at, each};
        gather(event, engine_.apply(event), batch, told);
    };
    for (const auto& move : slice.moves) tell(move);
    for (const auto& forecast : slice.forecasts) tell(forecast);
    for (const auto& birthday : slice.birthdays) tell(birthday);
    batch.scores = std::move(slice.scores);
    batch.unscored = std::move(slice.unscored);
    batch.engine_time = engine_.now();
    batch.awaited = awaited;
    commit(std::move(batch), std::move(told),
           [done = std::move(done)](const Result<void>& how) { done(how.has_value()); });
    if (callbacks_.applied) callbacks_.applied();
}

void Shop::take_models(const NightOut& night)
{
    engine_.replace_models(night.models);
    ledger::Batch batch;
    batch.models = night.versions;
    batch.scored_day = night.day;
    batch.awaited = false;
    commit(std::move(batch), {}, {});
}

void Shop::put_model(ledger::ModelRow row, std::function<void(const Result<void>&)> done)
{
    ledger::Batch batch;
    batch.models.push_back(std::move(row));
    commit(std::move(batch), {}, std::move(done));
}

void Shop::tick(Instant now)
{
    apply({now, now, Tick{}}, false, [](const Result<Answer>&) {});
}

void Shop::tick(Instant now, const Done& done)
{
    apply({now, now, Tick{}}, true, done);
}

void Shop::apply(const Event& event, bool awaited, const Done& done)
{
    Consequence what = engine_.apply(event);
    if (callbacks_.applied) callbacks_.applied();
    Answer answer{what.verdict, std::move(what.reason), what.visit, std::move(what.coupon)};
    ledger::Batch batch;
    std::vector<Told> told;
    gather(event, std::move(what), batch, told);
    batch.awaited = awaited && !std::holds_alternative<Sighting>(event.what);

    const bool nothing_new = batch.journal.empty() && batch.visits.empty() && batch.members.empty()
                             && batch.receipts.empty() && batch.exits.empty() && told.empty();
    // What somebody was told before is known for good only when all on its way is durable.
    const bool relied_on = batch.awaited && under_way_ > 0;
    if (nothing_new && !relied_on) return done(answer);
    batch.engine_time = engine_.now();
    commit(std::move(batch), std::move(told),
           [answer = std::move(answer), done](const Result<void>& how) {
               if (how) return done(answer);
               done(how.error());
           });
}

void Shop::checkpoint()
{
    Checkpoint changed = engine_.checkpoint();
    if (!ledger_) return;
    ledger::Batch batch;
    if (!changed.visits.empty())
        batch.journal.push_back(presence_entry(changed.visits, engine_.now(), setup_.sender));
    batch.visits = std::move(changed.visits);
    batch.summaries = std::move(changed.summaries);
    batch.exits = std::move(changed.exits);
    batch.campaigns_learned = std::move(changed.campaigns_learned);
    batch.engine_time = engine_.now();
    batch.awaited = false;
    commit(std::move(batch), {}, {});
}

Result<std::size_t> Shop::leave_state()
{
    if (!ledger_) return 0;
    ledger::Batch batch;
    batch.engine_state = engine_.snapshot();
    const auto bytes = batch.engine_state->size();
    if (bytes > ledger::engine_state_bytes_max)
        return Problem{"the engine's state is too large to be kept whole",
                       {},
                       "the next start goes by the tables"};
    batch.engine_time = engine_.now();
    batch.awaited = false;
    commit(std::move(batch), {}, {});
    return bytes;
}

Result<void> Shop::enrol(const std::vector<ledger::Enrolment>& members,
                         std::function<void(const Result<void>&)> done)
{
    if (ledger_) {
        const auto made = ledger_->enrol(members, std::move(done));
        if (!made) return made.error();
        return {};
    }
    for (const auto& each : members)
        if (const auto good = memory_.enrol(each.name, each.staff, each.consent, each.birth_month,
                                            each.tokens, each.channels);
            !good) {
            return good.error();
        }
    if (done) done({});
    return {};
}

// ---- out --------------------------------------------------------------------------------------

/// Whatever follows from an event, timers that fell due by then included, goes into the batch.
void Shop::gather(const Event& event, Consequence what, ledger::Batch& batch,
                  std::vector<Told>& told)
{
    keep_inputs(event, what, batch);
    number(what, batch, told);
    const auto append = [](auto& to, auto& from) {
        to.insert(to.end(), std::move_iterator{from.begin()}, std::move_iterator{from.end()});
    };
    append(batch.visits, what.visits);
    append(batch.members, what.members);
    append(batch.coupons, what.coupons);
    append(batch.exits, what.exits);
    append(batch.leases, what.leases);
}

void Shop::keep_inputs(const Event& event, const Consequence& what, ledger::Batch& batch) const
{
    const bool admitted = what.verdict == Verdict::accepted;
    const auto journal = [&] {
        batch.journal.push_back(journal_entry(event, engine_, setup_.sender));
    };
    std::visit(overloaded{
                   [](const Sighting&) {},
                   [&](const CheckIn& shown) {
                       if (!admitted) return;
                       journal();
                       batch.checkins.push_back(
                           {engine_.info(shown.reader).name, shown.token.key, shown.id, event.at});
                   },
                   [&](const Receipt& receipt) {
                       // A card that nobody enrolled is still a receipt of this store.
                       if (!admitted && what.verdict != Verdict::unknown) return;
                       journal();
                       batch.receipts.push_back(
                           {{receipt.pos, receipt.number, receipt.kind,
                             setup_.sender.clock.day_of(event.at), Engine::content_of(receipt),
                             event.at, receipt.total, receipt.refers_to},
                            receipt.currency,
                            receipt.lines});
                   },
                   [&](const ReaderState& state) {
                       if (!admitted) return;
                       journal();
                       const auto& info = engine_.info(state.reader);
                       batch.readers.push_back(
                           {info.name, info.passive, state.up, state.reason, event.at});
                   },
                   [&](const Redemption&) {
                       if (admitted) journal();
                   },
                   [&](const Delivery&) {
                       if (admitted) journal();
                   },
                   [&](const MemberNotice&) { journal(); },
                   [&](const StageMove&) {
                       if (admitted) journal();
                   },
                   // The ledger's scores say it again.
                   [](const VisitForecast&) {},
                   [&](const Birthday&) {
                       if (!what.effects.empty()) journal();
                   },
                   [&](const SurveyAnswered&) { journal(); },
                   [&](const LeaseGrant&) { journal(); },
                   [&](const Tick&) {
                       if (!what.effects.empty()) journal();
                   },
               },
               event.what);
}

bool Shop::goes_to_hq(const Effect& effect) const
{
    if (!setup_.hq) return false;
    const auto* issued = std::get_if<SummaryIssued>(&effect.what);
    if (issued && !issued->summary.disclosed.told) return false;  // it stays in the store
    // "raiten.visit.opened.v1" belongs to "visit".
    const auto type = type_of(effect).substr(std::string_view{"raiten."}.size());
    // What HQ leased it must hear of, like the coupons that use it up.
    const auto kind = std::holds_alternative<LeaseReported>(effect.what)
                          ? std::string_view{"coupon"}
                          : std::string_view{type}.substr(0, type.find('.'));
    const auto& wanted = setup_.hq_events;
    return std::find(wanted.begin(), wanted.end(), kind) != wanted.end();
}

void Shop::number(const Consequence& what, ledger::Batch& batch, std::vector<Told>& told)
{
    for (const auto& effect : what.effects) {
        Told each{++cursor_, type_of(effect), {}};
        each.json = envelope(effect, setup_.sender, StreamPlace{each.cursor});
        if (ledger_) {
            batch.stream.push_back({each.cursor, effect.at, each.type, id_of(effect), each.json});
            if (const auto* issued = std::get_if<SummaryIssued>(&effect.what))
                batch.summaries.push_back(issued->summary);
        }
        if (goes_to_hq(effect)) {
            const Lane lane = lane_of(effect);
            const auto sequence = ++sequence_[static_cast<std::size_t>(lane)];
            batch.outbox.push_back({lane,
                                    sequence,
                                    each.type,
                                    envelope(effect, setup_.sender, LanePlace{lane, sequence}),
                                    expiry_of(effect),
                                    {}});
        }
        told.push_back(std::move(each));
        if (callbacks_.noted) callbacks_.noted(effect);
    }
}

void Shop::commit(ledger::Batch batch, std::vector<Told> told,
                  std::function<void(const Result<void>&)> done)
{
    std::array<bool, lanes.size()> grew{};
    for (const auto& entry : batch.outbox) grew[static_cast<std::size_t>(entry.lane)] = true;
    ++under_way_;
    auto finish = [this, grew, told = std::move(told),
                   done = std::move(done)](const Result<void>& how) {
        --under_way_;
        if (how) {
            for (const auto& each : told)
                if (callbacks_.publish) callbacks_.publish(each);
            for (const Lane lane : lanes)
                if (grew[static_cast<std::size_t>(lane)] && callbacks_.outbox_grew)
                    callbacks_.outbox_grew(lane);
        } else if (callbacks_.trouble) {
            callbacks_.trouble(how.error());
        }
        if (done) done(how);
    };
    if (ledger_) return ledger_->commit(std::move(batch), std::move(finish));
    for (auto& member : batch.members) memory_.put(std::move(member));
    for (const auto& visit : batch.visits) memory_.put(visit);
    for (const auto& coupon : batch.coupons) memory_.put(coupon);
    for (const auto& receipt : batch.receipts) memory_.put(receipt);
    for (const auto& reader : batch.readers) memory_.put(reader);
    for (auto& row : batch.scores) memory_.put(std::move(row));
    for (const auto member : batch.unscored) memory_.drop_score(member);
    finish({});
}

}  // namespace raiten::app

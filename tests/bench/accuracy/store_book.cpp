#include "tests/bench/accuracy/store_book.hpp"

#include "daemon/app/memory_members.hpp"
#include "daemon/base/keyed_hash.hpp"
#include "daemon/base/overloaded.hpp"
#include "daemon/engine/engine.hpp"
#include "daemon/simulator/store.hpp"
#include "tests/support/same_segments.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>
#include <tuple>
#include <unordered_map>

namespace raiten::accuracy {
namespace {

using simulator::Arrival;
using simulator::Day;
using simulator::Store;

/// Which receipt: register, number, business day.
using Key = std::tuple<std::string, std::string, std::chrono::sys_days>;

Token token_of(const simulator::Tag& tag)
{
    return {{KeyedHash{1}.add(tag.token).value(), KeyedHash{2}.add(tag.token).value()},
            tag.kind,
            tag.rotating};
}

/// A coupon for everybody who is back, without limits and without control.
Campaign back_again()
{
    Campaign campaign;
    campaign.id = "back";
    campaign.moment = Moment::non_purchase_return;
    campaign.offers = {{"O", {{"en", "welcome back"}}, {}, {}, ""}};
    campaign.control = 0;
    return campaign;
}

Engine::Setup setup_of(const Store& store, const VisitRules& rules)
{
    Engine::Setup setup;
    setup.rules = rules;
    setup.clock = store.scenario().clock;
    for (const auto& reader : store.plan().readers) {
        const bool passive = reader.kind == simulator::Reader::Kind::bluetooth;
        setup.readers.push_back({reader.name, std::string{text_of(reader.zone)}, passive,
                                 passive ? bluetooth_kinds : TokenKinds{}});
    }
    setup.campaigns = {back_again()};
    setup.seed = 1;
    return setup;
}

class Keeper {
 public:
    Keeper(const simulator::Scenario& scenario, std::uint64_t seed, const VisitRules& rules)
        : store_{scenario, seed}, engine_{setup_of(store_, rules), members_, segments_}
    {
        book_.advertising = scenario.advertising;
        book_.reception = scenario.reception;
        const auto& tags = store_.tags();
        for (const auto& tag : tags) tokens_.push_back(token_of(tag));
        const auto& people = store_.people();
        for (std::uint32_t n = 0; n < people.size(); ++n) {
            std::vector<Token> own;
            for (const auto tag : people[n].tags) own.push_back(tokens_[tag]);
            if (!members_.enrol(people[n].name, people[n].staff, people[n].consent,
                                people[n].birth_month, own))
                throw std::runtime_error{"cannot enrol " + people[n].name};
            numbers_[people[n].name] = n;
        }
        for (const auto& reader : store_.plan().readers)
            readers_.push_back(
                *engine_.reader(reader.name, reader.kind == simulator::Reader::Kind::bluetooth));
    }

    void live(std::uint32_t number)
    {
        store_.day(number, day_);
        const auto own = tokens_.size();
        for (const auto& tag : day_.strangers) tokens_.push_back(token_of(tag));
        told_.assign(day_.slips.size(), 0);
        for (const auto& arrival : day_.arrivals) tell(event_of(arrival));
        tokens_.resize(own);
        note_truth();
    }

    StoreBook close()
    {
        while (engine_.unsettled() > 0) {
            const auto due = engine_.next_due();
            if (!due) break;
            tell({*due + Millis{1}, *due + Millis{1}, Tick{}});
        }
        std::size_t listeners = 0;
        for (const auto& reader : store_.plan().readers)
            listeners += reader.kind == simulator::Reader::Kind::bluetooth ? 1U : 0U;
        book_.deaf = Deaf{listeners, std::move(down_)};
        for (const auto& [id, visit] : visits_) note_found(visit);
        for (const auto& [id, trigger] : triggers_) book_.triggers.push_back(trigger);
        std::sort(book_.triggers.begin(), book_.triggers.end(),
                  [](const Trigger& a, const Trigger& b) {
                      return std::tie(a.decided, a.visit) < std::tie(b.decided, b.visit);
                  });
        return std::move(book_);
    }

 private:
    Event event_of(const Arrival& arrival)
    {
        Event event{arrival.at, arrival.received_at, Tick{}};
        const auto reader = readers_[arrival.reader];
        switch (arrival.kind) {
            case Arrival::Kind::sighting:
                event.what = Sighting{reader, tokens_[arrival.number], arrival.rssi_dbm};
                break;
            case Arrival::Kind::check_in:
                event.what = CheckIn{reader, tokens_[arrival.number], ""};
                break;
            case Arrival::Kind::receipt:
                event.what = receipt_of(day_.slips[arrival.number]);
                if (told_[arrival.number] == 0) told_[arrival.number] = book_.events + 1;
                break;
            case Arrival::Kind::reader_up:
            case Arrival::Kind::reader_down:
                event.what = ReaderState{reader, arrival.kind == Arrival::Kind::reader_up, ""};
                break;
        }
        return event;
    }

    Receipt receipt_of(const simulator::Slip& slip) const
    {
        Receipt out;
        out.pos = store_.plan().readers[slip.reader].name;
        out.number = slip.number;
        out.kind = slip.kind;
        if (slip.card) out.token = tokens_[*slip.card];
        out.total = slip.total;
        out.currency = "JPY";
        out.refers_to = slip.refers_to;
        return out;
    }

    void tell(const Event& event)
    {
        ++book_.events;
        auto out = engine_.apply(event);
        for (auto& record : out.members) members_.put(std::move(record));
        for (const auto& effect : out.effects) {
            if (const auto* settled = std::get_if<VisitSettled>(&effect.what)) {
                visits_.insert_or_assign(settled->visit.id, settled->visit);
            } else if (const auto* amended = std::get_if<VisitAmended>(&effect.what)) {
                if (amended->visit.close_reason == CloseReason::withdrawn) {
                    visits_.erase(amended->visit.id);
                } else {
                    visits_.insert_or_assign(amended->visit.id, amended->visit);
                }
            } else if (const auto* triggered = std::get_if<CouponTriggered>(&effect.what)) {
                triggers_[triggered->coupon.id] = {
                    number_of(*triggered->coupon.visit), book_.events, {}};
            } else if (const auto* revoked = std::get_if<CouponRevoked>(&effect.what)) {
                triggers_[revoked->coupon.id].revoked = book_.events;
            }
        }
    }

    static std::uint64_t number_of(VisitId id) { return id.value(); }

    Key key_of(const simulator::Slip& slip) const
    {
        return {store_.plan().readers[slip.reader].name, slip.number,
                store_.scenario().clock.day_of(slip.at)};
    }

    /// Nobody else, member or not, spent 20 s at the tills within 20 s of it, and somebody
    /// listened there.
    bool alone(const simulator::Slip& slip, std::uint32_t person) const
    {
        constexpr Millis around{std::chrono::seconds{20}};
        bool self = false;
        for (const auto& visit : day_.truth.visits) {
            Millis there{};
            for (const auto& stay : visit.zones)
                if (stay.zone == simulator::Zone::till)
                    there += std::max(Millis{0}, std::min(stay.span.to, slip.at + around)
                                                     - std::max(stay.span.from, slip.at - around));
            if (there < around) continue;
            if (visit.person != person) return false;
            self = !visit.tags.empty();
        }
        const auto deaf = [&](const simulator::Outage& outage) {
            return store_.plan().readers[outage.reader].zone == simulator::Zone::till
                   && outage.span.from <= slip.at + around && outage.span.to >= slip.at - around;
        };
        return self && std::none_of(day_.truth.outages.begin(), day_.truth.outages.end(), deaf);
    }

    void note_truth()
    {
        for (const auto& outage : day_.truth.outages)
            down_.push_back({outage.span.from, outage.span.to});
        std::set<Key> undone;
        for (const auto& slip : day_.slips) {
            if (slip.kind == ReceiptKind::sale) continue;
            auto sale = slip;
            sale.number = slip.refers_to;
            undone.insert(key_of(sale));
        }
        for (const auto& purchase : day_.truth.purchases) {
            const auto& slip = day_.slips[purchase.slip];
            if (slip.kind != ReceiptKind::sale) continue;
            owners_[key_of(slip)] = purchase.person;
            const bool member = purchase.person && store_.people()[*purchase.person].consent;
            if (member && !slip.card && !undone.contains(key_of(slip))) ++book_.nameless_sales;
        }
        for (const auto& visit : day_.truth.visits) {
            if (!visit.person) continue;
            const auto& person = store_.people()[*visit.person];
            if (person.staff || person.fixture || !person.consent) continue;
            TrueVisit row{{*visit.person, {visit.span.from, visit.span.to}, !visit.tags.empty()},
                          visit.bought,
                          {}};
            for (const auto number : visit.slips) {
                const auto& slip = day_.slips[number];
                if (undone.contains(key_of(slip))) continue;
                row.sales.push_back(
                    {slip.card.has_value(), alone(slip, *visit.person), told_[number]});
            }
            book_.inaudible += row.visit.audible ? 0U : 1U;
            book_.truth.push_back(std::move(row));
        }
    }

    void note_found(const VisitRecord& visit)
    {
        const auto person = numbers_.at(visit.member_name);
        if (store_.people()[person].fixture) {
            ++book_.of_fixtures;
            return;
        }
        FoundVisit row{{person, {visit.opened_at, visit.left_at}, visit.passive},
                       number_of(visit.id),
                       visit.streak > 0,
                       visit.outcome() == VisitOutcome::purchase,
                       0,
                       0};
        for (const auto& receipt : visit.receipts) {
            if (receipt.attribution != Attribution::inferred) continue;
            ++row.inferred;
            const auto owner = owners_.find({receipt.pos, receipt.number, receipt.day});
            const bool right = owner != owners_.end() && owner->second == person;
            row.inferred_wrong += right ? 0U : 1U;
            book_.nameless_given += right && receipt.counts() ? 1U : 0U;
        }
        book_.found.push_back(row);
        book_.records.push_back(visit);
    }

    Store store_;
    app::MemoryMembers members_;
    raiten::test::SameSegments segments_;
    Engine engine_;
    Day day_;
    std::vector<Token> tokens_;  ///< by tag
    std::vector<ReaderId> readers_;
    std::map<std::string, std::uint32_t> numbers_;
    std::vector<std::size_t> told_;  ///< by slip of the day
    std::vector<Stretch> down_;
    std::map<Key, std::optional<std::uint32_t>> owners_;
    std::map<VisitId, VisitRecord> visits_;
    std::map<CouponId, Trigger> triggers_;
    StoreBook book_;
};

}  // namespace

StoreBook keep_book(const simulator::Scenario& scenario, std::uint64_t seed, std::uint32_t days,
                    const VisitRules& rules)
{
    Keeper keeper{scenario, seed, rules};
    for (std::uint32_t day = 0; day < days; ++day) keeper.live(day);
    return keeper.close();
}

}  // namespace raiten::accuracy

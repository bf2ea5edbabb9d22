#include "daemon/simulator/store.hpp"

#include "daemon/simulator/air.hpp"
#include "daemon/simulator/arrival_order.hpp"
#include "daemon/simulator/dice.hpp"
#include "daemon/simulator/outage.hpp"
#include "daemon/simulator/people.hpp"
#include "daemon/simulator/rhythm.hpp"
#include "daemon/simulator/street.hpp"
#include "daemon/simulator/till.hpp"

#include <algorithm>

namespace raiten::simulator {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr double strangers_conversion = 0.35;
constexpr double bluetooth_off = 0.03;    // share of visits
constexpr double checks_in = 0.25;        // of those with something to show, each visit
constexpr Millis visits_apart{hours{3}};  // from entry to entry of one person
constexpr double fixture_x = 2.5;
constexpr double fixture_y = 7;

}  // namespace

/// The parts, and the one day at hand.
struct Store::Rooms {
    Rooms(Scenario given, std::uint64_t from)
        : scenario{std::move(given)},
          seed{from},
          plan{plain_shop()},
          people{make_people(scenario, seed)},
          rhythms{scenario, seed},
          air{scenario, plan, seed},
          tills{scenario, plan, people, seed},
          street{scenario, plan, people.list, people.tags, seed}
    {
    }

    void make(std::uint32_t number, Day& day);

    Scenario scenario;
    std::uint64_t seed;
    FloorPlan plan;
    People people;
    Rhythms rhythms;
    Air air;
    Tills tills;
    Street street;

 private:
    void clear(std::uint32_t number, Day& day) const;
    Instant wall(const Day& day, Millis time) const;
    void outages(Day& day);
    void members(const Day& day);
    void strangers(const Day& day);
    void shop(Day& day, StrangersDevice& devices);
    void check_in(const Visitor& visitor, Dice& dice, Day& day) const;
    void crew(Day& day);
    void receipts(Day& day) const;

    std::vector<Intent> intents_;
    std::vector<Visitor> visitors_;
};

void Store::Rooms::clear(std::uint32_t number, Day& day) const
{
    day.number = number;
    day.date = scenario.first_day + std::chrono::days{number};
    day.arrivals.clear();
    day.slips.clear();
    day.strangers.clear();
    day.truth = {};
    day.span.from = wall(day, Millis{0});
    day.span.to = wall(day, hours{24});
}

Instant Store::Rooms::wall(const Day& day, Millis time) const
{
    const Instant shown = Instant{day.date} + time;
    return scenario.clock.instant_of(shown, shown);
}

void Store::Rooms::make(std::uint32_t number, Day& day)
{
    clear(number, day);
    outages(day);
    air.begin_day(day.span, day.truth.outages);
    visitors_.clear();
    members(day);
    strangers(day);
    std::sort(visitors_.begin(), visitors_.end(), [](const Visitor& a, const Visitor& b) {
        return std::tuple{a.errand.entry(), a.person, a.draw}
               < std::tuple{b.errand.entry(), b.person, b.draw};
    });
    tills.serve(visitors_, day);
    StrangersDevice devices{day, static_cast<std::uint32_t>(people.tags.size())};
    shop(day, devices);
    street.pass(day, wall(day, hours{12}), air, devices);
    crew(day);
    receipts(day);
    put_in_order_of_arrival(seed, scenario, day, day.arrivals);
}

void Store::Rooms::outages(Day& day)
{
    using Kind = Arrival::Kind;
    for (std::uint16_t reader = 0; reader < bluetooth_readers; ++reader) {
        if (day.number == 0)
            day.arrivals.push_back({day.span.from, day.span.from, 0, reader, 0, Kind::reader_up});
        for (auto& one : outages_of(seed, reader, day.number, day.span, scenario.outages_per_day)) {
            day.arrivals.push_back({one.span.from, one.span.from, 0, reader, 0, Kind::reader_down});
            day.arrivals.push_back({one.span.to, one.span.to, 0, reader, 0, Kind::reader_up});
            day.truth.outages.push_back(one);
        }
    }
    std::sort(day.truth.outages.begin(), day.truth.outages.end(),
              [](const Outage& a, const Outage& b) {
                  return std::pair{a.span.from, a.reader} < std::pair{b.span.from, b.reader};
              });
}

void Store::Rooms::members(const Day& day)
{
    rhythms.on_day(day.number, intents_);
    const auto weekday = std::chrono::weekday{day.date}.c_encoding();
    std::optional<Intent> before;
    Instant entered_before;
    for (const auto& intent : intents_) {
        auto dice = dice_for(seed, Purpose::visit, {intent.person, intent.ordinal});
        const auto entry = wall(day, entry_time(seed, intent.person, weekday, dice.word()));
        const bool again = before && before->person == intent.person;
        const bool too_soon =
            again && entry < entered_before + visits_apart && entered_before < entry + visits_apart;
        if (too_soon) continue;
        before = intent;
        entered_before = entry;
        visitors_.push_back(
            {intent.person, Errand{plan, entry, intent.wants, dice}, dice.word(), {}, false});
    }
}

void Store::Rooms::strangers(const Day& day)
{
    auto dice = dice_for(seed, Purpose::stranger, {day.number});
    const auto buying = std::count_if(visitors_.begin(), visitors_.end(),
                                      [](const Visitor& one) { return one.errand.wants(); });
    const double share = scenario.member_share;
    const double buyers = static_cast<double>(buying) * (1 - share) / share;
    const auto weekday = std::chrono::weekday{day.date}.c_encoding();
    const auto come = [&](unsigned count, bool wants) {
        for (; count > 0; --count) {
            const auto entry = wall(day, entry_time(seed, {}, weekday, dice.word()));
            Dice own{dice.word()};
            visitors_.push_back({{}, Errand{plan, entry, wants, own}, dice.word(), {}, false});
        }
    };
    come(dice.poisson(buyers), true);
    come(dice.poisson(buyers * (1 - strangers_conversion) / strangers_conversion), false);
}

void Store::Rooms::shop(Day& day, StrangersDevice& devices)
{
    for (auto& visitor : visitors_) {
        auto dice = dice_for(visitor.draw, Purpose::visit, {});
        const auto& errand = visitor.errand;
        TrueVisit visit;
        visit.person = visitor.person;
        visit.span = {errand.entry(), errand.exit()};
        visit.zones = zones_of(errand.walk(), visit.span);
        visit.away = errand.away();
        visit.slips = visitor.slips;
        visit.bought = visitor.bought;
        if (!visitor.person) {
            visit.tags = devices.carry(errand.walk(), dice.word(), air);
        } else {
            const auto tag = people.list[*visitor.person].carried;
            if (tag && !dice.chance(bluetooth_off)) {
                visit.tags.push_back(*tag);
                air.hear(errand.walk(), {*tag, people.tags[*tag].advertising, dice.word()},
                         day.arrivals);
            }
            check_in(visitor, dice, day);
        }
        day.truth.visits.push_back(std::move(visit));
    }
}

void Store::Rooms::check_in(const Visitor& visitor, Dice& dice, Day& day) const
{
    if (!dice.chance(checks_in)) return;
    const auto& tags = people.list[*visitor.person].tags;
    const auto number = tags[dice.below(tags.size())];
    const auto& tag = people.tags[number];
    if (tag.advertising > Millis{0}) return;
    const bool em = tag.kind == TokenKind::card
                    && tag.token.size() == std::string_view{"card:0123456789"}.size();
    const auto kind = tag.kind != TokenKind::card ? Reader::Kind::tap
                      : em                        ? Reader::Kind::desk
                                                  : Reader::Kind::scanner;
    for (std::uint16_t reader = 0; reader < plan.readers.size(); ++reader) {
        if (plan.readers[reader].kind != kind) continue;
        const auto at = visitor.errand.entry() + dice.between(seconds{2}, seconds{9});
        day.arrivals.push_back({at, at, number, reader, 0, Arrival::Kind::check_in});
        return;
    }
}

void Store::Rooms::crew(Day& day)
{
    const auto first_fixture = people.members;
    const auto first_staff = first_fixture + people.fixtures;
    for (auto person = first_fixture; person < people.list.size(); ++person) {
        auto dice = dice_for(seed, Purpose::shift, {day.number, person});
        const auto tag = *people.list[person].carried;
        const Sender sender{tag, people.tags[tag].advertising, dice.word()};
        if (person < first_staff) {
            air.hear({fixture_x, fixture_y}, day.span, sender, day.arrivals);
            day.truth.fixtures.push_back({person, tag, day.span});
            continue;
        }
        if (dice.chance(2.0 / 7)) continue;  // a day off
        const bool early = dice.chance(0.5);
        const auto from = wall(day, hours{early ? 9 : 12}) + dice.between(Millis{0}, minutes{30});
        const Walk walk = shift(plan, {from, from + hours{9}}, dice);
        air.hear(walk, sender, day.arrivals);
        day.truth.shifts.push_back({person, {from, walk.now()}});
    }
}

void Store::Rooms::receipts(Day& day) const
{
    for (std::uint32_t n = 0; n < day.slips.size(); ++n)
        day.arrivals.push_back(
            {day.slips[n].at, day.slips[n].at, n, day.slips[n].reader, 0, Arrival::Kind::receipt});
}

Store::Store(Scenario scenario, std::uint64_t seed)
    : rooms_{std::make_unique<Rooms>(std::move(scenario), seed)}
{
}
Store::~Store() = default;
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;

const Scenario& Store::scenario() const
{
    return rooms_->scenario;
}
const FloorPlan& Store::plan() const
{
    return rooms_->plan;
}
const std::vector<Person>& Store::people() const
{
    return rooms_->people.list;
}
const std::vector<Tag>& Store::tags() const
{
    return rooms_->people.tags;
}

void Store::day(std::uint32_t number, Day& day)
{
    rooms_->make(number, day);
}

Day Store::day(std::uint32_t number)
{
    Day day;
    rooms_->make(number, day);
    return day;
}

const Tag& Store::tag(const Day& day, std::uint32_t number) const
{
    const auto& own = rooms_->people.tags;
    return number < own.size() ? own[number] : day.strangers[number - own.size()];
}

}  // namespace raiten::simulator

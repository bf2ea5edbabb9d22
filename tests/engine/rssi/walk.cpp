#include "tests/engine/rssi/walk.hpp"

#include "daemon/base/keyed_hash.hpp"

#include <algorithm>
#include <stdexcept>

namespace raiten::test {
namespace {

Token token_of(const std::string& tag)
{
    const auto n = KeyedHash{1}.add(tag).value();
    return {{n, ~n}, TokenKind::ibeacon, false};
}

Engine::Setup setup_of(const Recording& heard, Walk::Zones zones, const VisitRules& rules)
{
    Engine::Setup setup;
    setup.rules = rules;
    std::set<std::string> readers;
    for (const auto& each : heard) readers.insert(each.reader);
    for (const auto& name : readers)
        setup.readers.push_back(
            {name, zones == Walk::Zones::own ? name : "floor", true, bluetooth_kinds});
    return setup;
}

}  // namespace

Walk::Walk(const Recording& heard, Zones zones, VisitRules rules,
           const std::set<std::string>& members)
    : engine_{setup_of(heard, zones, rules), members_, segments_}
{
    std::set<std::string> tags = members;
    if (tags.empty())
        for (const auto& each : heard) tags.insert(each.tag);
    for (const auto& tag : tags)
        if (!members_.enrol(tag, false, true, {}, {token_of(tag)}))
            throw std::runtime_error{"cannot enrol " + tag};
}

void Walk::hear(Consequence out)
{
    for (auto& record : out.members) members_.put(std::move(record));
    for (const auto& effect : out.effects) {
        if (const auto* opened = std::get_if<VisitOpened>(&effect.what)) {
            ++stories_[opened->member].opened;
        } else if (const auto* ended = std::get_if<VisitEnded>(&effect.what)) {
            ++stories_[ended->member].ended;
            if (!settling_) ++stories_[ended->member].ended_while_played;
        } else if (const auto* settled = std::get_if<VisitSettled>(&effect.what)) {
            stories_[settled->visit.member_name].visits.push_back(settled->visit);
        }
    }
}

void Walk::tell(const Heard& heard)
{
    now_ = std::max(now_, heard.at);
    const Sighting seen{*engine_.reader(heard.reader, true), token_of(heard.tag), heard.rssi_dbm};
    hear(engine_.apply({heard.at, now_, seen}));
}

void Walk::play(const Recording& heard)
{
    for (const auto& each : heard) tell(each);
}

void Walk::settle()
{
    settling_ = true;
    while (engine_.unsettled() > 0) {
        const auto due = engine_.next_due();
        if (!due) break;
        const Instant then = *due + Millis{1};
        hear(engine_.apply({then, then, Tick{}}));
    }
}

std::string Walk::zone_of(const std::string& tag) const
{
    for (const auto& visit : engine_.present())
        if (visit.member_name == tag && visit.state == VisitState::open) return visit.zone;
    return {};
}

}  // namespace raiten::test

#include "daemon/engine/presence.hpp"

#include <algorithm>

/// Where somebody is: the zone of the reader that hears them best, with hysteresis.
namespace raiten {
namespace {

constexpr std::size_t levels_max = 16;
constexpr std::size_t stretches_max = 8;

}  // namespace

void Presence::note_level(Person& who, const Glimpse& glimpse)
{
    const std::int32_t heard = glimpse.rssi_dbm * 256;
    for (auto& level : who.levels) {
        if (level.reader != glimpse.reader) continue;
        const bool stale = glimpse.at - level.at > 2 * rules_.zone_memory;
        level.q8 = stale ? heard : level.q8 + (heard - level.q8) / 4;
        level.at = std::max(level.at, glimpse.at);
        return;
    }
    if (who.levels.size() == levels_max) {
        const auto oldest =
            std::min_element(who.levels.begin(), who.levels.end(),
                             [](const Level& a, const Level& b) { return a.at < b.at; });
        who.levels.erase(oldest);
    }
    who.levels.push_back({glimpse.at, glimpse.reader, heard});
}

bool Presence::fresh(const Level& level, Instant at) const
{
    return std::chrono::abs(at - level.at) <= rules_.zone_memory;
}

void Presence::choose_zone(Person& who, const Source& source, Instant at, Transitions& out)
{
    Stay& stay = *who.stay;
    const Level* best = nullptr;
    const Level* here = nullptr;
    for (const auto& level : who.levels) {
        const auto& zone = source_of(level.reader).zone;
        if (zone.empty() || !fresh(level, at)) continue;
        if (!best || level.q8 > best->q8) best = &level;
        if ((!here || level.q8 > here->q8) && zone == stay.zone) here = &level;
    }
    const std::string* zone = stay.zone.empty() ? &source.zone : &stay.zone;
    if (best && (!here || best->q8 >= here->q8 + rules_.zone_hysteresis_db * 256))
        zone = &source_of(best->reader).zone;
    if (*zone == stay.zone) return;
    enter_zone(stay, *zone, at);
    tell(Transition::Kind::moved, at, who, out);
}

void Presence::leave_zone(Stay& stay, Instant at)
{
    if (stay.zone.empty() || at <= stay.zone_since) return;
    stay.zones[stay.zone] += at - stay.zone_since;
    stay.stretches.push_back({stay.zone, stay.zone_since, at});
    if (stay.stretches.size() > stretches_max) stay.stretches.erase(stay.stretches.begin());
}

void Presence::enter_zone(Stay& stay, const std::string& zone, Instant at)
{
    leave_zone(stay, at);
    stay.zone = zone;
    stay.zone_since = std::max(stay.zone_since, at);
}

std::optional<double> Presence::level_dbm(const Person& who, const Hearing::Readers& readers,
                                          Instant at) const
{
    std::optional<double> best;
    for (const auto& level : who.levels) {
        if (!readers.test(level.reader.value())) continue;
        if (std::chrono::abs(at - level.at) > 2 * rules_.zone_memory) continue;
        best = std::max(best.value_or(-200.0), level.q8 / 256.0);
    }
    return best;
}

}  // namespace raiten

#include "daemon/app/ctl/answer.hpp"
#include "daemon/app/ctl/findings.hpp"
#include "daemon/app/ctl/table.hpp"
#include "daemon/base/iso8601.hpp"

#include <nlohmann/json.hpp>

#include <array>

/// Readers that are down, silent, flooding or garbling.
namespace raiten::app::ctl {
namespace {

/// How long a kind of device says nothing only if something is wrong, in opening hours. The air is
/// never quiet; nobody may tap a card all day.
struct Patience {
    std::string_view drivers;  ///< how their names begin
    std::chrono::minutes silent;
};
constexpr std::array patiences{
    Patience{"ble-", std::chrono::minutes{10}}, Patience{"pos-", std::chrono::hours{4}},
    Patience{"checkin-", std::chrono::hours{24}}, Patience{"exec", std::chrono::hours{4}}};

constexpr std::uint64_t garbled_min = 10;  ///< fewer pieces are not worth a word

std::optional<std::chrono::minutes> patience_with(const std::string& driver)
{
    for (const auto& patience : patiences)
        if (driver.starts_with(patience.drivers)) return patience.silent;
    return std::nullopt;
}

std::uint64_t number_at(const Json& object, const char* key)
{
    const auto& value = at(object, key);
    return value.is_number_unsigned() ? value.get<std::uint64_t>() : 0;
}

/// "up: listening" and what to do.
Finding state_finding(const Json& reader, Instant now)
{
    Finding finding{"reader " + text_at(reader, "name"), Grade::ok, text_at(reader, "state")};
    const auto state = finding.what;
    if (const auto reason = text_at(reader, "reason"); !reason.empty())
        finding.what += ": " + reason;
    const bool played = text_at(reader, "driver") == "replay";  // a recording has an end
    if (state == "down" && !played) {
        finding.grade = Grade::fail;
        finding.advice = "is it powered and plugged in, and its address right in raiten.toml?";
        return finding;
    }
    if (state == "starting") {
        finding.grade = Grade::warn;
        finding.advice = "look again in a minute";
        return finding;
    }
    const auto patience = patience_with(text_at(reader, "driver"));
    if (!patience) return finding;
    const auto last = parse_instant(text_at(reader, "last_at"));
    if (!last) {
        finding.grade = Grade::warn;
        finding.what += "; nothing read since raitend started";
        finding.advice = "hold a known tag to it, or print a receipt";
    } else if (now - *last > *patience) {
        finding.grade = Grade::warn;
        const auto silent = std::chrono::floor<std::chrono::seconds>(now - *last);
        finding.what += "; silent for " + span_text(silent.count());
        finding.advice = "in opening hours: restart the device";
    }
    return finding;
}

std::string most_frequent(const Json& reasons)
{
    std::string worst;
    std::uint64_t most = 0;
    for (const auto& [why, count] : reasons.items()) {
        if (!count.is_number_unsigned() || count.get<std::uint64_t>() <= most) continue;
        most = count.get<std::uint64_t>();
        worst = why;
    }
    return worst;
}

}  // namespace

void reader_findings(const Json& reader, Instant now, const TellFinding& tell)
{
    tell(state_finding(reader, now));
    const auto about = "reader " + text_at(reader, "name");
    const auto& lately = at(reader, "lately");
    const auto garbled = number_at(lately, "garbled");
    if (garbled >= garbled_min && garbled > number_at(lately, "readings"))
        tell({about, Grade::warn,
              "garbling: " + std::to_string(garbled)
                  + " pieces made no sense lately, mostly: " + most_frequent(at(reader, "garbled")),
              "wrong driver, format, baud rate or character set? try raitenctl decode"});
    if (const auto flooded = number_at(lately, "flooded"); flooded > 0)
        tell({about, Grade::warn,
              "flooding: " + std::to_string(flooded) + " sightings dropped lately",
              "a broken tag or a jammer near it? allow = […] does not help against this; find the "
              "sender, or move the reader"});
}

}  // namespace raiten::app::ctl

#include "daemon/base/hex.hpp"
#include "drivers/gateway/ear.hpp"
#include "drivers/gateway/fields.hpp"
#include "drivers/gateway/gateway.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace raiten::drivers {
namespace gateway {
namespace {

using nlohmann::json;

/// $TYPE,BEACON,GATEWAY,RSSI,PAYLOAD[,TIME]
constexpr std::array advertisements{"$GPRP", "$RSPR", "$SRRP", "$LRAD", "$LRSR", "$1MAD", "$1MSR"};
constexpr std::array signs_of_life{"$HBRP", "$GPSR"};  ///< heartbeat, position

constexpr std::size_t fields_max = 12;
struct Fields {
    std::array<std::string_view, fields_max> field;
    std::size_t count{};
};
Fields split_at_commas(std::string_view line)
{
    Fields fields;
    for (bool more = true; more && fields.count < fields_max;) {
        const auto comma = line.find(',');
        more = comma != std::string_view::npos;
        fields.field[fields.count++] = line.substr(0, comma);
        if (more) line.remove_prefix(comma + 1);
    }
    return fields;
}

std::optional<double> number_of(std::string_view text)
{
    double value{};
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (text.empty() || error != std::errc{} || stop != end) return std::nullopt;
    return value;
}

template <std::size_t N>
bool is_one_of(const std::array<const char*, N>& names, std::string_view name)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

void understand_line(std::string_view line, const Message& message, const Air& air,
                     const Tell& tell)
{
    const auto refuse = [&](std::string_view why) { tell(Garbled{why, line.size()}); };
    const Fields fields = split_at_commas(line);
    if (is_one_of(signs_of_life, fields.field[0])) return;
    if (!is_one_of(advertisements, fields.field[0])) return refuse("a report of an unknown kind");
    if (fields.count < 5 || fields.count > 6) return refuse("a report of the wrong length");

    const auto gateway = address_of(fields.field[2]);
    const auto rssi = number_of(fields.field[3]);
    const auto payload = from_hex(fields.field[4]);
    Report report;
    report.address = address_of(fields.field[1]);
    if (!report.address || !gateway || !rssi || !payload)
        return refuse("a report that cannot be read");
    report.rssi_dbm = believable_rssi(*rssi);
    report.data = *payload;
    report.heard_by = to_hex(*gateway);
    report.told_at = message.told_at;
    if (fields.count == 6) {
        const auto seconds = number_of(fields.field[5]);
        if (!seconds) return refuse("a report that cannot be read");
        if (const auto time = told_time(*seconds * 1'000)) report.told_at = time;
    }
    air.hear(report, tell);
}

/// Reports stand one behind the other, parted by line ends or by the blanks that a wire puts in
/// their place. A topic may stand before them.
void understand_text(std::string_view text, const Message& message, const Air& air,
                     const Tell& tell)
{
    if (is_sign_of_life(text)) return;
    const auto begin = text.find('$');
    const bool inside = begin != std::string_view::npos && begin > 0 && text[begin - 1] > ' ';
    if (begin == std::string_view::npos || inside)
        return tell(Garbled{"no report of an Ingics gateway", text.size()});
    text.remove_prefix(begin);
    while (!text.empty()) {
        const auto end = std::min(text.find_first_of(" \t\r\n"), text.size());
        if (end > 0) understand_line(text.substr(0, end), message, air, tell);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

/// {"data":["$GPRP,…","$GPRP,…"]}
void understand(const Message& message, const Air& air, const Tell& tell)
{
    if (!message.json) return understand_text(message.text, message, air, tell);
    const auto lines = message.json->is_object() ? message.json->find("data") : message.json->end();
    if (lines == message.json->end() || !lines->is_array())
        return tell(Garbled{"no report of an Ingics gateway", message.topic.size()});
    for (const json& line : *lines) {
        if (line.is_string())
            understand_text(line.get_ref<const std::string&>(), message, air, tell);
        else
            tell(Garbled{"no report of an Ingics gateway", 0});
    }
}

}  // namespace
}  // namespace gateway

std::unique_ptr<Translator> make_ingics(const Options& options)
{
    return gateway::make_ear(&gateway::understand, options);
}

}  // namespace raiten::drivers

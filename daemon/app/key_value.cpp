#include "daemon/app/host_port.hpp"
#include "daemon/app/nearest.hpp"
#include "daemon/app/settings_table.hpp"
#include "daemon/app/units.hpp"
#include "daemon/app/zone_file.hpp"
#include "daemon/base/money.hpp"

#include <charconv>
#include <map>

namespace raiten::app {
namespace {

constexpr std::size_t text_bytes_max = 256;
constexpr std::size_t regex_bytes_max = 512;
constexpr std::size_t path_bytes_max = 1024;
constexpr std::size_t list_items_max = 32;
constexpr std::size_t name_bytes_max = 64;

constexpr std::string_view capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view name_letters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

std::string quoted(std::string_view text)
{
    return "'" + std::string{text.substr(0, 80)} + (text.size() > 80 ? "…'" : "'");
}

bool only(std::string_view letters, std::string_view text)
{
    return text.find_first_not_of(letters) == std::string_view::npos;
}

bool has_control(std::string_view text)
{
    for (const char c : text)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return true;
    return false;
}

Result<std::int64_t> whole_number(std::string_view text)
{
    std::int64_t value{};
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || stop != end || text.empty())
        return Problem{quoted(text) + " is not a whole number"};
    return value;
}

template <class T>
Result<std::int64_t> counted(const Result<T>& read)
{
    if (!read) return read.error();
    if constexpr (std::is_arithmetic_v<T>)
        return static_cast<std::int64_t>(read.value());
    else
        return static_cast<std::int64_t>(read.value().count());
}

/// The number that a text of this kind stands for; nothing for kinds that are no numbers.
std::optional<Result<std::int64_t>> number_of(KeyKind kind, std::string_view written)
{
    switch (kind) {
        case KeyKind::whole:
            return whole_number(written);
        case KeyKind::duration:
            return counted(parse_duration(written));
        case KeyKind::level:
            return counted(parse_level(written));
        case KeyKind::level_difference:
            return counted(parse_level_difference(written));
        case KeyKind::size:
            return parse_size(written);
        case KeyKind::time_of_day:
            return counted(parse_time_of_day(written));
        case KeyKind::decimal: {
            const auto read = Money::parse(written);
            if (read) return Result<std::int64_t>{read->ten_thousandths()};
            return Result<std::int64_t>{Problem{quoted(written) + " is not a decimal number"}};
        }
        default:
            return std::nullopt;
    }
}

Result<void> in_range(const Key& key, std::int64_t value, const std::string& written)
{
    const auto dots = key.allowed.find("..");
    if (dots == std::string_view::npos) return {};
    const auto least = number_of(key.kind, key.allowed.substr(0, dots));
    const auto most = number_of(key.kind, key.allowed.substr(dots + 2));
    if (value < least->value() || value > most->value())
        return Problem{quoted(written) + " is out of range", {}, "write " + expectation_of(key)};
    return {};
}

std::vector<std::string> choices_of(const Key& key)
{
    return split(key.allowed, '|');
}

Result<void> is_choice(const Key& key, const std::string& written)
{
    const auto known = choices_of(key);
    if (std::find(known.begin(), known.end(), written) != known.end()) return {};
    const auto near = nearest(written, known);
    return Problem{quoted(written) + " is not one of them",
                   {},
                   near ? "did you mean '" + *near + "'?" : "write " + expectation_of(key)};
}

Result<void> is_broker(const std::string& written)
{
    const auto scheme = written.find("://");
    const Problem refused{quoted(written) + " is not a broker", {}, "write \"mqtts://HOST:8883\""};
    if (scheme == std::string::npos) return refused;
    const auto name = written.substr(0, scheme);
    const auto address = written.substr(scheme + 3);
    if (name != "mqtt" && name != "mqtts") return refused;
    if (address.find('@') != std::string::npos)
        return Problem{"a broker's address carries no user or password",
                       {},
                       "use mqtt.username and mqtt.password"};
    const auto with_port = parse_host_port(address);
    if (with_port ? with_port.value().port != 0 : parse_host_port(address + ":1883").has_value())
        return {};
    return refused;
}

Result<void> is_language(const std::string& written)
{
    if (written.size() >= 2 && written.size() <= 35 && written[0] != '-'
        && only(name_letters.substr(0, name_letters.size() - 1), written))
        return {};
    return Problem{
        quoted(written) + " is not a language", {}, "write \"ja\", \"en\" or \"zh-Hant\""};
}

Result<void> is_zone(const std::string& written)
{
    const auto names = zone_names();
    if (std::binary_search(names.begin(), names.end(), written)) return {};
    if (names.empty())
        return Problem{"this machine has no time zones", {}, "install the package tzdata"};
    auto advice = advice_for(written, names);
    if (advice.empty()) advice = "write an IANA name, such as \"Asia/Tokyo\"";
    return Problem{quoted(written) + " is not a time zone", {}, advice};
}

Result<void> is_endpoint(const Key& key, const std::string& written)
{
    const auto endpoint = wire::parse_address(written);
    if (!endpoint) return endpoint.error();
    const auto scheme = written.substr(0, written.find(':'));
    const bool relative = scheme == "unix" && written[5] != '/';
    for (const auto& known : choices_of(key))
        if (known == scheme && !relative) return {};
    return Problem{
        quoted(written) + " is the wrong kind of line here", {}, "write " + expectation_of(key)};
}

/// "\"tcp:HOST:PORT\" or \"unix:/PATH\""
std::string endpoints_text(const Key& key)
{
    const std::map<std::string, std::string> examples{{"hci", "hci:0"},
                                                      {"tcp", "tcp:HOST:PORT"},
                                                      {"unix", "unix:/PATH"},
                                                      {"serial", "serial:/dev/ttyX@9600"},
                                                      {"input", "input:/dev/input/by-id/X"}};
    std::string text;
    for (const auto& scheme : choices_of(key))
        text += (text.empty() ? "\"" : ", \"") + examples.at(scheme) + "\"";
    return text;
}

/// What a text of a kind that is no number must look like.
Result<void> fits(const Key& key, const std::string& written)
{
    const Problem unfit{quoted(written) + " does not fit", {}, "write " + expectation_of(key)};
    if (has_control(written))
        return Problem{"a control character stands in it", {}, "write " + expectation_of(key)};
    switch (key.kind) {
        case KeyKind::choice:
        case KeyKind::choices:
            return is_choice(key, written);
        case KeyKind::name:
            if (written.empty() || written.size() > name_bytes_max || !only(name_letters, written))
                return unfit;
            return {};
        case KeyKind::currency:
            if (written.size() != 3 || !only(capitals, written)) return unfit;
            return {};
        case KeyKind::zone:
            return is_zone(written);
        case KeyKind::host_port: {
            const auto address = parse_host_port(written);
            if (!address) return address.error();
            return {};
        }
        case KeyKind::endpoint:
            return is_endpoint(key, written);
        case KeyKind::languages:
            return is_language(written);
        case KeyKind::brokers:
            return is_broker(written);
        case KeyKind::state_path:
        case KeyKind::config_path:
        case KeyKind::secret:
            if (written.empty() && key.allowed != "none") return unfit;
            if (written.size() > path_bytes_max) return unfit;
            return {};
        case KeyKind::texts:
            if (written.empty() || written.size() > regex_bytes_max) return unfit;
            return {};
        default:
            if (written.size() > text_bytes_max) return unfit;
            return {};
    }
}

}  // namespace

std::string text_of(const Key& key, const KeyValue& value)
{
    switch (key.kind) {
        case KeyKind::flag:
            return value.flag() ? "true" : "false";
        case KeyKind::whole:
            return std::to_string(value.number());
        case KeyKind::duration:
            return duration_text(value.span());
        case KeyKind::level:
            return std::to_string(value.number()) + "dBm";
        case KeyKind::level_difference:
            return std::to_string(value.number()) + "dB";
        case KeyKind::size:
            return size_text(value.number());
        case KeyKind::time_of_day:
            return value.time() ? time_of_day_text(*value.time()) : "";
        case KeyKind::decimal:
            if (!value.decimal()) return "";
            return Money::from_ten_thousandths(value.number()).text();
        default:
            break;
    }
    if (!is_list(key.kind)) return value.text();
    std::string joined;
    for (const auto& item : value.texts()) joined += (joined.empty() ? "" : ",") + item;
    return joined;
}

std::vector<std::string> split(std::string_view text, char mark)
{
    std::vector<std::string> parts;
    while (!text.empty()) {
        const auto at = std::min(text.find(mark), text.size());
        parts.emplace_back(text.substr(0, at));
        text.remove_prefix(std::min(at + 1, text.size()));
    }
    return parts;
}

bool is_list(KeyKind kind)
{
    return kind == KeyKind::texts || kind == KeyKind::languages || kind == KeyKind::choices
           || kind == KeyKind::brokers;
}

std::string expectation_of(const Key& key)
{
    const auto dots = key.allowed.find("..");
    const std::string range = dots == std::string_view::npos
                                  ? std::string{}
                                  : " from " + std::string{key.allowed.substr(0, dots)} + " to "
                                        + std::string{key.allowed.substr(dots + 2)};
    std::string listed;
    for (const auto& choice : split(dots == std::string_view::npos ? key.allowed : "", '|'))
        listed += (listed.empty() ? "\"" : ", \"") + choice + "\"";
    switch (key.kind) {
        case KeyKind::flag:
            return "true or false";
        case KeyKind::whole:
            return "a number" + range;
        case KeyKind::duration:
            return "a duration" + range + ", such as \"10min\"";
        case KeyKind::level:
            return "a level" + range + ", such as \"-80dBm\"";
        case KeyKind::level_difference:
            return "a difference" + range + ", such as \"6dB\"";
        case KeyKind::size:
            return "a size" + range + ", such as \"64KiB\"";
        case KeyKind::time_of_day:
            return "a time" + range + ", such as \"04:00\""
                   + (key.fallback == "" ? ", or \"\" for none" : "");
        case KeyKind::decimal:
            return "a decimal number" + range + " in quotes, such as \"0.35\", or \"\" for unset";
        case KeyKind::choice:
            return "one of " + listed;
        case KeyKind::text:
            return "a text of at most 256 bytes";
        case KeyKind::name:
            return "1 to 64 letters, digits, - and _";
        case KeyKind::zone:
            return "an IANA time zone, such as \"Asia/Tokyo\"";
        case KeyKind::currency:
            return "an ISO 4217 code, such as \"JPY\"";
        case KeyKind::state_path:
        case KeyKind::config_path:
            return key.allowed == "none" ? "a path, or \"\" for none" : "a path";
        case KeyKind::secret:
            return "a credential's name or a path";
        case KeyKind::host_port:
            return "HOST:PORT, such as \"127.0.0.1:8470\"";
        case KeyKind::endpoint:
            return endpoints_text(key);
        case KeyKind::texts:
            return "a list of texts, such as [\"one\", \"other\"]";
        case KeyKind::languages:
            return "a list of languages, such as [\"ja\", \"en\"]";
        case KeyKind::choices:
            return "a list of any of " + listed;
        case KeyKind::brokers:
            return "a list such as [\"mqtts://hq.example:8883\"]";
    }
    return {};
}

Result<KeyValue> scalar_value_of(const Key& key, const std::string& written)
{
    if (key.kind == KeyKind::flag) {
        if (written == "true" || written == "false") return KeyValue{written == "true"};
        return Problem{quoted(written) + " is neither true nor false"};
    }
    const bool may_be_unset = key.kind == KeyKind::decimal || key.kind == KeyKind::time_of_day;
    if (may_be_unset && written.empty() && key.fallback == "") return KeyValue{std::string{}};
    if (const auto number = number_of(key.kind, written)) {
        if (!*number) return number->error();
        const auto value = number->value();
        if (const auto range = in_range(key, value, written); !range) return range.error();
        return KeyValue{value};
    }
    const bool may_be_empty = key.fallback && key.fallback->empty() && !is_list(key.kind);
    if (!(written.empty() && may_be_empty))
        if (const auto fit = fits(key, written); !fit) return fit.error();
    return KeyValue{written};
}

Result<KeyValue> list_value_of(const Key& key, const std::vector<std::string>& items)
{
    if (items.size() > list_items_max)
        return Problem{"more than " + std::to_string(list_items_max) + " items"};
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (const auto fit = fits(key, items[i]); !fit) return fit.error();
        if (std::find(items.begin() + static_cast<std::ptrdiff_t>(i) + 1, items.end(), items[i])
            != items.end())
            return Problem{quoted(items[i]) + " stands there twice"};
    }
    if (key.kind == KeyKind::languages && items.empty())
        return Problem{"no language", {}, "write " + expectation_of(key)};
    return KeyValue{items};
}

Result<KeyValue> key_value_of(const Key& key, const std::string& written)
{
    return is_list(key.kind) ? list_value_of(key, split(written, ','))
                             : scalar_value_of(key, written);
}

}  // namespace raiten::app

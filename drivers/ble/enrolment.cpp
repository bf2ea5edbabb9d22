#include "drivers/ble/enrolment.hpp"

#include "daemon/base/hex.hpp"
#include "daemon/base/iso8601.hpp"

#include <algorithm>
#include <charconv>
#include <set>

namespace raiten::drivers::ble {
namespace {

constexpr std::string_view columns = "name,identity_key,rotation_exponent,counter,counted_at";
constexpr std::size_t columns_count = 5;

template <class Number>
std::optional<Number> number_in(std::string_view text)
{
    Number out{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return out;
}

/// Nothing if there are more or fewer.
std::optional<std::array<std::string_view, columns_count>> fields_of(std::string_view line)
{
    std::array<std::string_view, columns_count> out;
    for (std::size_t i = 0; i < columns_count; ++i) {
        const auto comma = line.find(',');
        if ((comma == std::string_view::npos) != (i + 1 == columns_count)) return std::nullopt;
        out[i] = line.substr(0, comma);
        if (comma != std::string_view::npos) line.remove_prefix(comma + 1);
    }
    return out;
}

/// The reason why the line is none, or an empty one.
std::string_view read_line(std::string_view line, EnrolledTag& tag)
{
    const auto fields = fields_of(line);
    if (!fields) return "the line has not five fields";
    const auto [name, key, exponent, counter, counted_at] = *fields;

    const auto name_bytes = from_hex(name);
    if (!name_bytes || name_bytes->size() != 8) return "name is not 16 hex digits";
    tag.name = to_hex(*name_bytes);

    const auto key_bytes = from_hex(key);
    if (!key_bytes || key_bytes->size() != tag.identity_key.size())
        return "identity_key is not 32 hex digits";
    std::copy(key_bytes->begin(), key_bytes->end(), tag.identity_key.begin());

    const auto exponent_read = number_in<unsigned>(exponent);
    if (!exponent_read || *exponent_read > rotation_exponent_max)
        return "rotation_exponent is no number from 0 to 15";
    tag.rotation_exponent = *exponent_read;

    const auto counter_read = number_in<std::uint32_t>(counter);
    if (!counter_read) return "counter is no number of 32 bits";
    tag.counter = *counter_read;

    const auto instant = parse_instant(counted_at);
    if (!instant) return "counted_at is no time with an offset, as in 2026-11-22T10:00:00+09:00";
    tag.counted_at = *instant;
    return {};
}

}  // namespace

Result<std::vector<EnrolledTag>> read_enrolment(std::string_view text)
{
    if (text.size() > enrolment_bytes_max)
        return Problem{"larger than " + std::to_string(enrolment_bytes_max) + " bytes"};
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);

    std::vector<EnrolledTag> tags;
    std::set<std::string, std::less<>> names;
    bool named_columns = false;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const auto end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty()) continue;

        const auto problem = [&](std::string_view what) {
            return Problem{std::string{what}, "line " + std::to_string(number)};
        };
        if (!named_columns) {
            if (line != columns) return problem("the first line must be " + std::string{columns});
            named_columns = true;
            continue;
        }
        if (tags.size() == enrolled_tags_max)
            return problem("more than " + std::to_string(enrolled_tags_max) + " tags");
        EnrolledTag tag;
        if (const auto why = read_line(line, tag); !why.empty()) return problem(why);
        if (!names.insert(tag.name).second) return problem("the tag is enrolled twice");
        tags.push_back(std::move(tag));
    }
    if (!named_columns) return Problem{"the first line must be " + std::string{columns}, "line 1"};
    return tags;
}

}  // namespace raiten::drivers::ble

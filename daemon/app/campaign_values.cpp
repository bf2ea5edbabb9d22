#include "daemon/app/campaign_values.hpp"

#include "daemon/app/nearest.hpp"
#include "daemon/app/token_text.hpp"
#include "daemon/app/units.hpp"
#include "daemon/base/iso8601.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace raiten::app {
namespace {

constexpr std::size_t name_bytes_max = 64;
constexpr std::size_t text_bytes_max = 1024;
constexpr std::size_t languages_max = 16;
constexpr std::size_t shown_bytes_max = 64;
constexpr double count_max = 1'000'000'000;
constexpr double money_units_max = 1e12;

constexpr std::string_view name_letters{
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"};
constexpr std::string_view language_letters{
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"};

}  // namespace

std::string cut_text(std::string_view text, std::size_t bytes_max)
{
    if (!is_plain_utf8(text)) return "?";
    if (text.size() <= bytes_max) return std::string{text};
    auto end = bytes_max;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    return std::string{text.substr(0, end)} + "…";
}

std::string pointer_part(std::string_view key)
{
    std::string out;
    for (const char c : cut_text(key, shown_bytes_max)) {
        if (c == '~')
            out += "~0";
        else if (c == '/')
            out += "~1";
        else
            out += c;
    }
    return out;
}

void CampaignValues::blame(std::string pointer, std::string what, std::string advice)
{
    problems_.push_back(
        {std::move(what), pointer.empty() ? "/" : std::move(pointer), std::move(advice)});
}

bool CampaignValues::object(const Json& value, const std::string& pointer,
                            const std::vector<std::string>& known)
{
    if (!value.is_object()) {
        std::string keys;
        for (const auto& key : known) keys += (keys.empty() ? "" : ", ") + key;
        blame(pointer, "is not an object", "write { … } with the keys " + keys);
        return false;
    }
    for (const auto& [key, ignored] : value.items())
        if (std::find(known.begin(), known.end(), key) == known.end())
            blame(pointer + "/" + pointer_part(key), "there is no such key",
                  key.size() > shown_bytes_max ? "" : advice_for(key, known));
    return true;
}

std::string CampaignValues::text(const Json& value, const std::string& pointer,
                                 std::size_t bytes_max, bool may_be_empty)
{
    if (!value.is_string()) {
        blame(pointer, "is not a text", "write it in quotes");
        return {};
    }
    auto read = value.get<std::string>();
    if (read.empty() && !may_be_empty) blame(pointer, "is empty", "write something, or leave out");
    if (read.size() > bytes_max)
        blame(pointer, "is longer than " + std::to_string(bytes_max) + " bytes", "make it shorter");
    else if (!is_plain_utf8(read))
        blame(pointer, "holds control characters", "write it in one line, without tabs");
    return read;
}

std::string CampaignValues::name(const Json* value, const std::string& pointer)
{
    const std::string rule{"write 1 to 64 letters, digits, - and _"};
    if (value == nullptr) {
        blame(pointer, "is missing", rule);
        return {};
    }
    auto read = text(*value, pointer, name_bytes_max, false);
    if (read.find_first_not_of(name_letters) != std::string::npos)
        blame(pointer, "has other characters than letters, digits, - and _", rule);
    return read;
}

std::map<std::string, std::string> CampaignValues::languages(const Json& value,
                                                             const std::string& pointer)
{
    std::map<std::string, std::string> texts;
    if (!value.is_object() || value.empty() || value.size() > languages_max) {
        blame(pointer, "is not a text by language", "write {\"ja\": \"…\", \"en\": \"…\"}");
        return texts;
    }
    for (const auto& [language, said] : value.items()) {
        const auto place = pointer + "/" + pointer_part(language);
        if (language.size() < 2 || language.size() > 35
            || language.find_first_not_of(language_letters) != std::string::npos)
            blame(place, "is not a language", "such as \"ja\" or \"en\"");
        else
            texts[language] = text(said, place, text_bytes_max, false);
    }
    return texts;
}

Money CampaignValues::money(const Json& value, const std::string& pointer)
{
    if (!value.is_string()) {
        blame(pointer, "is not a decimal string", "write money in quotes, such as \"300\"");
        return {};
    }
    const auto read = Money::parse(value.get_ref<const std::string&>());
    if (!read)
        blame(pointer, read.error().what, "such as \"300\" or \"4.50\"");
    else if (*read < Money{})
        blame(pointer, "is negative", "write what it costs or is worth, from \"0\" on");
    else if (read->units() > money_units_max)
        blame(pointer, "is too large", "at most \"1000000000000\"");
    return read ? *read : Money{};
}

Millis CampaignValues::duration(const Json& value, const std::string& pointer, Millis most)
{
    if (!value.is_string()) {
        blame(pointer, "is not a duration", "write it in quotes with a unit: \"24h\"");
        return {};
    }
    const auto read = parse_duration(value.get_ref<const std::string&>());
    if (!read)
        blame(pointer, read.error().what, read.error().advice);
    else if (read->count() == 0)
        blame(pointer, "is no time at all", "write a duration such as \"24h\"");
    else if (*read > most)
        blame(pointer, "is longer than " + duration_text(most),
              "write at most \"" + duration_text(most) + "\"");
    return read ? *read : Millis{};
}

std::optional<Instant> CampaignValues::instant(const Json& value, const std::string& pointer)
{
    const auto read = value.is_string() ? parse_instant(value.get_ref<const std::string&>())
                                        : Result<Instant>{Problem{"is not a time"}};
    if (read) return *read;
    blame(pointer, read.error().what,
          "write ISO 8601 with an offset, such as \"2026-11-22T00:00:00+09:00\"");
    return std::nullopt;
}

std::chrono::minutes CampaignValues::time_of_day(const Json* value, const std::string& pointer)
{
    const std::string rule{"write a local time in quotes, such as \"21:00\""};
    if (value == nullptr) {
        blame(pointer, "is missing", rule);
        return {};
    }
    const auto read = value->is_string()
                          ? parse_time_of_day(value->get_ref<const std::string&>())
                          : Result<std::chrono::minutes>{Problem{"is not a time of day"}};
    if (!read) blame(pointer, read.error().what, rule);
    return read ? *read : std::chrono::minutes{};
}

double CampaignValues::share(const Json& value, const std::string& pointer, double least,
                             const std::string& example)
{
    const double read = value.is_number() ? value.get<double>() : -1.0;
    if (read >= least && read <= 1.0) return read;
    blame(pointer, "is not a share",
          "write a number from " + Json(least).dump() + " to 1, such as " + example);
    return 0.0;
}

std::uint32_t CampaignValues::count(const Json* value, const std::string& pointer)
{
    if (value == nullptr) {
        blame(pointer, "is missing", "write a whole number from 1 on");
        return 0;
    }
    const double read = value->is_number() ? value->get<double>() : 0.0;
    if (read >= 1 && read <= count_max && std::floor(read) == read)
        return static_cast<std::uint32_t>(read);
    blame(pointer, "is not a count", "write a whole number from 1 to 1000000000");
    return 0;
}

bool CampaignValues::flag(const Json& value, const std::string& pointer)
{
    if (!value.is_boolean()) blame(pointer, "is neither true nor false", "write true or false");
    return value.is_boolean() && value.get<bool>();
}

}  // namespace raiten::app

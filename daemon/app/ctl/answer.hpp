#pragma once

#include "daemon/app/ctl/table.hpp"

#include <nlohmann/json.hpp>

#include <string>

/// Reading the API's answers without trusting them. Includes the JSON library: for sources only.
namespace raiten::app::ctl {

using Json = nlohmann::ordered_json;

/// The member of an object, or null where there is no such member or no object.
inline const Json& at(const Json& object, const char* key)
{
    static const Json nothing;
    if (!object.is_object()) return nothing;
    const auto found = object.find(key);
    return found == object.end() ? nothing : *found;
}

/// A text as it is, a number or flag in digits or words, "" for anything else.
inline std::string text_at(const Json& object, const char* key)
{
    const auto& value = at(object, key);
    if (value.is_string()) return value.get<std::string>();
    if (value.is_number() || value.is_boolean()) return value.dump();
    return {};
}

/// The same, "-" where there is nothing.
inline std::string shown(const Json& object, const char* key)
{
    auto text = text_at(object, key);
    return text.empty() ? "-" : text;
}

inline std::string time_shown(const Json& object, const char* key)
{
    const auto text = text_at(object, key);
    return text.empty() ? "-" : short_time(text);
}

inline std::string span_shown(const Json& object, const char* key)
{
    const auto& value = at(object, key);
    return value.is_number() ? span_text(value.get<std::int64_t>()) : "-";
}

/// "1280 JPY".
inline std::string money_shown(const Json& object, const char* key)
{
    const auto amount = text_at(object, key);
    return amount.empty() ? "-" : amount + " " + text_at(object, "currency");
}

}  // namespace raiten::app::ctl

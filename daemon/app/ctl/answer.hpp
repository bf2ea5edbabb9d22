#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>

/// Reading the API's answers without trusting them.
namespace raiten::app::ctl {

using Json = nlohmann::ordered_json;

/// The member of an object, or null where there is no such member or no object.
const Json& at(const Json& object, const char* key);

/// A text as it is, a number or flag in digits or words, "" for anything else.
std::string text_at(const Json& object, const char* key);

/// The same, "-" where there is nothing.
std::string shown(const Json& object, const char* key);

std::string time_shown(const Json& object, const char* key);

std::string span_shown(const Json& object, const char* key);

/// "1280 JPY".
std::string money_shown(const Json& object, const char* key);

}  // namespace raiten::app::ctl

#pragma once

#include "daemon/app/ctl/api_client.hpp"

#include <nlohmann/json_fwd.hpp>

#include <functional>
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

using Show = std::function<void(const Json&)>;

/// An answer for people, or with `json` as it came; the exit code. What is no success, or no JSON
/// object, is complained about.
int show_answer(const Result<ApiClient::Reply>& reply, bool json, const Show& show);
int show_body(const std::string& body, bool json, const Show& show);

}  // namespace raiten::app::ctl

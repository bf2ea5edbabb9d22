#pragma once

#include "daemon/app/api.hpp"
#include "daemon/app/shop.hpp"
#include "daemon/http/request.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// What the API's handlers share: reading requests, and answers that several of them give.
namespace raiten::app {

using Json = nlohmann::ordered_json;

/// The body as a JSON object; nothing if it is none.
std::optional<Json> object_in(const http::Request& request);
http::Response not_an_object();

/// A text of the object, or "" where it is absent or no text.
std::string text_in(const Json& object, const char* key);

/// The object's `channels`, a list of names; nothing inside where it is absent.
Result<std::optional<Channels>> channels_in(const Json& object);
/// The same list.
Json channels_json(Channels channels);

/// A number in the query, at most `most`; nothing if it is there but no number from 1 on.
std::optional<std::size_t> number_in(const http::Request& request, std::string_view key,
                                     std::size_t otherwise, std::size_t most);

http::Response refused(const Problem& problem);
http::Response ledger_trouble(const Problem& problem);

/// A coupon with its offer's text as this caller may see it: who was withheld for control is
/// nobody's business at the counter.
std::optional<Json> coupon_for(const ApiParts& parts, const CouponRecord& coupon, http::Role role);

std::string_view text_of(Verdict verdict);

}  // namespace raiten::app

#pragma once

#include "daemon/app/api.hpp"
#include "daemon/app/shop.hpp"
#include "daemon/http/request.hpp"

#include <nlohmann/json.hpp>

#include <charconv>

#include <optional>
#include <string>

/// Helpers of the API's handlers. Includes the JSON library: for their sources only.
namespace raiten::app {

using Json = nlohmann::ordered_json;

/// A body that is a JSON object, or the refusal to send back.
struct Body {
    Json object;
    std::optional<http::Response> refusal;
};
inline Body body_of(const http::Request& request)
{
    Body body;
    body.object = Json::parse(request.body, nullptr, false);
    if (!body.object.is_object())
        body.refusal = http::problem(400, "", "the body must be one JSON object");
    return body;
}

/// A text of the object, or "" where it is absent or no text.
inline std::string text_in(const Json& object, const char* key)
{
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

/// A number in the query within bounds; nothing if it is there but no such number.
inline std::optional<std::size_t> number_in(const http::Request& request, std::string_view key,
                                            std::size_t otherwise, std::size_t most)
{
    const auto text = request.query_value(key);
    if (!text) return otherwise;
    std::size_t value = 0;
    const auto* end = text->data() + text->size();
    const auto [stop, error] = std::from_chars(text->data(), end, value);
    if (error != std::errc{} || stop != end || value == 0) return std::nullopt;
    return std::min(value, most);
}

inline http::Response refused(const Problem& problem)
{
    return http::problem(400, "", problem.text());
}

inline http::Response ledger_trouble(const Problem& problem)
{
    return http::problem(503, "", "the ledger cannot answer: " + problem.text());
}

/// A coupon with its offer's text as this caller may see it: who was withheld for control is
/// nobody's business at the counter.
std::optional<Json> coupon_for(const ApiParts& parts, const CouponRecord& coupon, http::Role role);

inline std::string_view text_of(Verdict verdict)
{
    constexpr std::array<std::string_view, 7> names{"accepted", "duplicate", "conflict", "late",
                                                    "unknown",  "left_out",  "refused"};
    return names[static_cast<std::size_t>(verdict)];
}

}  // namespace raiten::app

#include "daemon/app/api_text.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <charconv>

namespace raiten::app {

std::optional<Json> object_in(const http::Request& request)
{
    Json object = Json::parse(request.body, nullptr, false);
    if (!object.is_object()) return std::nullopt;
    return object;
}

http::Response not_an_object()
{
    return http::problem(400, "", "the body must be one JSON object");
}

std::string text_in(const Json& object, const char* key)
{
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

std::optional<std::size_t> number_in(const http::Request& request, std::string_view key,
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

http::Response refused(const Problem& problem)
{
    return http::problem(400, "", problem.text());
}

http::Response ledger_trouble(const Problem& problem)
{
    return http::problem(503, "", "the ledger cannot answer: " + problem.text());
}

std::string_view text_of(Verdict verdict)
{
    constexpr std::array<std::string_view, 7> names{"accepted", "duplicate", "conflict", "late",
                                                    "unknown",  "left_out",  "refused"};
    return names[static_cast<std::size_t>(verdict)];
}

}  // namespace raiten::app

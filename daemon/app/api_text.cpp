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

Result<std::optional<Channels>> channels_in(const Json& object)
{
    const Problem wrong{"channels is a list of kiosk, app, mail and wallet"};
    const auto list = object.find("channels");
    if (list == object.end()) return std::optional<Channels>{};
    if (!list->is_array() || list->size() > channel_count) return wrong;
    Channels out{};
    for (const auto& name : *list) {
        const auto channel =
            name.is_string() ? channel_of(name.get_ref<const std::string&>()) : std::nullopt;
        if (!channel) return wrong;
        out = static_cast<Channels>(out | bit_of(*channel));
    }
    return std::optional{out};
}

Json channels_json(Channels channels)
{
    Json out = Json::array();
    for (std::size_t i = 0; i < channel_count; ++i)
        if (const auto channel = static_cast<Channel>(i); (channels & bit_of(channel)) != 0)
            out.push_back(text_of(channel));
    return out;
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

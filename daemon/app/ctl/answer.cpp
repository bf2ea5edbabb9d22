#include "daemon/app/ctl/answer.hpp"

#include "daemon/app/ctl/commands.hpp"
#include "daemon/app/ctl/console.hpp"
#include "daemon/app/ctl/table.hpp"

#include <nlohmann/json.hpp>

namespace raiten::app::ctl {

const Json& at(const Json& object, const char* key)
{
    static const Json nothing;
    if (!object.is_object()) return nothing;
    const auto found = object.find(key);
    return found == object.end() ? nothing : *found;
}

std::string text_at(const Json& object, const char* key)
{
    const auto& value = at(object, key);
    if (value.is_string()) return value.get<std::string>();
    if (value.is_number() || value.is_boolean()) return value.dump();
    return {};
}

std::string shown(const Json& object, const char* key)
{
    auto text = text_at(object, key);
    return text.empty() ? "-" : text;
}

std::string time_shown(const Json& object, const char* key)
{
    const auto text = text_at(object, key);
    return text.empty() ? "-" : short_time(text);
}

std::string span_shown(const Json& object, const char* key)
{
    const auto& value = at(object, key);
    return value.is_number() ? span_text(value.get<std::int64_t>()) : "-";
}

std::string money_shown(const Json& object, const char* key)
{
    const auto amount = text_at(object, key);
    return amount.empty() ? "-" : amount + " " + text_at(object, "currency");
}

int show_answer(const Result<ApiClient::Reply>& reply, bool json, const Show& show)
{
    if (!reply) return complain(reply.error(), exit_code::unavailable);
    if (reply->status / 100 != 2) return complain(refusal_of(*reply), exit_code::failed);
    return show_body(reply->body, json, show);
}

int show_body(const std::string& body, bool json, const Show& show)
{
    if (json) {
        print(body);
        return exit_code::good;
    }
    const auto answer = Json::parse(body, nullptr, false);
    if (!answer.is_object())
        return complain(Problem{"raitend's answer cannot be read"}, exit_code::failed);
    show(answer);
    return exit_code::good;
}

}  // namespace raiten::app::ctl

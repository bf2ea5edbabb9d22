#include "daemon/app/api_handlers.hpp"
#include "daemon/app/api_text.hpp"
#include "daemon/base/iso8601.hpp"

#include <nlohmann/json.hpp>

#include "raiten_embedded/openapi.hpp"

/// The service itself: health, status, metrics, signing in, the queue to HQ.
namespace raiten::app {
namespace {

constexpr std::int64_t session_seconds = std::int64_t{12} * 3600;
constexpr std::size_t outbox_page = 100;

}  // namespace

Reply get_health(Parts, http::Request)
{
    co_return http::json(R"({"status":"ok"})");
}

Reply get_ready(Parts parts, http::Request)
{
    const auto why_not = parts->not_ready();
    if (!why_not.empty()) co_return http::problem(503, "", why_not);
    co_return http::json(R"({"status":"ready"})");
}

Reply get_metrics(Parts parts, http::Request)
{
    http::Response answer;
    answer.content_type = "text/plain; version=0.0.4; charset=utf-8";
    answer.body = parts->metrics();
    co_return answer;
}

Reply get_openapi(Parts, http::Request)
{
    const auto* file = http::find_embedded(http::embedded::openapi(), "openapi.json");
    co_return http::json(std::string{file->content});
}

Reply get_status(Parts parts, http::Request)
{
    co_return http::json(parts->status());
}

Reply get_session(Parts parts, http::Request request)
{
    const auto& store = parts->settings.store;
    Json out;
    out["role"] = http::name_of(request.role);
    out["store"] = store.store;
    out["device"] = store.device;
    out["currency"] = store.currency;
    out["languages"] = store.languages;
    const Instant now = parts->now();
    out["time"] = format_instant(now, parts->shop.sender().clock.offset_at(now));
    co_return http::json(out.dump());
}

Reply post_session(Parts parts, http::Request request)
{
    auto body = object_in(request);
    if (!body) co_return not_an_object();
    const auto token = text_in(*body, "token");
    if (!parts->role_of(token)) co_return http::problem(401, "", "this token is not known here");
    auto answer = http::no_content();
    answer.headers.push_back(http::session_cookie(token, request.secure, session_seconds));
    co_return answer;
}

Reply delete_session(Parts, http::Request request)
{
    auto answer = http::no_content();
    answer.headers.push_back(http::session_cookie("", request.secure, 0));
    co_return answer;
}

Reply get_outbox(Parts parts, http::Request)
{
    Json out;
    const Sender& sender = parts->shop.sender();
    for (const Lane lane : lanes) {
        const auto head = parts->ledger.lane_head(lane);
        if (!head) co_return ledger_trouble(head.error());
        Json& each = out["lanes"][std::string{raiten::text_of(lane)}];
        each["next"] = head.value().next;
        each["settled"] = head.value().settled;
        each["waiting"] = head.value().waiting;
    }
    Json& entries = out["entries"] = Json::array();
    for (const Lane lane : lanes) {
        const auto rows = parts->ledger.outbox_after(lane, 0, outbox_page, 1024 * 1024);
        if (!rows) co_return ledger_trouble(rows.error());
        for (const auto& row : rows.value()) {
            Json each;
            each["lane"] = raiten::text_of(row.lane);
            each["sequence"] = row.sequence;
            each["type"] = row.type;
            each["expires_at"] =
                row.expires_at
                    ? Json(format_instant(*row.expires_at, sender.clock.offset_at(*row.expires_at)))
                    : Json();
            entries.push_back(std::move(each));
        }
    }
    co_return http::json(out.dump());
}

}  // namespace raiten::app

#include "daemon/app/api.hpp"

#include "daemon/app/api_handlers.hpp"
#include "daemon/http/kiosk.hpp"

#include <algorithm>

namespace raiten::app {

using http::Role;

namespace {

Reply refuse_while_full(Parts, http::Request)
{
    auto answer = http::problem(503, "", "the ledger is behind with writing; try again in a while");
    answer.headers.emplace_back("Retry-After", "5");
    co_return answer;
}

}  // namespace

http::Router make_routes(std::shared_ptr<const ApiParts> parts)
{
    constexpr http::Roles everybody{Role::open, Role::kiosk, Role::pos, Role::reader, Role::admin};
    constexpr http::Roles staff{Role::kiosk, Role::admin};
    constexpr http::Roles registers{Role::kiosk, Role::pos, Role::admin};
    constexpr http::Roles writers{Role::kiosk, Role::pos, Role::reader, Role::admin};
    constexpr http::Roles feeds{Role::reader, Role::admin};
    constexpr http::Roles operators{Role::admin};
    constexpr std::size_t small = 4 * 1024;
    constexpr std::size_t one_model = 64 * 1024;
    constexpr std::size_t one_receipt = 256 * 1024;
    constexpr std::size_t one_webhook = 1024 * 1024;
    constexpr std::size_t many_events = 4 * 1024 * 1024;

    struct Row {
        const char* method;
        const char* pattern;
        http::Roles allowed;
        std::size_t body_bytes_max;
        ApiHandler handler;
    };
    const Row rows[] = {
        {"GET", "/healthz", everybody, 0, &get_health},
        {"GET", "/readyz", everybody, 0, &get_ready},
        {"GET", "/metrics", everybody, 0, &get_metrics},
        {"GET", "/openapi.json", everybody, 0, &get_openapi},
        {"GET", "/api/v1/session", staff, 0, &get_session},
        {"POST", "/api/v1/session", everybody, small, &post_session},
        {"DELETE", "/api/v1/session", everybody, 0, &delete_session},
        {"GET", "/api/v1/status", operators, 0, &get_status},
        {"GET", "/api/v1/figures/today", staff, 0, &get_today},
        {"GET", "/api/v1/kpi", staff, 0, &get_kpi},
        {"GET", "/api/v1/insights", staff, 0, &get_insights},
        {"GET", "/api/v1/segments/{name}/members.csv", operators, 0, &get_segment},
        {"GET", "/api/v1/models", operators, 0, &get_models},
        {"PUT", "/api/v1/models/buying", operators, one_model, &put_buying},
        {"DELETE", "/api/v1/models/buying", operators, 0, &delete_buying},
        {"GET", "/api/v1/visits", staff, 0, &get_visits},
        {"GET", "/api/v1/returns", staff, 0, &get_returns},
        {"GET", "/api/v1/targets", staff, 0, &get_targets},
        {"GET", "/api/v1/campaigns", staff, 0, &get_campaigns},
        {"GET", "/api/v1/campaigns/{id}", staff, 0, &get_campaign},
        {"PUT", "/api/v1/campaigns/{id}/lease", operators, small, &put_lease},
        {"GET", "/api/v1/members/{member}", registers, 0, &get_member},
        {"GET", "/api/v1/members/{member}/offers", registers, 0, &get_offers},
        {"POST", "/api/v1/members", operators, small, &post_member},
        {"POST", "/api/v1/members/lookup", registers, small, &post_lookup},
        {"PUT", "/api/v1/members/{member}/consent", staff, small, &put_consent},
        {"PUT", "/api/v1/members/{member}/equipment", staff, small, &put_equipment},
        {"POST", "/api/v1/surveys", staff, small, &post_survey},
        {"POST", "/api/v1/events", feeds, many_events, &post_events},
        {"POST", "/api/v1/checkins", writers, small, &post_checkin},
        {"POST", "/api/v1/receipts", registers, one_receipt, &post_receipt},
        {"POST", "/api/v1/webhooks/{reader}", everybody, one_webhook, &post_webhook},
        {"GET", "/api/v1/coupons", registers, 0, &get_coupons},
        {"POST", "/api/v1/coupons/{coupon}/redeem", registers, small, &post_redeem},
        {"POST", "/api/v1/coupons/{coupon}/delivered", registers, small, &post_delivered},
        {"GET", "/api/v1/outbox", operators, 0, &get_outbox},
    };
    const auto largest = static_cast<std::size_t>(parts->settings.http.body_bytes_max);
    http::Router router;
    for (const auto& row : rows) {
        const auto handler = row.handler;
        const auto body_bytes_max = std::min(row.body_bytes_max, largest);
        http::Route route{row.method, row.pattern, row.allowed, body_bytes_max, {}, {}};
        route.handler = [parts, handler](http::Request request) {
            // What cannot become durable soon is not taken in: the sender still has it.
            const bool writes =
                request.method == "POST" || request.method == "PUT" || request.method == "DELETE";
            const bool full = writes && !parts->ledger.room();
            return (full ? &refuse_while_full : handler)(parts, std::move(request));
        };
        router.add(std::move(route));
    }
    http::Route stream{"GET", "/api/v1/stream", staff, 0, {}, parts->stream};
    router.add(std::move(stream));
    for (const auto& asset : http::kiosk_assets()) router.mount(asset);
    return router;
}

}  // namespace raiten::app

#pragma once

#include "daemon/app/api.hpp"

namespace raiten::app {

using Parts = std::shared_ptr<const ApiParts>;
using Reply = boost::asio::awaitable<http::Response>;
using ApiHandler = Reply (*)(Parts, http::Request);

/// One handler a route, named by method and what it is about. They answer with problem details
/// where they refuse, and a write is answered after it is durable.

// the service itself (api_service.cpp)
Reply get_health(Parts parts, http::Request request);
Reply get_ready(Parts parts, http::Request request);
Reply get_metrics(Parts parts, http::Request request);
Reply get_openapi(Parts parts, http::Request request);
Reply get_status(Parts parts, http::Request request);
Reply get_session(Parts parts, http::Request request);
Reply post_session(Parts parts, http::Request request);
Reply delete_session(Parts parts, http::Request request);
Reply get_outbox(Parts parts, http::Request request);

// visits and members (api_members.cpp)
Reply get_visits(Parts parts, http::Request request);
Reply get_returns(Parts parts, http::Request request);
Reply get_today(Parts parts, http::Request request);
Reply get_member(Parts parts, http::Request request);
Reply get_offers(Parts parts, http::Request request);
Reply post_member(Parts parts, http::Request request);
Reply post_lookup(Parts parts, http::Request request);

// key figures (api_kpi.cpp, api_insights.cpp)
Reply get_kpi(Parts parts, http::Request request);
Reply get_insights(Parts parts, http::Request request);

// members of a campaign's segment (api_segments.cpp)
Reply get_segment(Parts parts, http::Request request);

// models (api_models.cpp)
Reply get_models(Parts parts, http::Request request);
Reply put_buying(Parts parts, http::Request request);
Reply delete_buying(Parts parts, http::Request request);

// campaigns and who to approach (api_campaigns.cpp, api_targets.cpp)
Reply get_campaigns(Parts parts, http::Request request);
Reply put_lease(Parts parts, http::Request request);
Reply get_campaign(Parts parts, http::Request request);
Reply get_targets(Parts parts, http::Request request);

// what is decided or said about members (api_notices.cpp)
Reply put_consent(Parts parts, http::Request request);
Reply put_equipment(Parts parts, http::Request request);
Reply post_survey(Parts parts, http::Request request);

// what happens (api_events.cpp)
Reply post_events(Parts parts, http::Request request);
Reply post_checkin(Parts parts, http::Request request);
Reply post_receipt(Parts parts, http::Request request);

// what POS services post (api_webhooks.cpp)
Reply post_webhook(Parts parts, http::Request request);

// coupons (api_coupons.cpp)
Reply get_coupons(Parts parts, http::Request request);
Reply post_redeem(Parts parts, http::Request request);
Reply post_delivered(Parts parts, http::Request request);

}  // namespace raiten::app

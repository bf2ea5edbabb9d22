#pragma once

#include "daemon/app/readers.hpp"
#include "daemon/app/settings.hpp"
#include "daemon/app/shop.hpp"
#include "daemon/app/today.hpp"
#include "daemon/app/webhook_door.hpp"
#include "daemon/http/event_stream.hpp"
#include "daemon/http/router.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <memory>
#include <string>

namespace raiten::app {

class MemberDesk;

/// What the routes need of the house; all of it outlives them.
struct ApiParts {
    boost::asio::any_io_executor executor;
    const Settings& settings;
    Shop& shop;
    ledger::Ledger& ledger;
    Readers& readers;
    Today& today;
    MemberDesk& members;                               ///< figures of members
    const std::map<std::string, Campaign>& campaigns;  ///< by id
    std::shared_ptr<http::EventStream> stream;
    std::function<void(const RawEvent&, const Shop::Done&)> admit;  ///< an event that arrives now
    std::function<Instant()> now;
    std::function<void()> count_refused;  ///< an event that could not be taken
    std::function<std::optional<http::Role>(std::string_view token)> role_of;
    std::function<std::string()> status;     ///< JSON
    std::function<std::string()> metrics;    ///< Prometheus text
    std::function<std::string()> not_ready;  ///< why not, or ""
    /// The door of the pos-webhook reader of that name; null: there is none.
    std::function<const WebhookDoor*(std::string_view reader)> webhook_door{};
};

/// The local API of the contract: one row a route.
http::Router make_routes(std::shared_ptr<const ApiParts> parts);

}  // namespace raiten::app

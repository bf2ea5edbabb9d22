#pragma once

#include "daemon/app/ndjson.hpp"
#include "daemon/app/settings.hpp"
#include "daemon/http/request.hpp"
#include "daemon/model/rules.hpp"
#include "drivers/options.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Where a POS service posts what was sold: one door for each reader with driver pos-webhook.
namespace raiten::app {

struct WebhookDoor {
    std::string reader;  ///< its name, in the address
    std::string format;  ///< of the catalog: "smaregi", "square", "shopify", "epos"
    /// What the service signs with, or shows; any one will do. None: only a token of role pos or
    /// admin may post here.
    std::vector<std::string> keys;
    std::string notification_url;  ///< square: the address as the subscription names it
    std::string header;            ///< of a secret that is shown; "" is x-raiten-key. Lower case
    drivers::Options options;
    std::string pos{};  ///< the register's name in receipts; "" is the reader's
};

/// One for each reader with driver pos-webhook, its keys read. A Problem names the key's file.
Result<std::vector<WebhookDoor>> make_webhook_doors(const Settings& settings, const Places& places);

/// Why this request does not come from the door's service; nothing where it does, or where it bears
/// a token of role pos or admin. Before a byte of the body is read as anything.
std::optional<http::Response> refuse_sender(const WebhookDoor& door, const http::Request& request);

constexpr std::size_t ignored_max = 100;  ///< named in one answer; the others are counted only

/// What a body says: receipts, and what is none of this store's.
struct WebhookHeard {
    struct Ignored {
        std::string number;  ///< or empty
        std::string kind;    ///< "payment", "order", …; empty where it could not be read
        std::string reason;
    };
    std::vector<RawEvent> receipts;
    std::vector<Ignored> ignored;
    std::size_t ignored_count{};
    bool understood{};  ///< at least one record was read, whatever it was

    void ignore(Ignored what);
};

/// A receipt without a time of its own happened `now`. Of a member's number that is no token, the
/// receipt stays, as nobody's.
WebhookHeard hear_webhook(const WebhookDoor& door, std::string_view body, Instant now,
                          const StoreClock& clock);

}  // namespace raiten::app

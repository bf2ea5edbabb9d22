#include "daemon/app/webhook_door.hpp"

#include "daemon/app/devices/device.hpp"
#include "daemon/app/secret.hpp"
#include "daemon/app/token_text.hpp"
#include "daemon/base/hex.hpp"
#include "drivers/catalog.hpp"
#include "drivers/pos/readers.hpp"
#include "drivers/webhook/signature.hpp"

#include <utility>

namespace raiten::app {
namespace {

namespace webhook = drivers::webhook;

webhook::Proof proof_of(const WebhookDoor& door, const http::Request& request)
{
    if (door.format == "square")
        return webhook::check_square(door.keys, door.notification_url, request.body,
                                     request.header(webhook::square_header));
    if (door.format == "shopify")
        return webhook::check_shopify(door.keys, request.body,
                                      request.header(webhook::shopify_header));
    const std::string_view header =
        door.header.empty() ? webhook::shared_secret_header : std::string_view{door.header};
    return webhook::check_shared_secret(door.keys, request.header(header));
}

/// Takes the receipts out of what a door's service told.
class Hearing {
 public:
    Hearing(const WebhookDoor& door, Instant now, const StoreClock& clock)
        : door_{door}, now_{now}, clock_{clock}
    {
    }

    void take(const ReceiptRead& receipt)
    {
        const Instant at = told_at(receipt, clock_, now_).value_or(now_);
        auto event = event_of(receipt, door_.pos.empty() ? door_.reader : door_.pos, at);
        auto& raw = std::get<RawReceipt>(event->what);
        if (!raw.token.empty() && !normalise_token(raw.token)) raw.token.clear();
        heard_.understood = true;
        heard_.receipts.push_back(std::move(*event));
    }

    /// A service whose records can be judged one by one.
    void read(drivers::pos::TransactionReader& reader, std::string_view body)
    {
        const auto hear = [this](const drivers::pos::Transaction& told) {
            const auto judged = drivers::pos::judge(told, door_.options);
            if (judged.receipt) return take(*judged.receipt);
            heard_.understood = true;
            heard_.ignore({told.number, std::string{drivers::pos::text(told.kind)},
                           std::string{judged.why_not}});
        };
        const auto refuse = [this](const Garbled& garbled) {
            heard_.ignore({{}, {}, std::string{garbled.why}});
        };
        reader.feed(bytes_of(body), hear, refuse);
        reader.finish(hear, refuse);
    }

    /// Any other driver of the catalog: what it tells is a receipt or was left out.
    void read(drivers::Translator& translator, std::string_view body)
    {
        const drivers::Tell tell = [this](const Reading& reading) {
            if (const auto* receipt = std::get_if<ReceiptRead>(&reading)) take(*receipt);
            if (const auto* garbled = std::get_if<Garbled>(&reading))
                heard_.ignore({{}, {}, std::string{garbled->why}});
        };
        translator.feed(bytes_of(body), tell);
        translator.finish(tell);
        heard_.understood = true;
    }

    WebhookHeard result() { return std::move(heard_); }

 private:
    const WebhookDoor& door_;
    Instant now_;
    const StoreClock& clock_;
    WebhookHeard heard_;
};

}  // namespace

Result<std::vector<WebhookDoor>> make_webhook_doors(const Settings& settings, const Places& places)
{
    std::vector<WebhookDoor> doors;
    for (const auto& reader : settings.readers) {
        if (reader.driver != "pos-webhook") continue;
        WebhookDoor door{reader.name, reader.format, {}, reader.webhook.url, {}, {}, {}};
        door.options = driver_options(reader, settings.store.currency);
        door.pos = reader.till.pos;
        for (const char c : reader.webhook.header)
            door.header += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        for (const auto& name : reader.webhook.keys) {
            const auto key = read_secret(name, places);
            if (!key) return key.error();
            door.keys.emplace_back(key->bytes());
        }
        doors.push_back(std::move(door));
    }
    return doors;
}

std::optional<http::Response> refuse_sender(const WebhookDoor& door, const http::Request& request)
{
    if (request.role == http::Role::pos || request.role == http::Role::admin) return std::nullopt;
    if (!door.keys.empty()) {
        const auto proof = proof_of(door, request);
        if (proof == webhook::Proof::genuine) return std::nullopt;
        return http::problem(401, "", webhook::text(proof));
    }
    if (request.role != http::Role::open)
        return http::problem(403, "", "this reader needs a token of role pos");
    auto answer = http::problem(
        401, "", "this reader has no key: send Authorization: Bearer with a token of role pos");
    answer.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"raiten\"");
    return answer;
}

void WebhookHeard::ignore(Ignored what)
{
    ++ignored_count;
    if (ignored.size() < ignored_max) ignored.push_back(std::move(what));
}

WebhookHeard hear_webhook(const WebhookDoor& door, std::string_view body, Instant now,
                          const StoreClock& clock)
{
    Hearing hearing{door, now, clock};
    if (const auto reader = drivers::pos::make_reader(door.format)) {
        hearing.read(*reader, body);
    } else if (const auto* driver = drivers::find_driver(door.format)) {
        if (const auto translator = driver->listen(door.options)) hearing.read(**translator, body);
    }
    return hearing.result();
}

}  // namespace raiten::app

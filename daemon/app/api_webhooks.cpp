#include "daemon/app/api_admit.hpp"
#include "daemon/app/api_text.hpp"
#include "daemon/app/webhook_door.hpp"

#include <nlohmann/json.hpp>

/// What POS services post. A service that is answered with errors gives up posting after a while,
/// so whatever could be read is answered with 200, and says what became of it.
namespace raiten::app {
namespace {

std::string number_of(const RawEvent& event)
{
    return std::get<RawReceipt>(event.what).number;
}

/// Whether an outcome is a receipt that counts, one that was told before, or neither.
enum class Became { receipt, duplicate, ignored };

Became became(const Answer& answer)
{
    switch (answer.verdict) {
        case Verdict::accepted:
        case Verdict::unknown:
            return Became::receipt;
        case Verdict::duplicate:
            return Became::duplicate;
        case Verdict::conflict:
        case Verdict::late:
        case Verdict::left_out:
        case Verdict::refused:
            break;
    }
    return Became::ignored;
}

http::Response answered(WebhookHeard heard, const std::vector<Outcome>& outcomes)
{
    std::size_t receipts = 0;
    std::size_t duplicates = 0;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        const auto& outcome = *outcomes[i];
        // Not durable: the service still has it, and posts it again.
        if (!outcome) return ledger_trouble(outcome.error());
        const auto what = became(*outcome);
        receipts += what == Became::receipt ? 1U : 0U;
        duplicates += what == Became::duplicate ? 1U : 0U;
        if (what == Became::ignored)
            heard.ignore({number_of(heard.receipts[i]), "receipt",
                          outcome->reason.empty() ? std::string{text_of(outcome->verdict)}
                                                  : outcome->reason});
    }
    Json out;
    out["receipts"] = receipts;
    out["duplicates"] = duplicates;
    Json ignored = Json::array();
    for (const auto& each : heard.ignored) {
        Json line;
        if (!each.number.empty()) line["number"] = each.number;
        if (!each.kind.empty()) line["kind"] = each.kind;
        line["reason"] = each.reason;
        ignored.push_back(std::move(line));
    }
    out["ignored"] = std::move(ignored);
    out["ignored_count"] = heard.ignored_count;
    return http::json(out.dump());
}

}  // namespace

Reply post_webhook(Parts parts, http::Request request)
{
    const WebhookDoor* door =
        parts->webhook_door ? parts->webhook_door(request.parameter("reader")) : nullptr;
    if (door == nullptr)
        co_return http::problem(404, "", "no reader of that name has the driver pos-webhook");
    // cppcheck-suppress nullPointerRedundantCheck ; a co_return is a return
    if (auto refusal = refuse_sender(*door, request)) {
        parts->count_refused();
        co_return std::move(*refusal);
    }
    auto heard = hear_webhook(*door, request.body, parts->now(), parts->shop.sender().clock);
    if (!heard.understood) {
        parts->count_refused();
        const auto why = heard.ignored.empty() ? "the body is empty" : heard.ignored.front().reason;
        co_return http::problem(422, "", why + "; this reader takes " + door->format);
    }
    if (!heard.receipts.empty()) parts->readers.heard_over_api(door->reader, parts->now());
    std::vector<Result<RawEvent>> events{heard.receipts.begin(), heard.receipts.end()};
    auto pending = admit_all(parts, std::move(events));
    const auto outcomes = co_await std::move(pending);
    co_return answered(std::move(heard), outcomes);
}

}  // namespace raiten::app

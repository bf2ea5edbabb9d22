#include "daemon/app/api_handlers.hpp"
#include "daemon/app/api_text.hpp"
#include "daemon/app/await.hpp"
#include "daemon/app/member_desk.hpp"
#include "daemon/app/summary_json.hpp"
#include "daemon/base/iso8601.hpp"
#include "daemon/kpi/facts.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

/// The key figures, exact: as they were issued, and as they are for what is not over yet.
namespace raiten::app {
namespace {

using std::chrono::days;
using Bucket = Summary::Bucket;

constexpr std::size_t page_default = 100;
constexpr std::size_t page_max = 1000;
constexpr days days_shown{7};

struct Asked {
    Bucket bucket{Bucket::day};
    Instant since;  ///< as asked; a cursor moves `from`
    Instant from;
    Instant to;
    std::size_t limit{};
    std::optional<http::Response> refusal;
};

Asked asked_in(const ApiParts& parts, const http::Request& request)
{
    Asked asked;
    const auto& clock = parts.shop.sender().clock;
    const auto bucket = request.query_value("bucket").value_or("day");
    if (bucket != "day" && bucket != "hour")
        asked.refusal = http::problem(400, "", "bucket is hour or day");
    asked.bucket = bucket == "hour" ? Bucket::hour : Bucket::day;
    const Instant now = parts.now();
    const auto today = clock.day_of(now);
    asked.from =
        clock.start_of(asked.bucket == Bucket::hour ? today : today - days_shown + days{1});
    asked.to = now + Millis{1};
    for (const auto& [key, at] : {std::pair{"from", &asked.from}, {"to", &asked.to}}) {
        const auto text = request.query_value(key);
        if (!text) continue;
        const auto time = parse_instant(*text);
        if (!time) {
            asked.refusal = refused(time.error());
        } else {
            *at = time.value();
        }
    }
    const auto limit = number_in(request, "limit", page_default, page_max);
    const auto cursor = number_in(request, "cursor", 1, SIZE_MAX >> 1U);
    if (!limit || !cursor)
        asked.refusal =
            http::problem(400, "", "limit is a number up to 1000, cursor one of this list");
    asked.limit = limit.value_or(1);
    asked.since = asked.from;
    if (!asked.refusal && asked.since >= asked.to)
        asked.refusal = http::problem(400, "", "from lies before to");
    if (request.query_value("cursor"))
        asked.from = std::max(asked.from, Instant{Millis{static_cast<std::int64_t>(*cursor)}});
    return asked;
}

/// What the ledger has of a period may be older than what the engine knows of it.
Result<std::map<Instant, Summary>> summaries_of(const ApiParts& parts, const Asked& asked)
{
    const auto kept = parts.ledger.summaries(asked.bucket, asked.from, asked.to, asked.limit + 1);
    if (!kept) return kept.error();
    std::map<Instant, Summary> all;
    for (const auto& summary : kept.value()) all[summary.from] = summary;
    for (auto& summary : parts.shop.engine().figures())
        if (summary.bucket == asked.bucket && summary.from >= asked.from && summary.from < asked.to)
            all[summary.from] = std::move(summary);
    return all;
}

}  // namespace

Reply get_kpi(Parts parts, http::Request request)
{
    Asked asked = asked_in(*parts, request);
    if (asked.refusal) co_return std::move(*asked.refusal);
    const auto with_members = request.query_value("members").value_or("true");
    if (with_members != "true" && with_members != "false")
        co_return http::problem(400, "", "members is true or false");
    const bool members = with_members == "true";
    const auto found = summaries_of(*parts, asked);
    if (!found) co_return ledger_trouble(found.error());
    const Sender& sender = parts->shop.sender();
    Json out;
    out["bucket"] = asked.bucket == Bucket::hour ? "hour" : "day";
    Json all = Json::array();
    Json cursor;
    std::optional<Summary> total;
    for (const auto& [from, summary] : found.value()) {
        if (all.size() == asked.limit) {
            cursor = std::to_string(from.time_since_epoch().count());
            break;
        }
        all.push_back(summary_data(summary, sender, Reader::staff));
        total = total ? merge(*total, summary) : summary;
    }
    out["summaries"] = std::move(all);
    out["cursor"] = std::move(cursor);
    out["total"] = total ? summary_data(*total, sender, Reader::staff) : Json();
    out["members"] = Json();
    if (!members) co_return http::json(out.dump());

    const Period whole_days{
        sender.clock.start_of(sender.clock.day_of(asked.since)),
        sender.clock.start_of(sender.clock.day_of(asked.to - Millis{1}) + days{1})};
    std::function<void(std::function<void(Result<std::string>)>)> start =
        [parts, whole_days](std::function<void(Result<std::string>)> done) {
            parts->members.ask(whole_days, parts->now(),
                               [done](const Result<std::string>& json) { done(json); });
        };
    auto pending = answer_of<Result<std::string>>(parts->executor, std::move(start));
    const auto figures = co_await std::move(pending);
    if (!figures) co_return ledger_trouble(figures.error());
    out["members"] = Json::parse(figures.value());
    co_return http::json(out.dump());
}

}  // namespace raiten::app

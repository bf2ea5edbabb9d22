#include "daemon/app/api_handlers.hpp"
#include "daemon/app/api_text.hpp"
#include "daemon/app/await.hpp"
#include "daemon/app/given_model.hpp"
#include "daemon/base/iso8601.hpp"

#include <nlohmann/json.hpp>

/// What scores are made with: versions of models, and parameters that are given instead of a fit.
namespace raiten::app {
namespace {

constexpr std::size_t versions_default = 100;
constexpr std::size_t versions_max = 1000;

std::string time_of(const Parts& parts, Instant at)
{
    return format_instant(at, parts->shop.sender().clock.offset_at(at));
}

Json version_of(const Parts& parts, const ledger::ModelRow& row)
{
    Json out;
    out["kind"] = row.kind;
    out["version"] = row.version;
    out["made_at"] = time_of(parts, row.made_at);
    out["source"] = row.source;
    out["accepted"] = row.accepted;
    out["reason"] = row.reason;
    const auto parameters = Json::parse(row.parameters, nullptr, false);
    out["parameters"] = parameters.is_object() ? parameters : Json::object();
    return out;
}

FindModel find_in(const Parts& parts)
{
    return [parts](const std::string& kind) { return parts->ledger.model(kind); };
}

Instant next_night(const Parts& parts)
{
    const auto& clock = parts->shop.sender().clock;
    const auto refresh_at = parts->settings.scoring.refresh_at;
    const auto last = night_of(parts->now(), clock, refresh_at);
    return night_due(last + std::chrono::days{1}, clock, refresh_at);
}

using Change = std::function<Result<void>(const ModelDone&)>;

boost::asio::awaitable<Result<void>> durably(Parts parts, Change change)
{
    std::function<void(std::function<void(Result<void>)>)> start =
        [change = std::move(change)](std::function<void(Result<void>)> done) {
            const ModelDone told = [done](const Result<void>& how) { done(how); };
            if (const auto begun = change(told); !begun) done(begun);
        };
    auto pending = answer_of<Result<void>>(parts->executor, std::move(start));
    co_return co_await std::move(pending);
}

}  // namespace

Reply get_models(Parts parts, http::Request request)
{
    const auto limit = number_in(request, "limit", versions_default, versions_max);
    if (!limit) co_return http::problem(400, "", "limit is a number from 1 to 1000");
    const auto rows = parts->ledger.models(*limit);
    if (!rows) co_return ledger_trouble(rows.error());
    const auto given = given_version(find_in(parts));
    if (!given) co_return ledger_trouble(given.error());
    Json out;
    Json& models = out["models"] = Json::array();
    for (const auto& row : *rows) models.push_back(version_of(parts, row));
    out["given"] = *given ? version_of(parts, **given) : Json();
    co_return http::json(out.dump());
}

Reply put_buying(Parts parts, http::Request request)
{
    // What is wrong with the text is told before anything is changed.
    Result<void> refusal;
    Change change = [parts, &refusal, text = request.body](const ModelDone& done) {
        refusal = give_model(parts->shop, text, parts->settings.scoring.cards(), "operator",
                             parts->now(), done);
        return refusal;
    };
    auto pending = durably(parts, std::move(change));
    const Result<void> how = co_await std::move(pending);
    if (!refusal) co_return refused(refusal.error());
    if (!how) co_return ledger_trouble(how.error());
    const auto given = given_version(find_in(parts));
    if (!given) co_return ledger_trouble(given.error());
    if (!*given) co_return http::problem(409, "", "withdrawn again meanwhile");
    Json out = version_of(parts, **given);
    out["takes_effect_at"] = time_of(parts, next_night(parts));
    co_return http::json(out.dump());
}

Reply delete_buying(Parts parts, http::Request)
{
    const auto given = given_version(find_in(parts));
    if (!given) co_return ledger_trouble(given.error());
    if (!*given) co_return http::problem(404, "", "no parameters are given: models are fitted");
    Change change = [parts](const ModelDone& done) {
        withdraw_model(parts->shop, "operator", parts->now(), done);
        return Result<void>{};
    };
    auto pending = durably(parts, std::move(change));
    const Result<void> how = co_await std::move(pending);
    if (!how) co_return ledger_trouble(how.error());
    co_return http::no_content();
}

}  // namespace raiten::app

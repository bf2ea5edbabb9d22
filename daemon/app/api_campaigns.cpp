#include "daemon/app/api_handlers.hpp"
#include "daemon/app/api_text.hpp"
#include "daemon/app/await.hpp"
#include "daemon/app/campaign_json.hpp"
#include "daemon/app/member_desk.hpp"
#include "daemon/base/iso8601.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

/// What campaigns are running, how they stand, and what they changed.
namespace raiten::app {
namespace {

constexpr std::uint64_t lease_number_max = 1'000'000'000'000'000;

bool in_force(const Campaign& campaign, Instant now)
{
    return (!campaign.starts_at || *campaign.starts_at <= now)
           && (!campaign.ends_at || now < *campaign.ends_at);
}

Json funnel_json(const Funnel& funnel)
{
    Json passed = Json::object();
    for (std::size_t i = 0; i < funnel.passed_over.size(); ++i)
        passed[std::string{raiten::text_of(static_cast<PassedOver>(i))}] = funnel.passed_over.at(i);
    return {{"asked", funnel.asked},
            {"given", funnel.given},
            {"withheld", funnel.withheld},
            {"passed_over", std::move(passed)}};
}

Json budget_json(const Campaign& campaign, const CampaignAccount& account, int decimals)
{
    const auto& budget = account.budget();
    const auto gone = budget.used + budget.reserved;
    Json out{{"used", budget.used.text(decimals)}, {"reserved", budget.reserved.text(decimals)}};
    out["limit"] = campaign.budget ? Json(campaign.budget->text(decimals)) : Json();
    out["left"] =
        campaign.budget ? Json(std::max(*campaign.budget - gone, Money{}).text(decimals)) : Json();
    return out;
}

Json stock_json(const Campaign& campaign, const CampaignAccount& account, Instant now,
                const StoreClock& clock)
{
    if (!campaign.stock) return {};
    return {{"count", campaign.stock->count},
            {"daily", campaign.stock->daily},
            {"left", account.stock_left(campaign, now, clock)}};
}

Json lease_json(const CampaignAccount& account, const Sender& sender, int decimals)
{
    const auto report = account.report();
    const auto& row = account.lease();
    if (!report || !row) return {};
    const auto& grant = row->grant;
    return {{"version", report->version},
            {"until", format_instant(grant.until, sender.clock.offset_at(grant.until))},
            {"budget", grant.budget.text(decimals)},
            {"budget_used", report->budget_used.text(decimals)},
            {"budget_reserved", report->budget_reserved.text(decimals)},
            {"budget_returned", report->budget_returned.text(decimals)},
            {"stock", grant.stock},
            {"stock_used", report->stock_used},
            {"stock_reserved", report->stock_reserved},
            {"stock_returned", report->stock_returned}};
}

/// The chances at this moment: of a copy, so that asking changes nothing.
Json arms_json(const Campaign& campaign, Arms arms)
{
    std::vector<std::string> codes;
    for (const auto& offer : campaign.offers) codes.push_back(offer.code);
    const auto chances = arms.probabilities(codes);
    Json out = Json::array();
    for (std::size_t i = 0; i < codes.size(); ++i) {
        const auto count = arms.count(codes[i]);
        out.push_back({{"offer", codes[i]},
                       {"given", count.given},
                       {"answered", count.answered},
                       {"probability", chances.at(i)}});
    }
    return out;
}

/// What anybody at the counter may know.
Json notation_json(const Campaign& campaign, Instant now)
{
    return {{"id", campaign.id},
            {"in_force", in_force(campaign, now)},
            {"campaign", Json::parse(write_campaign(campaign))}};
}

void add_standing(Json& out, const ApiParts& parts, const Campaign& campaign, Instant now)
{
    const auto& sender = parts.shop.sender();
    const int decimals = currency_decimals(sender.currency);
    const auto& all = parts.shop.engine().decisions().standings();
    const auto found = all.find(campaign.id);
    const Decisions::Standing none;
    const auto& standing = found == all.end() ? none : found->second;
    out["control"] = std::max(campaign.control, standing.control);
    out["funnel"] = funnel_json(standing.funnel);
    out["currency"] = sender.currency;
    out["budget"] = budget_json(campaign, standing.account, decimals);
    out["stock"] = stock_json(campaign, standing.account, now, sender.clock);
    out["lease"] = lease_json(standing.account, sender, decimals);
    out["arms"] = arms_json(campaign, standing.arms);
}

/// Of all running campaigns together: so one answer of the desk serves whoever asks for any.
boost::asio::awaitable<Result<std::string>> figures_of_all(Parts parts)
{
    std::function<void(std::function<void(Result<std::string>)>)> start =
        [parts](std::function<void(Result<std::string>)> done) {
            std::vector<std::string> ids;
            for (const auto& [id, campaign] : parts->campaigns) ids.push_back(id);
            parts->members.ask_campaigns(std::move(ids), parts->now(),
                                         [done](const Result<std::string>& json) { done(json); });
        };
    auto pending = answer_of<Result<std::string>>(parts->executor, std::move(start));
    co_return co_await std::move(pending);
}

void add_figures(Json& out, const Json& figures)
{
    out["as_of"] = figures.at("as_of");
    out["settled_before"] = figures.at("settled_before");
    const auto& of = figures.at("campaigns").find(out.at("id").get<std::string>());
    const bool known = of != figures.at("campaigns").end();
    out["states"] = known ? of->at("states") : Json();
    out["effect"] = known ? of->at("effect") : Json();
}

Json whole(const ApiParts& parts, const Campaign& campaign, const Json& figures, Instant now)
{
    Json out = notation_json(campaign, now);
    add_standing(out, parts, campaign, now);
    add_figures(out, figures);
    return out;
}

/// {"version":1,"budget":"1000","stock":5,"until":"…"}; budget or stock may be absent.
Result<LeaseGrant> lease_in(const Json& body, std::string campaign)
{
    LeaseGrant grant;
    grant.campaign = std::move(campaign);
    const auto whole = [&](const char* key) -> Result<std::uint64_t> {
        const auto found = body.find(key);
        if (found == body.end()) return std::uint64_t{0};
        if (!found->is_number_unsigned() || found->get<std::uint64_t>() > lease_number_max)
            return Problem{std::string{key} + " is not a whole number from 0 to 10^15"};
        return found->get<std::uint64_t>();
    };
    const auto version = whole("version");
    if (!version) return version.error();
    if (*version == 0) return Problem{"version is a number from 1 on: a higher one replaces"};
    grant.version = *version;
    const auto stock = whole("stock");
    if (!stock) return stock.error();
    grant.stock = *stock;
    if (body.contains("budget")) {
        const auto budget = Money::parse(text_in(body, "budget"));
        if (!budget || *budget < Money{})
            return Problem{"budget is a decimal string, such as \"10000\""};
        grant.budget = *budget;
    }
    const auto until = parse_instant(text_in(body, "until"));
    if (!until) return Problem{"until is a time, such as 2026-12-01T00:00:00+09:00"};
    grant.until = *until;
    return grant;
}

}  // namespace

Reply get_campaigns(Parts parts, http::Request request)
{
    const bool admin = request.role == http::Role::admin;
    Json figures;
    if (admin) {
        auto pending = figures_of_all(parts);
        const auto found = co_await std::move(pending);
        if (!found) co_return ledger_trouble(found.error());
        figures = Json::parse(found.value());
    }
    const auto now = parts->now();
    Json out;
    Json& all = out["campaigns"] = Json::array();
    for (const auto& [id, campaign] : parts->campaigns)
        all.push_back(admin ? whole(*parts, campaign, figures, now) : notation_json(campaign, now));
    co_return http::json(out.dump());
}

Reply get_campaign(Parts parts, http::Request request)
{
    const std::string id{request.parameter("id")};
    if (!parts->campaigns.contains(id))
        co_return http::problem(404, "", "no campaign of this id is running");
    const bool admin = request.role == http::Role::admin;
    Json figures;
    if (admin) {
        auto pending = figures_of_all(parts);
        const auto found = co_await std::move(pending);
        if (!found) co_return ledger_trouble(found.error());
        figures = Json::parse(found.value());
    }
    const auto now = parts->now();
    const auto still = parts->campaigns.find(id);  // others may have come while figures were made
    if (still == parts->campaigns.end())
        co_return http::problem(404, "", "no campaign of this id is running");
    const auto& campaign = still->second;
    const Json out = admin ? whole(*parts, campaign, figures, now) : notation_json(campaign, now);
    co_return http::json(out.dump());
}

Reply put_lease(Parts parts, http::Request request)
{
    const auto body = object_in(request);
    if (!body) co_return not_an_object();
    const std::string id{request.parameter("id")};
    const auto running = parts->campaigns.find(id);
    if (running == parts->campaigns.end())
        co_return http::problem(404, "", "no campaign of this id is running");
    if (!running->second.leased)
        co_return http::problem(409, "", "this campaign is not leased: it has its own budget");
    const auto grant = lease_in(*body, id);
    if (!grant) co_return http::problem(400, "", grant.error().what);
    std::function<void(std::function<void(Result<Answer>)>)> start =
        [parts, grant = *grant](std::function<void(Result<Answer>)> done) {
            parts->shop.grant(grant, parts->now(), done);
        };
    auto pending = answer_of<Result<Answer>>(parts->executor, std::move(start));
    const auto told = co_await std::move(pending);
    if (!told) co_return ledger_trouble(told.error());
    const auto& standings = parts->shop.engine().decisions().standings();
    const auto found = standings.find(id);
    if (told.value().verdict == Verdict::duplicate || found == standings.end())
        co_return http::problem(409, "", "a lease of this version or a newer one is known");
    const auto& sender = parts->shop.sender();
    co_return http::json(
        lease_json(found->second.account, sender, currency_decimals(sender.currency)).dump());
}

}  // namespace raiten::app

#include "daemon/app/campaign_json.hpp"
#include "daemon/app/units.hpp"
#include "daemon/base/iso8601.hpp"

#include <nlohmann/json.hpp>

namespace raiten::app {
namespace {

using Json = nlohmann::ordered_json;

Json offer_json(const Offer& offer)
{
    Json out{{"code", offer.code}, {"text", offer.text}};
    if (offer.value != Money{}) out["value"] = offer.value.text();
    if (offer.cost != Money{}) out["cost"] = offer.cost.text();
    if (!offer.item.empty()) out["item"] = offer.item;
    return out;
}

Json limit_json(const UseLimit& limit)
{
    return {{"count", limit.count},
            {"period", limit.period ? duration_text(*limit.period) : "day"}};
}

/// One alone, several as a list.
Json limits_json(const std::vector<UseLimit>& limits)
{
    if (limits.size() == 1) return limit_json(limits.front());
    Json out = Json::array();
    for (const auto& limit : limits) out.push_back(limit_json(limit));
    return out;
}

Json stock_json(const Campaign::Stock& stock)
{
    Json out{{"count", stock.count}, {"per", stock.daily ? "day" : "campaign"}};
    if (stock.daily && !stock.spread) out["spread"] = false;
    return out;
}

Json target_json(const Campaign::Target& target)
{
    Json out = Json::object();
    if (target.top_share) out["top_share"] = *target.top_share;
    if (target.uplift_min) out["uplift_min"] = *target.uplift_min;
    return out;
}

void write_limits(const Campaign& c, Json& out)
{
    if (!c.per_member.empty()) out["per_member"] = limits_json(c.per_member);
    auto per_store = c.per_store;
    if (!per_store.empty() && !per_store.front().period) {
        out["per_day"] = per_store.front().count;
        per_store.erase(per_store.begin());
    }
    if (!per_store.empty()) out["per_store"] = limits_json(per_store);
    if (c.budget) out["budget"] = c.budget->text();
    if (c.stock) out["stock"] = stock_json(*c.stock);
    if (c.leased) out["leased"] = true;
    if (c.quiet_hours)
        out["quiet_hours"] = {{"from", time_of_day_text(c.quiet_hours->from)},
                              {"to", time_of_day_text(c.quiet_hours->to)}};
    if (c.min_gap) out["min_gap"] = duration_text(*c.min_gap);
    if (c.target) out["target"] = target_json(*c.target);
}

}  // namespace

std::string write_campaign(const Campaign& c)
{
    const auto utc = [](Instant at) { return format_instant(at, std::chrono::minutes{0}); };
    Json out{{"id", c.id}, {"moment", text_of(c.moment)}};
    if (!c.where.empty()) out["where"] = c.where;
    out["offers"] = Json::array();
    for (const auto& offer : c.offers) out["offers"].push_back(offer_json(offer));
    if (c.starts_at) out["starts_at"] = utc(*c.starts_at);
    if (c.ends_at) out["ends_at"] = utc(*c.ends_at);
    out["valid_for"] = duration_text(c.valid_for);
    if (c.moment == Moment::visit_predicted) out["lead"] = duration_text(c.lead);
    if (c.channel != Channel::kiosk) out["channel"] = text_of(c.channel);
    out["control"] = c.control;
    write_limits(c, out);
    return out.dump(2) + "\n";
}

}  // namespace raiten::app

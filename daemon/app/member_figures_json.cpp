#include "daemon/app/member_figures.hpp"
#include "daemon/base/iso8601.hpp"

#include <nlohmann/json.hpp>

#include <cmath>

namespace raiten::app {
namespace {

using Json = nlohmann::ordered_json;

Json number(const std::optional<double>& value)
{
    return value ? Json(*value) : Json();
}

/// An amount that was reckoned, not counted: rounded to the ten-thousandth.
Json amount(const std::optional<double>& value, int decimals)
{
    if (!value) return {};
    const auto n = std::llround(*value * static_cast<double>(Money::per_unit));
    return Money::from_ten_thousandths(n).text(decimals);
}

Json share_json(const Share& share, const char* part, const char* whole)
{
    return {{whole, share.whole}, {part, share.part}, {"rate", number(share.rate())}};
}

std::string at_most(std::size_t index, std::size_t count)
{
    return std::to_string(index + 1) + (index + 1 == count ? "+" : "");
}

Json taken_json(const VisitsTaken& all, int decimals)
{
    constexpr std::size_t shown = 5;
    const auto taken = all.folded(shown);
    Json out{{"purchases", taken.purchases}, {"mean_visits", number(taken.mean_visits())}};
    Json& by = out["by_visits"] = Json::array();
    for (std::size_t i = 0; i < shown; ++i) {
        const auto& bin = taken.by_visits[i];
        std::optional<double> mean;
        if (bin.purchases > 0) mean = bin.spend.units() / static_cast<double>(bin.purchases);
        by.push_back({{"visits", at_most(i, shown)},
                      {"purchases", bin.purchases},
                      {"mean_spend", amount(mean, decimals)}});
    }
    return out;
}

Json stages_json(const MemberFigures& figures)
{
    const auto name = [](std::size_t stage) {
        return std::string{text_of(static_cast<Stage>(stage))};
    };
    Json start = Json::object(), end = Json::object(), moves = Json::array();
    for (std::size_t stage = 0; stage < stage_count; ++stage) {
        std::uint64_t there = 0, now = 0;
        for (const auto to : figures.moves[stage]) there += to;
        for (const auto& from : figures.moves) now += from[stage];
        start[name(stage)] = there;
        end[name(stage)] = now;
    }
    for (std::size_t from = 0; from <= stage_count; ++from)
        for (std::size_t to = 0; to < stage_count; ++to)
            if (from != to && figures.moves[from][to] > 0)
                moves.push_back({{"from", from == stage_count ? Json() : Json(name(from))},
                                 {"to", name(to)},
                                 {"members", figures.moves[from][to]}});
    return {{"at_start", start}, {"at_end", end}, {"moves", moves}};
}

Json lifetime_json(const MemberFigures& figures, const LifetimeCosts& costs, int decimals)
{
    const auto& values = figures.values;
    return {{"customers", figures.lifetime.customers},
            {"purchases", figures.lifetime.purchases},
            {"revenue", figures.lifetime.revenue.text(decimals)},
            {"average_spend", amount(values.average_spend, decimals)},
            {"purchases_per_year", number(values.purchases_per_year)},
            {"lifetime_years", number(costs.lifetime_years)},
            {"by_revenue", amount(values.revenue, decimals)},
            {"by_margin", amount(values.margin, decimals)},
            {"by_cost", amount(values.net, decimals)},
            {"by_model", amount(figures.model_value.mean, decimals)},
            {"by_model_members", figures.model_value.members}};
}

Json opinion_json(const Opinion& opinion)
{
    return {{"answers", opinion.answers()},
            {"promoters", opinion.promoters},
            {"passives", opinion.passives},
            {"detractors", opinion.detractors},
            {"net_promoter_score", number(opinion.net_promoter_score())}};
}

}  // namespace

std::string member_figures_json(const MemberFigures& figures, const LifetimeCosts& costs,
                                const std::string& currency, const StoreClock& clock)
{
    const int decimals = currency_decimals(currency);
    const auto time = [&](Instant at) { return format_instant(at, clock.offset_at(at)); };
    Json out{{"from", time(figures.period.from)},
             {"to", time(figures.period.to)},
             {"currency", currency},
             {"members", figures.members}};
    Json& retention = out["retention"] = Json::array();
    for (std::size_t i = 0; i < Cohorts::retention_days.size(); ++i) {
        Json each{{"days", Cohorts::retention_days[i]}};
        each.update(share_json(figures.cohorts.retention[i], "came_again", "cohort"));
        retention.push_back(std::move(each));
    }
    out["churn"] = share_json(figures.churn, "lost", "at_start");
    out["repeat_visits"] = share_json(figures.cohorts.repeat_visits, "twice_or_more", "members");
    out["repeat_purchases"] =
        share_json(figures.cohorts.repeat_purchases, "twice_or_more", "members");
    Json& idle = out["visits_of_non_purchasers"] = Json::object();
    for (std::size_t i = 0; i < figures.returning.non_purchasers.size(); ++i)
        idle[at_most(i, figures.returning.non_purchasers.size())] =
            figures.returning.non_purchasers[i];
    out["visits_to_purchase"] = taken_json(figures.returning.to_purchase, decimals);
    out["visits_to_first_purchase"] = taken_json(figures.returning.to_first_purchase, decimals);
    out["stages"] = stages_json(figures);
    out["rfm"] = {{"recency", figures.rfm[0]},
                  {"frequency", figures.rfm[1]},
                  {"monetary", figures.rfm[2]},
                  {"sums_3_to_15", figures.rfm_sums}};
    out["lifetime_value"] = lifetime_json(figures, costs, decimals);
    Json& nps = out["nps"] = opinion_json(figures.opinion);
    Json& days = nps["days"] = Json::array();
    for (const auto& day : figures.opinions) {
        Json each{{"day", format_day(day.day)}};
        each.update(opinion_json(day.opinion));
        days.push_back(std::move(each));
    }
    return out.dump();
}

}  // namespace raiten::app

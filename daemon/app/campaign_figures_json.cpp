#include "daemon/app/campaign_figures.hpp"
#include "daemon/base/iso8601.hpp"

#include <nlohmann/json.hpp>

#include <cmath>

namespace raiten::app {
namespace {

using Json = nlohmann::ordered_json;
using decision::Verdict;

std::string_view text_of(Verdict verdict)
{
    switch (verdict) {
        case Verdict::too_few:
            return "too_few";
        case Verdict::mismatch:
            return "mismatch";
        case Verdict::no_difference_shown:
            return "no_difference_shown";
        case Verdict::more:
            return "more";
        case Verdict::fewer:
            return "fewer";
    }
    return "";
}

/// For whoever reads the figures, and has not read this program.
std::string_view words_of(Verdict verdict)
{
    switch (verdict) {
        case Verdict::too_few:
            return "too few members or purchases in one of the groups for any figure";
        case Verdict::mismatch:
            return "other numbers of members were withheld than chance makes (p below 0.001): "
                   "decisions were lost or counted twice, so that no difference means anything";
        case Verdict::no_difference_shown:
            return "the 95 % interval of the difference holds 0";
        case Verdict::more:
            return "more purchases with the offer than without";
        case Verdict::fewer:
            return "fewer purchases with the offer than without";
    }
    return "";
}

Json interval_json(const decision::Interval& interval)
{
    return {{"value", interval.value}, {"low", interval.low}, {"high", interval.high}};
}

Json number_or_null(const std::optional<double>& number)
{
    return number ? Json(*number) : Json();
}

Json group_json(const decision::GroupFigures& group, bool blocked)
{
    Json out{{"members", group.members}, {"decisions", group.decisions}};
    const bool told = !blocked && group.decisions > 0;
    out["bought"] = blocked ? Json() : Json(group.bought);
    out["buyers"] = blocked ? Json() : Json(group.buyers);
    out["rate"] = told ? Json(group.rate) : Json();
    out["spend"] = told ? Json(group.spend) : Json();
    return out;
}

Json cost_json(const std::optional<decision::PurchaseCost>& cost)
{
    if (!cost) return {};
    return {{"value", number_or_null(cost->value)},
            {"low", cost->low},
            {"high", number_or_null(cost->high)}};
}

Json figures_json(const std::optional<decision::EffectFigures>& figures)
{
    if (!figures) return {};
    return {{"rate", interval_json(figures->rate)},
            {"spend", interval_json(figures->spend)},
            {"purchases", interval_json(figures->purchases)},
            {"purchase_cost", cost_json(figures->purchase_cost)}};
}

Json look_json(const std::optional<decision::AlwaysValid>& look)
{
    if (!look) return {};
    return {{"rate", interval_json(look->rate)},
            {"rate_shown", look->rate_shown()},
            {"spend", interval_json(look->spend)},
            {"spend_shown", look->spend_shown()},
            {"deviations", look->deviations}};
}

Json states_json(const ledger::DecisionCounts& counts)
{
    Json out = Json::object();
    for (std::size_t i = 0; i < counts.by_state.size(); ++i)
        out[std::string{raiten::text_of(static_cast<CouponState>(i))}] = counts.by_state.at(i);
    return out;
}

Json effect_json(const CampaignFigures& figures, const std::string& currency)
{
    const auto& effect = figures.effect;
    const auto& ratio = effect.sample_ratio;
    const bool blocked = effect.verdict == Verdict::mismatch;
    Json out;
    out["verdict"] = figures.trouble ? "trouble" : text_of(effect.verdict);
    out["words"] =
        figures.trouble ? figures.trouble->text() : std::string{words_of(effect.verdict)};
    out["decisions"] = figures.decisions;
    out["pending"] = figures.counts.pending;
    out["left_out"] = {{"partly_blind", figures.partly_blind},
                       {"guessed", figures.guessed},
                       {"changed_group", figures.changed_group},
                       {"unknown", figures.unknown()}};
    out["given"] = group_json(effect.given, blocked);
    out["withheld"] = group_json(effect.withheld, blocked);
    out["without_part"] = effect.without_part;
    out["sample_ratio"] = {{"members", ratio.draws},
                           {"withheld", ratio.drawn},
                           {"expected", ratio.expected},
                           {"p", ratio.p},
                           {"mismatch", ratio.mismatch()}};
    out["currency"] = currency;
    out["figures"] = figures_json(effect.figures);
    out["look"] = look_json(figures.look.figures);
    return out;
}

}  // namespace

std::string campaigns_figures_json(const CampaignsFigures& figures, const std::string& currency,
                                   const StoreClock& clock)
{
    const auto time = [&](Instant at) { return format_instant(at, clock.offset_at(at)); };
    Json out{{"as_of", time(figures.as_of)}, {"settled_before", time(figures.settled_before)}};
    Json& all = out["campaigns"] = Json::object();
    for (const auto& one : figures.campaigns)
        all[one.campaign] = {{"states", states_json(one.counts)},
                             {"effect", effect_json(one, currency)}};
    return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace raiten::app

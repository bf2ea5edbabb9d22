#include "daemon/app/card_json.hpp"

#include "daemon/base/iso8601.hpp"
#include "daemon/base/overloaded.hpp"
#include "daemon/scoring/reasons.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace raiten::app {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array money_names{std::string_view{"spend"}, std::string_view{"monetary"},
                                 std::string_view{"expected_spend"}, std::string_view{"ltv"},
                                 std::string_view{"mean_spend"}};

bool is_money(std::string_view name)
{
    return std::find(money_names.begin(), money_names.end(), name) != money_names.end();
}

/// Where the rank of money ends and begins is money too.
bool is_money(const scoring::Because& because, std::string_view input)
{
    return is_money(input) || (because.score == "rfm_m" && input.starts_with("cut_"));
}

/// To the currency's decimals.
std::string money_text(double units, int decimals)
{
    constexpr double units_max = 1e14;
    std::int64_t parts = Money::per_unit;
    for (int i = 0; i < decimals; ++i) parts /= 10;
    const double bounded = std::clamp(units, -units_max, units_max);
    const auto steps = std::llround(bounded * Money::per_unit
                                    / static_cast<double>(std::max<std::int64_t>(parts, 1)));
    return Money::from_ten_thousandths(steps * std::max<std::int64_t>(parts, 1)).text(decimals);
}

double number_of(const CardValue& value)
{
    const auto* whole = std::get_if<std::int64_t>(&value);
    const auto* real = std::get_if<double>(&value);
    return whole ? static_cast<double>(*whole) : real ? *real : 0;
}

/// Null where there is nothing to be shown.
Json shown(const CardValue& value, bool is_money, MoneyShown money)
{
    if (std::holds_alternative<std::monostate>(value)) return {};
    if (is_money && money.as == MoneyShown::As::nothing) return {};
    if (is_money && money.as == MoneyShown::As::text)
        return money_text(number_of(value), money.decimals);
    return std::visit(
        overloaded{[](std::monostate) { return Json(); },
                   [](std::int64_t whole) { return Json(whole); },
                   [](double real) { return std::isfinite(real) ? Json(real) : Json(); },
                   [](std::string_view text) { return Json(text); }},
        value);
}

Json reasons(const ScoreCard& card, const scoring::Models& models, MoneyShown money)
{
    Json all = Json::array();
    for (const auto& because : scoring::reasons_of(card, models)) {
        if (money.as == MoneyShown::As::nothing && is_money(because.score)) continue;
        Json one;
        one["score"] = because.score;
        one[because.source == scoring::Because::Source::rule ? "rule" : "model"] = because.by;
        Json& from = one["from"] = Json::object();
        for (const auto& input : because.from())
            if (auto value = shown(input.value, is_money(because, input.name), money);
                !value.is_null())
                from[std::string{input.name}] = std::move(value);
        all.push_back(std::move(one));
    }
    return all;
}

}  // namespace

std::string reasons_json(const ScoreCard& card, const scoring::Models& models, MoneyShown money)
{
    return reasons(card, models, money).dump();
}

std::string score_json(const ScoreCard& card, const scoring::Models* models,
                       std::chrono::minutes ahead, MoneyShown money)
{
    if (!models || !card.stage) return "null";
    Json out = Json::object();
    for (const auto& column : card_columns())
        if (auto value = shown(column.of(card), is_money(column.name), money);
            !value.is_null() && value != "")
            out[std::string{column.name}] = std::move(value);
    for (const auto& [name, at] : {std::pair{"next_visit_at", &card.next_visit_at},
                                   {"next_visit_lo", &card.next_visit_lo},
                                   {"next_visit_hi", &card.next_visit_hi}})
        if (*at) out[name] = format_instant(**at, ahead);
    out["reasons"] = reasons(card, *models, money);
    return out.dump();
}

}  // namespace raiten::app

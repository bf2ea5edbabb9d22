#include "daemon/app/ctl/score_files.hpp"

#include "daemon/base/iso8601.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <charconv>
#include <cmath>

namespace raiten::app::ctl {
namespace {

using Json = nlohmann::ordered_json;

/// Cells in the order of the contract's columns; null where there is nothing.
std::vector<std::pair<const char*, Json>> cells_of(const Card& card)
{
    const auto or_null = [](const std::optional<double>& value) {
        return value ? Json(*value) : Json();
    };
    const auto of_history = [&](auto field) {
        return card.history ? Json(card.history.value().*field) : Json();
    };
    return {{"member", card.member},
            {"recency_days", card.recency_days},
            {"frequency", card.frequency},
            {"monetary", card.monetary ? Json(card.monetary->text()) : Json()},
            {"rfm_r", card.rfm.r},
            {"rfm_f", card.rfm.f},
            {"rfm_m", card.rfm.m},
            {"stage", std::string{name_of(card.stage)}},
            {"x", of_history(&scoring::BuyingHistory::repeats)},
            {"t_x", of_history(&scoring::BuyingHistory::last)},
            {"T", of_history(&scoring::BuyingHistory::observed)},
            {"p_alive", or_null(card.p_alive)},
            {"expected_purchases", or_null(card.expected_purchases)},
            {"expected_spend", or_null(card.expected_spend)},
            {"ltv", or_null(card.ltv)},
            {"next_visit_at", {}},
            {"next_visit_lo", {}},
            {"next_visit_hi", {}},
            {"p_visit_7d", {}},
            {"visit_hour_from", {}},
            {"visit_hour_to", {}}};
}

/// The shortest decimal that reads back as the same number.
std::string text_of(double value)
{
    std::array<char, 32> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
    return {buffer.data(), end};
}

std::string text_of(const Json& cell)
{
    if (cell.is_null()) return "";
    if (cell.is_string()) return cell.get<std::string>();
    return cell.is_number_float() ? text_of(cell.get<double>()) : cell.dump();
}

Json number(const std::optional<double>& value)
{
    return value && std::isfinite(*value) ? Json(*value) : Json();
}

std::string day_text(std::int32_t day)
{
    return format_day(std::chrono::sys_days{std::chrono::days{day}});
}

Json parameters_of(const scoring::PurchaseModel& model)
{
    Json parameters = Json::object();
    const auto names = parameter_names(model.kind);
    for (std::size_t i = 0; i < names.size(); ++i)
        parameters[std::string{names[i]}] = model.parameters[i];
    return parameters;
}

Json spend_of(const ShopModel& model)
{
    if (!model.spend) return {{"refused", model.spend_refused}};
    const auto& spend = *model.spend;
    return {{"p", spend.model.p},       {"q", spend.model.q},
            {"v", spend.model.v},       {"log_likelihood", spend.log_likelihood},
            {"members", spend.members}, {"on_boundary", spend.on_boundary}};
}

Json calibration_of(const std::optional<HoldOut>& hold_out)
{
    if (!hold_out) return {};
    const auto& out = *hold_out;
    return {{"from", day_text(out.from)},
            {"days", out.days},
            {"refitted", out.refitted},
            {"model", std::string{name_of(out.model.kind)}},
            {"k", out.model.regularity},
            {"parameters", parameters_of(out.model)},
            {"members", out.by_alive.members},
            {"expected", out.by_alive.expected},
            {"came", out.by_alive.came},
            {"mean_absolute_error", out.by_alive.mean_error},
            {"relative_error", number(out.by_alive.relative_error)},
            {"naive_relative_error", number(out.naive_error)},
            {"correlation", number(out.by_alive.correlation)},
            {"auc_p_alive", number(out.by_alive.auc)},
            {"auc_expected", number(out.auc_expected)},
            {"auc_recency", number(out.auc_recency)}};
}

/// The log-likelihood of each model of the family at its own best, beside the one that was used.
Json rivals(const ShopHistory& shop, const ScoreRules& rules)
{
    using scoring::ModelKind;
    const auto histories = histories_until(shop, shop.today, rules.unit_days);
    Json all = Json::object();
    for (const auto kind : {ModelKind::bg_nbd, ModelKind::mbg_nbd, ModelKind::mbg_cnbd_k})
        if (const auto fit = scoring::fit_purchases(kind, histories))
            all[std::string{name_of(kind)}] = fit.value().log_likelihood;
    return all;
}

Json stages_of(const std::vector<Card>& cards)
{
    Json counts = Json::object();
    for (const auto stage :
         {scoring::Stage::fresh, scoring::Stage::light, scoring::Stage::middle,
          scoring::Stage::core, scoring::Stage::at_risk, scoring::Stage::dormant})
        counts[std::string{name_of(stage)}] = std::count_if(
            cards.begin(), cards.end(), [&](const auto& card) { return card.stage == stage; });
    return counts;
}

/// A positive number under the key; a Problem that names it else.
Result<double> number_at(const Json& object, std::string_view key)
{
    const auto found = object.find(std::string{key});
    if (found == object.end() || !found->is_number())
        return Problem{"is missing, or not a number", std::string{key}};
    return found->get<double>();
}

Result<scoring::PurchaseModel> purchases_in(const Json& object)
{
    scoring::PurchaseModel model;
    const auto name = object.find("model");
    const auto kind = name != object.end() && name->is_string()
                          ? scoring::model_named(name->get<std::string>())
                          : std::nullopt;
    if (!kind) return Problem{"is none of bg_nbd, mbg_nbd, mbg_cnbd_k, pareto_nbd", "model"};
    model.kind = *kind;
    const auto parameters = object.find("parameters");
    if (parameters == object.end() || !parameters->is_object())
        return Problem{"is missing, or not an object", "parameters"};
    const auto names = parameter_names(model.kind);
    for (std::size_t i = 0; i < names.size(); ++i) {
        const auto value = number_at(*parameters, names[i]);
        if (!value) return value.error();
        model.parameters[i] = *value;
    }
    if (const auto k = object.find("k"); k != object.end()) {
        if (!k->is_number_unsigned()) return Problem{"is not a whole number", "k"};
        model.regularity =
            static_cast<unsigned>(std::min<std::uint64_t>(k->get<std::uint64_t>(), 1'000));
    }
    if (const auto good = check(model); !good) return good.error();
    return model;
}

}  // namespace

std::string card_header()
{
    std::string line;
    for (const auto& [name, ignored] : cells_of({}))
        line += (line.empty() ? "" : ",") + std::string{name};
    return line;
}

std::string card_row(const Card& card)
{
    std::string line;
    for (const auto& [name, cell] : cells_of(card)) {
        line += text_of(cell);
        line += ',';
    }
    line.pop_back();
    return line;
}

std::string card_json(const Card& card)
{
    Json object = Json::object();
    for (auto& [name, cell] : cells_of(card)) object[name] = std::move(cell);
    return object.dump();
}

std::string report_json(const ShopHistory& shop, const ScoredShop& scored, const ScoreRules& rules,
                        const ReportAbout& about)
{
    Json report;
    report["as_of"] = about.as_of;
    report["unit"] = about.unit;
    report["requested"] = about.requested;
    if (const auto& fit = scored.model.purchases) {
        report["model"] = std::string{name_of(fit->model.kind)};
        report["k"] = fit->model.regularity;
        report["parameters"] = parameters_of(fit->model);
        report["log_likelihood"] = fit->log_likelihood;
        report["evaluations"] = fit->evaluations;
        report["on_boundary"] = fit->on_boundary;
    } else {
        report["model"] = nullptr;
        report["refused"] = scored.model.purchases_refused;
    }
    report["given"] = about.given;
    report["log_likelihoods"] = about.given ? Json() : rivals(shop, rules);
    report["spend"] = spend_of(scored.model);
    report["horizon_days"] = rules.horizon_days;
    report["discount_a_year"] = rules.discount;
    report["members"] = scored.cards.size();
    report["buyers"] = scored.buyers;
    report["repeat_buyers"] = scored.repeaters;
    report["rows"] = {{"receipts", shop.receipt_rows},
                      {"visits", shop.visit_rows},
                      {"without_member", shop.rows_without_member},
                      {"refused", shop.refused}};
    report["rfm_cuts"] = {{"recency_days", scored.model.rfm.recency.cuts()},
                          {"frequency", scored.model.rfm.frequency.cuts()},
                          {"monetary", scored.model.rfm.monetary.cuts()}};
    report["stages"] = stages_of(scored.cards);
    report["calibration"] = calibration_of(scored.hold_out);
    return report.dump(2);
}

Result<GivenModel> read_model(const std::string& text, const std::string& unit)
{
    const auto object = Json::parse(text, nullptr, false);
    if (!object.is_object()) return Problem{"is not a JSON object"};
    const auto theirs = object.find("unit");
    if (theirs == object.end() || !theirs->is_string() || theirs->get<std::string>() != unit)
        return Problem{"is not " + unit, "unit", "give the unit of the parameters with --unit"};
    const auto purchases = purchases_in(object);
    if (!purchases) return purchases.error();
    GivenModel given{*purchases, {}};
    const auto spend = object.find("spend");
    if (spend == object.end() || !spend->is_object() || spend->contains("refused")) return given;
    scoring::SpendModel model;
    for (auto [key, place] : {std::pair{"p", &model.p}, {"q", &model.q}, {"v", &model.v}}) {
        const auto value = number_at(*spend, key);
        if (!value) return Problem{value.error().what, "spend." + value.error().where};
        *place = *value;
    }
    if (const auto good = check(model); !good) return good.error();
    given.spend = model;
    return given;
}

}  // namespace raiten::app::ctl

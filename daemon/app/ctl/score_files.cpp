#include "daemon/app/ctl/score_files.hpp"

#include "daemon/app/model_json.hpp"
#include "daemon/base/iso8601.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <charconv>
#include <cmath>

namespace raiten::app::ctl {
namespace {

using Json = nlohmann::ordered_json;

/// Cells in the order of the contract's columns; null where there is nothing.
std::vector<std::pair<const char*, Json>> cells_of(const ScoreCard& card,
                                                   std::chrono::minutes ahead)
{
    const auto time = [&](const std::optional<Instant>& at) {
        return at ? Json(format_instant(*at, ahead)) : Json();
    };
    const auto shown = [](const auto& value) { return value ? Json(*value) : Json(); };
    return {{"member", card.member},
            {"recency_days", shown(card.recency_days)},
            {"frequency", shown(card.frequency)},
            {"monetary", card.monetary ? Json(card.monetary->text()) : Json()},
            {"rfm_r", shown(card.rfm_r)},
            {"rfm_f", shown(card.rfm_f)},
            {"rfm_m", shown(card.rfm_m)},
            {"stage", card.stage ? Json(text_of(*card.stage)) : Json()},
            {"x", shown(card.x)},
            {"t_x", shown(card.t_x)},
            {"T", shown(card.t_total)},
            {"p_alive", shown(card.p_alive)},
            {"expected_purchases", shown(card.expected_purchases)},
            {"expected_spend", shown(card.expected_spend)},
            {"ltv", shown(card.ltv)},
            {"next_visit_at", time(card.next_visit_at)},
            {"next_visit_lo", time(card.next_visit_lo)},
            {"next_visit_hi", time(card.next_visit_hi)},
            {"p_visit_7d", shown(card.p_visit_7d)},
            {"visit_hour_from", shown(card.visit_hour_from)},
            {"visit_hour_to", shown(card.visit_hour_to)}};
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

Json spend_of(const scoring::Trained& trained)
{
    if (!trained.models.spend) return {{"refused", trained.spend.reason}};
    const auto& spend = *trained.models.spend;
    return {{"p", spend.model.p},       {"q", spend.model.q},
            {"v", spend.model.v},       {"log_likelihood", spend.log_likelihood},
            {"members", spend.members}, {"on_boundary", spend.on_boundary}};
}

Json churn_of(const std::optional<scoring::ChurnFit>& churn)
{
    if (!churn) return {};
    return {{"basis", std::string{name_of(churn->churn.basis)}},
            {"refused", churn->refused ? Json(churn->refused->text()) : Json()},
            {"span_days", churn->span_days},
            {"cuts", churn->cuts},
            {"cases", churn->cases},
            {"bought", churn->bought},
            {"record_log_loss", churn->record_log_loss},
            {"corrected_log_loss", churn->corrected_log_loss},
            {"model_ahead", churn->model_ahead}};
}

Json rhythm_of(const scoring::Trained& trained)
{
    if (!trained.rhythm_fit) return {{"refused", trained.rhythm.reason}};
    const auto& fit = *trained.rhythm_fit;
    Json out{{"members", fit.members},
             {"gaps", fit.gaps},
             {"mean_error_days", number(fit.mean_error)},
             {"coverage", number(fit.coverage)}};
    if (const auto& back = fit.look_back)
        out["look_back"] = {{"from", day_text(back->from)},
                            {"gaps", back->gaps},
                            {"mean_error_days", number(back->mean_error)},
                            {"coverage", number(back->coverage)},
                            {"weeks", back->weeks},
                            {"expected", number(back->expected)},
                            {"came", number(back->came)},
                            {"log_loss", number(back->log_loss)},
                            {"auc", number(back->auc)}};
    return out;
}

Json calibration_of(const std::optional<HoldOut>& hold_out)
{
    if (!hold_out) return {};
    const auto& out = *hold_out;
    const auto& model = out.models.purchases.value().model;
    return {{"from", day_text(out.from)},
            {"days", out.days},
            {"refitted", out.refitted},
            {"model", std::string{name_of(model.kind)}},
            {"k", model.regularity},
            {"parameters", Json::parse(parameters_json(model))},
            {"members", out.by_alive.members},
            {"expected", out.by_alive.expected},
            {"came", out.by_alive.came},
            {"mean_absolute_error", out.by_alive.mean_error},
            {"relative_error", number(out.by_alive.relative_error)},
            {"naive_relative_error", number(out.naive_error)},
            {"correlation", number(out.by_alive.correlation)},
            {"auc_p_alive", number(out.by_alive.auc)},
            {"auc_expected", number(out.auc_expected)},
            {"auc_p_purchase", number(out.auc_purchase)},
            {"auc_recency", number(out.auc_recency)}};
}

/// The log-likelihood of each model of the family at its own best, beside the one that was used.
Json rivals(const ShopHistory& shop, const ScoreRules& rules)
{
    using scoring::ModelKind;
    const auto histories = histories_until(shop, shop.today, rules.training.cards.unit_days);
    Json all = Json::object();
    for (const auto kind : {ModelKind::bg_nbd, ModelKind::mbg_nbd, ModelKind::mbg_cnbd_k})
        if (const auto fit = scoring::fit_purchases(kind, histories))
            all[std::string{name_of(kind)}] = fit.value().log_likelihood;
    return all;
}

Json stages_of(const std::vector<ScoreCard>& cards)
{
    Json counts = Json::object();
    for (const auto stage :
         {Stage::fresh, Stage::light, Stage::middle, Stage::core, Stage::at_risk, Stage::dormant})
        counts[std::string{text_of(stage)}] = std::count_if(
            cards.begin(), cards.end(), [&](const auto& card) { return card.stage == stage; });
    return counts;
}

}  // namespace

std::string card_header()
{
    std::string line;
    for (const auto& [name, ignored] : cells_of({}, {}))
        line += (line.empty() ? "" : ",") + std::string{name};
    return line;
}

std::string card_row(const ScoreCard& card, std::chrono::minutes ahead)
{
    std::string line;
    for (const auto& [name, cell] : cells_of(card, ahead)) {
        line += text_of(cell);
        line += ',';
    }
    line.pop_back();
    return line;
}

std::string card_json(const ScoreCard& card, std::chrono::minutes ahead)
{
    Json object = Json::object();
    for (auto& [name, cell] : cells_of(card, ahead)) object[name] = std::move(cell);
    object["p_purchase"] = card.p_purchase ? Json(*card.p_purchase) : Json();
    return object.dump();
}

std::string report_json(const ShopHistory& shop, const ScoredShop& scored, const ScoreRules& rules,
                        const ReportAbout& about)
{
    Json report;
    report["as_of"] = about.as_of;
    report["unit"] = about.unit;
    report["requested"] = about.requested;
    if (const auto& fit = scored.trained.models.purchases) {
        report["model"] = std::string{name_of(fit->model.kind)};
        report["k"] = fit->model.regularity;
        report["parameters"] = Json::parse(parameters_json(fit->model));
        report["log_likelihood"] = fit->log_likelihood;
        report["evaluations"] = fit->evaluations;
        report["on_boundary"] = fit->on_boundary;
    } else {
        report["model"] = nullptr;
        report["refused"] = scored.trained.purchases.reason;
    }
    report["given"] = about.given;
    report["log_likelihoods"] = about.given ? Json() : rivals(shop, rules);
    report["spend"] = spend_of(scored.trained);
    report["rhythm"] = rhythm_of(scored.trained);
    report["churn"] = churn_of(scored.trained.churn);
    report["horizon_days"] = rules.training.cards.horizon_days;
    report["discount_a_year"] = rules.training.cards.discount;
    report["members"] = scored.cards.size();
    report["buyers"] = scored.trained.buyers;
    report["repeat_buyers"] = scored.trained.repeaters;
    report["rows"] = {{"receipts", shop.receipt_rows},
                      {"visits", shop.visit_rows},
                      {"without_member", shop.rows_without_member},
                      {"refused", shop.refused}};
    report["rfm_cuts"] = {{"recency_days", scored.trained.models.rfm.recency.cuts()},
                          {"frequency", scored.trained.models.rfm.frequency.cuts()},
                          {"monetary", scored.trained.models.rfm.monetary.cuts()}};
    report["stages"] = stages_of(scored.cards);
    report["calibration"] = calibration_of(scored.hold_out);
    return report.dump(2);
}

}  // namespace raiten::app::ctl

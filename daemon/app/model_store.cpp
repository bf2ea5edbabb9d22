#include "daemon/app/model_store.hpp"

#include "daemon/app/model_json.hpp"
#include "daemon/base/archive.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace raiten::app {
namespace {

using Json = nlohmann::ordered_json;

template <class... T>
std::string bytes_of(const T&... values)
{
    ArchiveWriter writer;
    writer(values...);
    return std::move(writer).bytes();
}

template <class T>
std::optional<T> value_of(const std::string& bytes)
{
    T value{};
    ArchiveReader reader{bytes};
    reader(value);
    if (!reader.done()) return std::nullopt;
    return value;
}

/// Purchases with the number of members who carried the fit.
using Buying = std::pair<scoring::PurchaseFit, std::uint64_t>;

Json number(double value)
{
    return std::isfinite(value) ? Json(value) : Json();
}

std::string buying_text(const scoring::Trained& trained)
{
    Json out;
    const auto& models = trained.models;
    const auto& fit = *models.purchases;
    out["model"] = name_of(fit.model.kind);
    out["k"] = fit.model.regularity;
    out["unit"] = models.rules.unit_days == 7 ? "weeks" : "days";
    out["parameters"] = Json::parse(parameters_json(fit.model));
    out["log_likelihood"] = number(fit.log_likelihood);
    out["on_boundary"] = fit.on_boundary;
    out["members"] = trained.buyers;
    out["repeat_buyers"] = trained.repeaters;
    return out.dump();
}

std::string spend_text(const scoring::SpendFit& fit)
{
    return Json{{"p", fit.model.p},       {"q", fit.model.q},
                {"v", fit.model.v},       {"log_likelihood", number(fit.log_likelihood)},
                {"members", fit.members}, {"on_boundary", fit.on_boundary}}
        .dump();
}

std::string churn_text(const scoring::ChurnFit& fit)
{
    return Json{{"basis", name_of(fit.churn.basis)},
                {"horizon_days", fit.churn.horizon_days},
                {"span_days", fit.span_days},
                {"cuts", fit.cuts},
                {"cases", fit.cases},
                {"bought", number(fit.bought)},
                {"record_log_loss", number(fit.record_log_loss)},
                {"corrected_log_loss", number(fit.corrected_log_loss)},
                {"model_ahead", number(fit.model_ahead)}}
        .dump();
}

std::string rhythm_text(const scoring::Trained& trained)
{
    const auto& model = trained.models.rhythm;
    Json out{{"memory", model.memory},
             {"prior_weight", model.prior_weight},
             {"prior_level", model.prior_level},
             {"median_share", model.median_share},
             {"shift", model.shift},
             {"spread", model.spread},
             {"spread_weight", model.spread_weight}};
    if (const auto& fit = trained.rhythm_fit) {
        out["members"] = fit->members;
        out["gaps"] = fit->gaps;
        out["mean_error_days"] = number(fit->mean_error);
        out["coverage"] = number(fit->coverage);
        if (const auto& back = fit->look_back)
            out["look_back"] = {{"gaps", back->gaps},
                                {"mean_error_days", number(back->mean_error)},
                                {"coverage", number(back->coverage)},
                                {"expected", number(back->expected)},
                                {"came", number(back->came)},
                                {"log_loss", number(back->log_loss)},
                                {"auc", number(back->auc)}};
    }
    return out.dump();
}

std::string propensity_text(const scoring::Propensity& model)
{
    const auto told = [](const scoring::RunningMarks& marks) {
        const auto auc = marks.auc();
        return Json{{"cases", number(marks.weight())},
                    {"log_loss", number(marks.log_loss())},
                    {"base_log_loss", number(marks.base_log_loss())},
                    {"auc", auc ? number(*auc) : Json()},
                    {"calibration_error", number(marks.calibration_error())}};
    };
    return Json{{"store_rate", number(model.rates().store())},
                {"visits", number(model.rates().visits())},
                {"marks", told(model.marks())},
                {"at_opening", told(model.marks_at_opening())}}
        .dump();
}

std::string baskets_text(const scoring::Models& models)
{
    return Json{{"baskets", models.affinity->baskets()},
                {"items", models.affinity->items()},
                {"articles", models.catalogue->size()}}
        .dump();
}

Json effect_json(const scoring::Effect& effect)
{
    return {{"value", number(effect.value)},
            {"low", number(effect.low)},
            {"high", number(effect.high)}};
}

/// The change of log odds by one unit of each feature that is not constant.
Json coefficients_json(const scoring::LogisticModel& model)
{
    Json out = Json::object();
    const auto names = scoring::offer_feature_names();
    for (std::size_t i = 0; i < std::min(names.size(), model.features()); ++i)
        if (model.scales[i] > 0) out[std::string{names[i]}] = number(coefficient(model, i));
    return out;
}

std::string uplift_text(const scoring::CampaignUplift& learned)
{
    const auto& model = learned.model;
    Json out{{"says", text_of(model)},
             {"decisions", learned.decisions},
             {"given", model.average.given},
             {"given_came", model.average.given_came},
             {"withheld", model.average.withheld},
             {"withheld_came", model.average.withheld_came},
             {"average", effect_json(model.average.effect)},
             {"targeting", name_of(model.targeting)},
             {"gain", effect_json(model.gain)},
             {"slope", number(model.slope)},
             {"with", coefficients_json(model.with)},
             {"without", coefficients_json(model.without)}};
    if (!learned.cuts.empty())
        for (const int percent : {5, 10, 20, 30, 50})
            out["top_share_from"][std::to_string(percent) + "%"] =
                number(*cut_of(learned, percent / 100.0));
    return out.dump();
}

std::string rfm_text(const scoring::RfmCuts& cuts)
{
    return Json{{"recency_days", cuts.recency.cuts()},
                {"frequency", cuts.frequency.cuts()},
                {"monetary", cuts.monetary.cuts()}}
        .dump();
}

}  // namespace

std::vector<ledger::ModelRow> model_rows(const scoring::Trained& trained,
                                         const scoring::Models& models, Instant made_at)
{
    std::vector<ledger::ModelRow> rows;
    const auto add = [&](const char* kind, const scoring::Outcome& how, std::string parameters,
                         std::string body) {
        const auto* source = how.reason == scoring::given_reason ? "given" : "fit";
        rows.push_back({kind, made_at, source, how.taken, how.reason, std::move(parameters),
                        how.taken ? std::move(body) : "", 0});
    };
    add("buying", trained.purchases, models.purchases ? buying_text(trained) : "{}",
        models.purchases ? bytes_of(Buying{*models.purchases, models.purchases_members}) : "");
    add("spend", trained.spend, models.spend ? spend_text(*models.spend) : "{}",
        models.spend ? bytes_of(*models.spend) : "");
    if (trained.churn)
        add("churn", {true, trained.churn->refused ? trained.churn->refused->text() : "learned"},
            churn_text(*trained.churn), bytes_of(trained.churn->churn));
    add("rhythm", trained.rhythm, rhythm_text(trained), bytes_of(models.rhythm));
    add("rfm", {true, "counted"}, rfm_text(models.rfm), bytes_of(models.rfm));
    add("baskets", {true, "learned"}, baskets_text(models),
        bytes_of(*models.affinity, *models.catalogue, models.baskets_through));
    add("propensity", {true, "learned"}, propensity_text(*models.propensity),
        bytes_of(*models.propensity, *models.usual_stay, models.visits_through));
    return rows;
}

ledger::ModelRow uplift_row(const std::string& campaign, const scoring::CampaignUplift& learned,
                            const scoring::Verdict& verdict)
{
    return {ledger::uplift_kind + campaign,
            learned.made_at,
            "fit",
            verdict.accepted,
            verdict.reason,
            uplift_text(learned),
            verdict.accepted ? bytes_of(learned) : "",
            0};
}

Result<std::optional<scoring::Models>> models_in_force(const FindModel& find,
                                                       const scoring::CardRules& rules,
                                                       const std::set<std::string>& campaigns)
{
    scoring::Models models;
    models.rules = rules;
    bool any = false;
    Result<void> good;
    const auto take = [&](const char* kind, const auto& use) {
        const auto row = find(kind);
        if (!row) good = row.error();
        if (!row || !*row) return;
        any = true;
        use((*row)->body);
    };
    take("rfm", [&](const std::string& body) {
        models.rfm = value_of<scoring::RfmCuts>(body).value_or(scoring::RfmCuts{});
    });
    take("buying", [&](const std::string& body) {
        const auto buying = value_of<Buying>(body);
        if (!buying || !check(buying->first.model)) return;
        models.purchases = buying->first;
        models.purchases_members = buying->second;
    });
    take("spend", [&](const std::string& body) {
        const auto spend = value_of<scoring::SpendFit>(body);
        if (spend && check(spend->model)) models.spend = spend;
    });
    take("churn", [&](const std::string& body) {
        const auto churn = value_of<scoring::Churn>(body);
        if (churn && check(*churn) && models.purchases) models.churn = churn;
    });
    take("rhythm", [&](const std::string& body) {
        const auto rhythm = value_of<scoring::RhythmModel>(body);
        if (rhythm && check(*rhythm)) models.rhythm = *rhythm;
    });
    take("baskets", [&](const std::string& body) {
        auto affinity = std::make_shared<scoring::Affinity>();
        auto catalogue = std::make_shared<scoring::Catalogue>();
        std::uint64_t through{};
        ArchiveReader reader{body};
        reader(*affinity, *catalogue, through);
        if (!reader.done()) return;
        models.affinity = std::move(affinity);
        models.catalogue = std::move(catalogue);
        models.baskets_through = through;
    });
    take("propensity", [&](const std::string& body) {
        auto propensity = std::make_shared<scoring::Propensity>();
        auto stays = std::make_shared<scoring::UsualStay>();
        std::optional<Instant> through;
        ArchiveReader reader{body};
        reader(*propensity, *stays, through);
        if (!reader.done()) return;
        models.propensity = std::move(propensity);
        models.usual_stay = std::move(stays);
        models.visits_through = through;
    });
    for (const auto& campaign : campaigns)
        take((ledger::uplift_kind + campaign).c_str(), [&](const std::string& body) {
            const auto learned = value_of<scoring::CampaignUplift>(body);
            if (learned && check(*learned))
                models.uplift[campaign] = std::make_shared<const scoring::CampaignUplift>(*learned);
        });
    if (!good) return good.error();
    if (!any) return std::optional<scoring::Models>{};
    return std::optional{std::move(models)};
}

}  // namespace raiten::app

#include "daemon/scoring/reasons.hpp"

#include "daemon/scoring/card.hpp"

#include <algorithm>

namespace raiten::scoring {
namespace {

constexpr std::array rule_names{
    std::string_view{"new"},           std::string_view{"dormant_days"},
    std::string_view{"dormant_alive"}, std::string_view{"at_risk_alive"},
    std::string_view{"core_sum"},      std::string_view{"middle_sum"},
    std::string_view{"light"}};

template <class T>
CardValue value_of(const T& value)
{
    if constexpr (std::is_floating_point_v<T>) {
        return static_cast<double>(value);
    } else if constexpr (std::is_integral_v<T>) {
        return static_cast<std::int64_t>(value);
    } else {
        return value ? value_of(*value) : CardValue{};
    }
}

CardValue value_of(Stage stage)
{
    return text_of(stage);
}

/// Collects the reasons of one card.
class Reasoning {
 public:
    Reasoning(const ScoreCard& card, const Models& models) : card_{card}, models_{models} {}

    std::vector<Because> all()
    {
        stage();
        rank("rfm_r", card_.rfm_r, "recency_days", value_of(card_.recency_days),
             models_.rfm.recency, true);
        const bool bought = card_.monetary.has_value();
        rank("rfm_f", card_.rfm_f, "frequency", value_of(card_.frequency), models_.rfm.frequency,
             bought);
        rank("rfm_m", card_.rfm_m, "monetary",
             bought ? value_of(card_.monetary->units()) : CardValue{}, models_.rfm.monetary,
             bought);
        buying();
        coming();
        if (card_.propensity) propensity();
        return std::move(all_);
    }

 private:
    Because& said(std::string_view score, Because::Source source, std::string_view by)
    {
        auto& because = all_.emplace_back();
        because.score = score;
        because.source = source;
        because.by = by;
        return because;
    }
    Because& ruled(std::string_view score, std::string_view rule)
    {
        return said(score, Because::Source::rule, rule);
    }
    Because& modelled(std::string_view score, std::string_view model)
    {
        return said(score, Because::Source::model, model);
    }

    void stage()
    {
        if (!card_.stage) return;
        const auto& rules = models_.rules.stages;
        const auto inputs = stage_inputs(card_);
        const auto rule = stage_rule(inputs, rules);
        auto& because = ruled("stage", rule_names[static_cast<std::size_t>(rule)]);
        switch (rule) {
            case StageRule::newcomer:
                because.add("purchase_days", value_of(inputs.purchases));
                because.add("purchases_below", value_of(rules.new_purchases_below));
                because.add("seen_days", value_of(card_.seen_days));
                because.add("days_below", value_of(rules.new_days_below));
                return;
            case StageRule::long_silence:
                because.add("silent_days", value_of(card_.silent_days));
                because.add("days_from", value_of(rules.dormant_days));
                return;
            case StageRule::hardly_alive:
            case StageRule::doubtful:
                because.add("p_alive", value_of(card_.p_alive));
                because.add("below", value_of(rule == StageRule::doubtful ? rules.at_risk_p_below
                                                                          : rules.dormant_p_below));
                return;
            case StageRule::core_ranks:
            case StageRule::middle_ranks:
                because.add("rfm_sum", value_of(inputs.rfm_sum));
                because.add("from", value_of(rule == StageRule::core_ranks ? rules.core_sum
                                                                           : rules.middle_sum));
                return;
            case StageRule::rest:
                because.add("rfm_sum", value_of(inputs.rfm_sum));
                because.add("below", value_of(rules.middle_sum));
                return;
        }
    }

    void rank(std::string_view score, const std::optional<std::uint8_t>& rank,
              std::string_view input, CardValue value, const RankCuts& cuts, bool bought)
    {
        if (!rank) return;
        if (!bought) {
            ruled(score, "never_bought");
            return;
        }
        auto& because = ruled(score, "quantiles");
        because.add(input, value);
        if (!cuts.any()) return;
        const double number = std::visit(
            [](auto v) -> double {
                if constexpr (std::is_arithmetic_v<decltype(v)>) return static_cast<double>(v);
                return 0;
            },
            value);
        // Cuts stand one unit above the quantiles, so a value belongs below the next one.
        const auto above = std::upper_bound(cuts.cuts().begin(), cuts.cuts().end(), number);
        if (above != cuts.cuts().begin()) because.add("cut_from", value_of(*(above - 1)));
        if (above != cuts.cuts().end()) because.add("cut_below", value_of(*above));
    }

    void add_record(Because& because) const
    {
        because.add("x", value_of(card_.x));
        because.add("t_x", value_of(card_.t_x));
        because.add("t_total", value_of(card_.t_total));
    }

    void buying()
    {
        const auto& rules = models_.rules;
        const auto model = models_.purchases ? name_of(models_.purchases->model.kind) : "";
        if (card_.p_alive) add_record(modelled("p_alive", model));
        if (card_.expected_purchases) {
            auto& because = modelled("expected_purchases", model);
            add_record(because);
            because.add("p_alive", value_of(card_.p_alive));
            because.add("horizon_days", value_of(rules.horizon_days));
        }
        if (card_.expected_spend) {
            auto& because = modelled("expected_spend", "gamma_gamma");
            because.add("x", value_of(card_.x));
            because.add("mean_spend", value_of(card_.mean_spend));
        }
        if (card_.ltv) {
            auto& because = ruled("ltv", "discounted_purchases");
            because.add("expected_purchases", value_of(card_.expected_purchases));
            because.add("expected_spend", value_of(card_.expected_spend));
            because.add("horizon_days", value_of(rules.horizon_days));
            because.add("discount", value_of(rules.discount));
        }
        if (card_.p_purchase && models_.churn) {
            auto& because = modelled("p_purchase", name_of(models_.churn->basis));
            add_record(because);
            because.add("horizon_days", value_of(models_.churn->horizon_days));
        }
    }

    void coming()
    {
        const auto add_rhythm = [&](Because& because) {
            because.add("gaps", value_of(card_.gaps));
            because.add("typical_gap_days", value_of(card_.typical_gap_days));
            because.add("own_weight", value_of(card_.own_weight));
            because.add("silent_days", value_of(card_.silent_days));
        };
        if (card_.next_visit_at) add_rhythm(modelled("next_visit_at", "rhythm"));
        if (card_.p_visit_7d) add_rhythm(modelled("p_visit_7d", "rhythm"));
        if (card_.visit_hour_from)
            modelled("visit_hour_from", "hour_profile").add("gaps", value_of(card_.gaps));
    }

    void propensity()
    {
        auto& because = modelled("propensity", "propensity");
        because.add("streak", value_of(card_.streak));
        because.add("dwell_min", value_of(card_.dwell_min));
        if (!card_.zone.empty()) because.add("zone", std::string_view{card_.zone});
        because.add("days_since_purchase", value_of(card_.days_since_purchase));
        because.add("visits", value_of(card_.visits));
        because.add("purchases", value_of(card_.purchases));
        if (card_.stage) because.add("stage", value_of(*card_.stage));
    }

    const ScoreCard& card_;
    const Models& models_;
    std::vector<Because> all_;
};

}  // namespace

std::vector<Because> reasons_of(const ScoreCard& card, const Models& models)
{
    return Reasoning{card, models}.all();
}

}  // namespace raiten::scoring

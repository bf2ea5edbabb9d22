#pragma once

#include "daemon/model/score_card.hpp"
#include "daemon/scoring/models.hpp"

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

/// Why a card says what it says.
namespace raiten::scoring {

/// A number that a score came from. The name is a column of the card, another of its fields, or a
/// fact of the models, such as horizon_days. Texts live as long as the card and the models.
struct Input {
    std::string_view name;
    CardValue value;
};

/// One score: who said it, and from what.
struct Because {
    enum class Source : std::uint8_t { rule, model };
    static constexpr std::size_t inputs_max = 8;

    std::string_view score;  ///< a column of the card, or next_visit_at
    Source source{};
    std::string_view by;  ///< the rule's name, or the model's

    std::span<const Input> from() const { return std::span{inputs_}.first(count_); }
    /// What is not known is no input.
    void add(std::string_view name, CardValue value)
    {
        if (std::holds_alternative<std::monostate>(value)) return;
        assert(count_ < inputs_max);
        inputs_[count_++] = {name, value};
    }

 private:
    std::array<Input, inputs_max> inputs_{};
    std::size_t count_{};
};

/// For each score that the card knows, in the order of its columns; next_visit_at speaks for its
/// interval and its days too, visit_hour_from for both hours. `models` are those that the card was
/// made with.
///
/// Rules of the stage, the first that matched: new, dormant_days, dormant_alive, at_risk_alive,
/// core_sum, middle_sum, light. Those of ranks: quantiles, with the cuts between which the value
/// lies (above the lower, up to the upper; of a member who never bought, F and M are 1 by rule
/// never_bought). Of the value: discounted_purchases. Of the chance to buy again: the basis that
/// churn was learned on (record, corrected, foretold), or the model of buying.
std::vector<Because> reasons_of(const ScoreCard& card, const Models& models);

}  // namespace raiten::scoring

#pragma once

#include "daemon/scoring/card.hpp"
#include "daemon/scoring/models.hpp"

#include <optional>
#include <string>
#include <vector>

namespace raiten::scoring {

/// Parameters that are used instead of a fit.
struct GivenModel {
    PurchaseModel purchases;
    std::optional<SpendModel> spend;
};

/// What the models are to be made like.
struct TrainingRules {
    CardRules cards;
    std::optional<ModelKind> kind;    ///< nothing: what suits the store
    std::optional<GivenModel> given;  ///< instead of a fit
};

/// What came of one training, beside the models: where the data could not carry a fit, why.
struct Trained {
    Models models;
    std::size_t buyers{}, repeaters{};
    std::string purchases_refused, spend_refused;
};

/// Makes the models of a store from one look at each of its members.
///
/// Memory: 72 bytes for each member who ever bought, until finish(). The order in which the members
/// come changes no model.
class Training {
 public:
    Training(TrainingRules rules, Today today);

    void note(const Habits& habits);

    /// The models; `last` is where the climbs begin. Ends the training.
    Trained finish(const Models* last = nullptr);

 private:
    TrainingRules rules_;
    Today today_;
    std::vector<BuyingHistory> histories_;
    std::vector<Spending> spendings_;
    std::vector<Custom> customs_;
};

}  // namespace raiten::scoring

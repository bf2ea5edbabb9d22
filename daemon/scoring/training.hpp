#pragma once

#include "daemon/scoring/card.hpp"
#include "daemon/scoring/churn.hpp"
#include "daemon/scoring/model_guard.hpp"
#include "daemon/scoring/models.hpp"
#include "daemon/scoring/rhythm_fit.hpp"
#include "daemon/scoring/rhythm_sample.hpp"

#include <optional>
#include <span>
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

/// The reason of what was given instead of fitted.
inline constexpr const char* given_reason = "given";

/// What became of one model in a training.
struct Outcome {
    bool taken{};
    std::string reason;  ///< for people
};

/// What came of one training, beside the models. Where a model could not be made anew, the last
/// one stays in force.
struct Trained {
    Models models;
    std::size_t members{}, buyers{}, repeaters{};
    Outcome purchases, spend;
    std::optional<ChurnFit> churn;
    Outcome rhythm;
    std::optional<RhythmFit> rhythm_fit;
};

/// Makes the models of a store from one look at each of its members.
///
/// Memory: 72 bytes for each member who ever bought and 12 for each other, and the purchase days of
/// at most sample_max members, until finish(). The order in which the members come changes which of
/// them are in that sample, and else nothing.
class Training {
 public:
    static constexpr std::size_t sample_max = churn_members_max;

    Training(TrainingRules rules, Today today);

    /// `days`: with a purchase, ascending, each once, none after today; those that are known.
    /// `visits`: likewise, ascending; `number`: the member's.
    void note(std::uint64_t number, const Habits& habits, std::span<const PurchaseDay> days,
              std::span<const WallTime> visits);

    /// The models; `last` is where the climbs begin, and stays where tonight's are not better.
    /// Ends the training.
    Trained finish(const Models* last = nullptr);

 private:
    void train_purchases(Trained& out, const Models* last) const;
    void train_spend(Trained& out, const Models* last) const;
    void train_churn(Trained& out) const;
    void train_rhythm(Trained& out, const Models* last) const;
    std::vector<RecentPast> recent_past(std::int32_t span_days) const;
    void keep(std::span<const PurchaseDay> days);

    TrainingRules rules_;
    Today today_;
    std::vector<BuyingHistory> histories_;
    std::vector<Spending> spendings_;
    std::vector<double> recencies_, frequencies_, monetaries_;
    std::size_t members_{};

    std::vector<std::vector<PurchaseDay>> sample_;  ///< every step_-th of those who bought
    std::size_t step_{1};
    std::int32_t first_day_;
    RhythmSample rhythms_;
};

}  // namespace raiten::scoring

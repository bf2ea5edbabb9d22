#pragma once

#include "daemon/base/result.hpp"
#include "daemon/scoring/logistic.hpp"
#include "daemon/scoring/offer_effect.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// How much an offer changes what a member does: the chance that they come with it, less that
/// without. Never how likely they come: a coupon for somebody who would come anyway is waste.
///
///     decisions ──► average effect                          what the offer does to everybody
///         │
///         ├───────► two models: chance with, chance without   T-learner, Künzel et al. (2019),
///         │                  │                                PNAS 116(10), eq. 3
///         │         raw uplift of a member = with − without
///         │                  │
///         └───────► does that ranking help members the models have not seen?
///                            │
///                    yes ────┴──── no evidence
///                     │                 │
///      average + slope · (raw − mean)   average, for everybody
///
/// Whether targeting helps is asked of members that were held out: five times the decisions are cut
/// into five parts, each ranked by models of the parts before it, so that no part says twice what
/// another said (Wager 2024, "Sequential validation of treatment heterogeneity"). The outcome of a
/// decision, corrected for what the models expect and for the chance it had (Robins, Rotnitzky &
/// Zhao 1994), averages to its uplift; what it has in common with the member's place in the ranking
/// is the area between the Qini curve and the line of an offer by lot, and has a robust standard
/// error (Yadlowsky et al. 2021, "Evaluating treatment prioritization rules via rank-weighted
/// average treatment effects", Qini weights). Of the five answers the median counts (Chernozhukov
/// et al. 2018, "Generic machine learning inference on heterogeneous treatment effects"). The slope
/// of the corrected outcomes on the raw uplift (there: the best linear predictor), from models of
/// the other four parts, says how much of the raw uplift to believe.
namespace raiten::scoring {

enum class Targeting : std::uint8_t {
    too_few,      ///< too few outcomes of a kind to learn who differs
    no_evidence,  ///< that a ranking gains anything is not 95 % certain
    helps,
};

/// "too_few", "no_evidence", "helps".
std::string_view name_of(Targeting targeting);

/// Given and came, given and stayed, withheld and came, withheld and stayed: of each at least.
inline constexpr std::size_t uplift_each_min = 30;

struct UpliftModel {
    AverageEffect average;
    Targeting targeting{Targeting::too_few};
    /// Area between the Qini curve and the line by lot, by member: what ranking adds to the share
    /// that comes, on average over how many are offered it. A 90 % interval: above its low end with
    /// 95 % certainty, which is what `helps` asks.
    Effect gain;
    double slope{};               ///< of the true on the raw uplift among members held out, 0 to 1
    double slope_error{};         ///< its standard error
    double centre{};              ///< mean of the raw uplift
    LogisticModel with, without;  ///< empty where there were too few

    template <class Archive>
    void archive(Archive& a)
    {
        a(average, targeting, gain, slope, slope_error, centre, with, without);
    }
};

/// Learns an offer. `warm` is last night's model of the same features, and only makes it quicker. A
/// Problem where not even the average can be said (see average_effect). Deterministic. It fits 82
/// logistic regressions, on a third of the decisions each in the mean.
Result<UpliftModel> learn_uplift(const OfferDecisions& decisions,
                                 const UpliftModel* warm = nullptr);

/// That a model can be used on `features` numbers, such as one that was read from outside.
Result<void> check(const UpliftModel& model, std::size_t features);

/// One sentence: what the offer does, and whether it pays to choose whom to give it.
std::string text_of(const UpliftModel& model);

struct UpliftEstimate {
    double value{};        ///< share that comes with it less that without, −1 to 1
    double low{}, high{};  ///< 95 %; where it is the average, of the average
    bool is_average{};     ///< there is no evidence that this member differs from others
};

/// Of a member with as many features as the model was learned from.
UpliftEstimate uplift_of(const UpliftModel& model, std::span<const double> features);

/// Why a member's estimate differs from that of a member in the middle of everything.
struct UpliftReason {
    std::size_t feature{};
    double adds{};  ///< to the estimate
};

/// The largest reasons first, at most `most`; empty where the estimate is the average. All of them
/// together add up to the difference from the estimate of a member whose features are all at their
/// mean: each model's change of chance is shared among the features as they share its change of log
/// odds, which is the integral of the gradient along the straight way there (Aumann & Shapley 1974;
/// Sundararajan, Taly & Yan 2017, eq. 1).
std::vector<UpliftReason> reasons_of(const UpliftModel& model, std::span<const double> features,
                                     std::size_t most = 3);

}  // namespace raiten::scoring

#pragma once

#include "daemon/base/result.hpp"
#include "daemon/decision/experiment.hpp"
#include "daemon/decision/sample_ratio.hpp"

#include <cstdint>
#include <optional>
#include <span>

/// What a campaign changed, once it is over: asked every day, one in twenty answers of "more" or
/// "fewer" a look would be wrong, so that daily questions go to always_valid (sequential.hpp).
namespace raiten::decision {

struct GroupFigures {
    std::uint64_t members{}, decisions{};
    std::uint64_t bought{};  ///< decisions that a purchase followed
    std::uint64_t buyers{};  ///< members who bought after at least one
    double rate{};           ///< purchases per decision, weighted as in cluster_sums.hpp
    double spend{};          ///< per decision, in units of currency, weighted alike
};

/// What a purchase more has cost. Where the campaign may have changed nothing, it may have cost any
/// amount: such an interval has a low end only.
struct PurchaseCost {
    std::optional<double> value;  ///< cost over purchases more; nothing where there were none
    double low{};                 ///< 95 %
    std::optional<double> high;
};

struct EffectFigures {
    Interval rate;       ///< purchases more per decision
    Interval spend;      ///< more per decision, in units of currency
    Interval purchases;  ///< more in total: the rate times the decisions given
    /// Of the coupons used; nothing where purchases became fewer.
    std::optional<PurchaseCost> purchase_cost;
};

enum class Verdict : std::uint8_t {
    too_few,              ///< members or purchases: no figures
    mismatch,             ///< other groups than chance made (sample_ratio.hpp): no figures
    no_difference_shown,  ///< the rate's interval holds 0
    more,
    fewer,
};

struct CampaignEffect {
    GroupFigures given, withheld;  ///< of members who could have come into either
    std::uint64_t without_part{};  ///< members of whom nobody, or everybody, was withheld
    SampleRatio sample_ratio;
    Verdict verdict{Verdict::too_few};
    std::optional<EffectFigures> figures;
};

/// Both effects are differences of ratio estimators, given less withheld; intervals by
/// score_interval.hpp with variances by member. The cost's interval is Fieller's (1954, JRSS B 16,
/// 175–185), the part of it above 0. It is told whether a difference is shown or not: told only
/// where one is, it would miss the truth often. Too few: see `enough` in cluster_sums.hpp; down to
/// there the intervals held the truth as often as they say (MARKS.md). A Problem where a member's
/// numbers contradict each other.
Result<CampaignEffect> effect_of(std::span<const ExperimentMember> members);

/// What effect_of and always_valid refuse to look at.
std::optional<Problem> problem_of(std::span<const ExperimentMember> members);

}  // namespace raiten::decision

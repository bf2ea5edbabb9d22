#pragma once

#include "daemon/decision/effect.hpp"
#include "tests/support/rental_store.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <vector>

/// What seasons of the film-rental store came to, put together and told.
namespace raiten::bench {

using decision::ExperimentMember;
using decision::Interval;
using stage::Answers;
using stage::answers_count;
using stage::RentalDecision;
using stage::RentalSeason;
using stage::RentalVisit;

inline constexpr double published_visits = 1.5, published_spend = 2.5;
inline constexpr int weeks = 10;  ///< of every season

/// What a member did, over how many weeks, or after how many decisions.
struct Did {
    double much{}, of{};
};

struct Mean {
    double value{};
    double relative_variance{};  ///< by member (linearised ratio: Cochran 1977, chapter 6)
};

Mean mean_of(const std::vector<Did>& all);

/// One group, of all stores.
struct Group {
    std::vector<Did> visits, spend;            ///< by week
    std::vector<Did> day_visits, day_spend;    ///< in the 24 hours from the coupon, by decision
    double visits_without{}, spend_without{};  ///< the same members' where there is no campaign
    double visits_with{}, spend_with{};
};

struct Figures {
    Group given, withheld;
    Group learned_given, learned_withheld;        ///< day_* only: since the effect was learned
    std::array<Group, answers_count> by_answers;  ///< given ones
    std::vector<Did> redeemers, others;           ///< of the given, visits by week
    std::vector<Did> redeemers_spend, others_spend;
    std::vector<ExperimentMember> experiment;
    std::vector<double> to_usual_day, to_habit;  ///< hours, of the coupons given
    std::size_t coupons{}, redeemed{}, without_decision{}, disturbed{};
    std::array<std::size_t, answers_count> coupons_to{};
    double cost{};
    Funnel funnel;
};

struct MemberSums {
    double visits{}, spend{}, redeemed{};
    std::vector<const RentalVisit*> all;
};

std::vector<MemberSums> by_member(const RentalSeason& season);

/// `without`: the same people in the same weeks without a campaign.
void add_season(Figures& figures, const RentalSeason& season, const RentalSeason& without);

void print_figures(const std::string& name, const Figures& figures);

}  // namespace raiten::bench

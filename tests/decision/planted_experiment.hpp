#pragma once

#include "daemon/decision/experiment.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

/// Campaigns of which it is known what they changed: for tests and for the bench.
namespace raiten::decision::planted {

/// A shop and its campaign. Members differ: a member's own rate is a beta of this mean, in which
/// `alike` is the correlation of two of his decisions; baskets are lognormal around 1,500, three
/// tenths of their variance between members. 1 to 6 decisions a member.
struct Shop {
    const char* name{};
    std::size_t members{};
    double rate{};          ///< purchases per decision without coupons
    double lift{1};         ///< with coupons: times so many
    double basket_lift{1};  ///< and each basket times so much
    double alike{0.1};
    double basket_sigma{0.8};
    double control{0.1};
    bool regulars_buy_more{};  ///< who comes often buys at 1.4 times the rate, others at 0.6
    double later{1};  ///< the second half of the members: rate times so many, share doubled
};

struct Truth {
    double rate{}, spend{};
};

inline constexpr double basket_median = 1'500;
inline constexpr double between_members = 0.3;

inline Truth truth_of(const Shop& shop)
{
    constexpr double seldom = 1.5, often = 4.5;  // decisions of the two kinds, which are half each
    double rate = shop.rate;
    if (shop.regulars_buy_more) rate *= (seldom * 0.6 + often * 1.4) / (seldom + often);
    rate *= (1 + shop.later) / 2;
    const double basket = basket_median * std::exp(shop.basket_sigma * shop.basket_sigma / 2);
    return {rate * (shop.lift - 1), rate * (shop.lift * shop.basket_lift - 1) * basket};
}

class Dice {
 public:
    explicit Dice(std::uint64_t seed) : bits_{seed} {}

    double unit() { return static_cast<double>(bits_() >> 11U) * 0x1p-53; }
    bool chance(double p) { return unit() < p; }
    std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(unit() * n); }
    double normal() { return normal_(bits_); }

    /// Mean p, correlation of two draws with it `alike`, above 0.
    double beta(double p, double alike)
    {
        const double sum = 1 / alike - 1;
        const double a = gamma(p * sum);
        return a / (a + gamma((1 - p) * sum));
    }

 private:
    double gamma(double shape) { return std::gamma_distribution<double>{shape, 1}(bits_); }

    std::mt19937_64 bits_;
    std::normal_distribution<double> normal_;
};

/// What one member does on an occasion, coupon or none.
class Buyer {
 public:
    Buyer(const Shop& shop, double rate, bool withheld, Dice& dice)
        : rate_{dice.beta(rate, shop.alike) * (withheld ? 1 : shop.lift)},
          basket_{(withheld ? 1 : shop.basket_lift) * basket_median
                  * std::exp(shop.basket_sigma * std::sqrt(between_members) * dice.normal())},
          sigma_{shop.basket_sigma * std::sqrt(1 - between_members)}
    {
    }

    /// What is spent, 0 where nothing is bought.
    double visit(Dice& dice) const
    {
        return dice.chance(rate_) ? basket_ * std::exp(sigma_ * dice.normal()) : 0;
    }

 private:
    double rate_, basket_, sigma_;
};

inline void add_visit(ExperimentMember& member, double spent)
{
    constexpr double coupon = 100;
    ++member.decisions;
    if (spent <= 0) return;
    ++member.bought;
    member.spent += spent;
    if (!member.withheld) member.cost += coupon;
}

/// The campaign after its end.
inline std::vector<ExperimentMember> experiment(const Shop& shop, std::uint64_t seed)
{
    Dice dice{seed};
    std::vector<ExperimentMember> out(shop.members);
    for (std::size_t i = 0; i < out.size(); ++i) {
        auto& member = out[i];
        const bool late = shop.later != 1 && 2 * i >= out.size();
        double rate = shop.rate * (late ? shop.later : 1);
        std::uint32_t decisions = 1;
        if (shop.regulars_buy_more) {
            const bool often = dice.chance(0.5);
            decisions = often ? 3 + dice.below(4) : 1 + dice.below(2);
            rate *= often ? 1.4 : 0.6;
        } else {
            while (decisions < 6 && dice.chance(0.55)) ++decisions;
        }
        member.control_share = shop.control * (late ? 2 : 1);
        member.withheld = dice.chance(member.control_share);
        const Buyer buyer{shop, rate, member.withheld, dice};
        for (std::uint32_t n = 0; n < decisions; ++n) add_visit(member, buyer.visit(dice));
    }
    return out;
}

/// The same campaign day by day: members come for the first time on any of the days, and again
/// every `gap` days or so until the last.
class Diary {
 public:
    Diary(const Shop& shop, std::int64_t days, double gap, std::uint64_t seed)
    {
        Dice dice{seed};
        std::vector<std::int64_t> first(shop.members);
        for (auto& day : first) day = dice.below(static_cast<std::uint32_t>(days));
        std::sort(first.begin(), first.end());
        for (std::size_t i = 0; i < shop.members; ++i) {
            ExperimentMember member;
            member.control_share = shop.control;
            member.withheld = dice.chance(shop.control);
            member.first_day = first[i];
            members_.push_back(member);
            const Buyer buyer{shop, shop.rate, member.withheld, dice};
            auto at = static_cast<double>(first[i]);
            for (; at < static_cast<double>(days); at += 1 - gap * std::log(1 - dice.unit()))
                visits_.push_back({static_cast<std::int64_t>(at), i, buyer.visit(dice)});
        }
        std::stable_sort(visits_.begin(), visits_.end(),
                         [](const Visit& a, const Visit& b) { return a.day < b.day; });
    }

    /// What is known on the evening of this day; days in order.
    std::vector<ExperimentMember>& evening(std::int64_t day)
    {
        for (; next_ < visits_.size() && visits_[next_].day <= day; ++next_) {
            while (known_.size() <= visits_[next_].member)
                known_.push_back(members_[known_.size()]);
            add_visit(known_[visits_[next_].member], visits_[next_].spent);
        }
        return known_;
    }

 private:
    struct Visit {
        std::int64_t day{};
        std::size_t member{};
        double spent{};
    };
    std::vector<ExperimentMember> members_, known_;
    std::vector<Visit> visits_;
    std::size_t next_{};
};

}  // namespace raiten::decision::planted

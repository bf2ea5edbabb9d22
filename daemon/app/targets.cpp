#include "daemon/app/targets.hpp"

#include <algorithm>
#include <array>
#include <tuple>

namespace raiten::app {
namespace {

constexpr std::array<std::string_view, 4> names{"coupon", "came_back", "drifting", "may_not_buy"};

bool usable(const CouponRecord& coupon, Instant now)
{
    return (coupon.state == CouponState::triggered || coupon.state == CouponState::delivered)
           && coupon.expires_at > now;
}

bool drifting(const ScoreCard& card)
{
    return card.stage == Stage::at_risk || card.stage == Stage::dormant;
}

bool may_not_buy(const ScoreCard& card)
{
    return card.propensity && *card.propensity < sure_to_buy && card.rfm_m
           && *card.rfm_m >= spends_much;
}

Target look_at(const Present& one, std::size_t index, Instant now)
{
    Target out;
    out.present = index;
    const CouponRecord* first = nullptr;
    for (const auto& coupon : one.coupons)
        if (usable(coupon, now) && (first == nullptr || coupon.expires_at < first->expires_at))
            first = &coupon;
    if (first != nullptr) {
        out.coupon = first->id;
        out.why.push_back(Worth::coupon);
    }
    if (one.visit.streak > 0) out.why.push_back(Worth::came_back);
    if (drifting(one.card)) out.why.push_back(Worth::drifting);
    if (may_not_buy(one.card)) out.why.push_back(Worth::may_not_buy);
    if (one.card.expected_spend && one.card.propensity)
        out.at_stake = *one.card.expected_spend * (1 - *one.card.propensity);
    return out;
}

}  // namespace

std::string_view text_of(Worth worth)
{
    return names.at(static_cast<std::size_t>(worth));
}

std::vector<Target> targets_among(std::span<const Present> present, Instant now, std::size_t most)
{
    std::vector<Target> out;
    for (std::size_t i = 0; i < present.size(); ++i) {
        if (present[i].visit.outcome() == VisitOutcome::purchase) continue;
        auto target = look_at(present[i], i, now);
        if (!target.why.empty()) out.push_back(std::move(target));
    }
    const auto rank = [&](const Target& target) {
        const auto& visit = present[target.present].visit;
        return std::tuple{target.coupon ? 0 : 1, -static_cast<int>(target.why.size()),
                          -target.at_stake, visit.opened_at, visit.id};
    };
    std::sort(out.begin(), out.end(),
              [&](const Target& a, const Target& b) { return rank(a) < rank(b); });
    if (out.size() > most) out.resize(most);
    return out;
}

}  // namespace raiten::app

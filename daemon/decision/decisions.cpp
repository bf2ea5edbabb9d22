#include "daemon/decision/decisions.hpp"

#include "daemon/base/keyed_hash.hpp"

#include <algorithm>
#include <cmath>

namespace raiten {
namespace {

bool given(const CouponRecord& coupon)
{
    return coupon.state != CouponState::withheld && coupon.state != CouponState::revoked;
}

}  // namespace

Decisions::Decisions(std::vector<Campaign> campaigns, std::uint64_t seed) : seed_{seed}
{
    replace(std::move(campaigns));
}

void Decisions::replace(std::vector<Campaign> campaigns)
{
    campaigns_ = std::move(campaigns);
    std::sort(campaigns_.begin(), campaigns_.end(),
              [](const Campaign& a, const Campaign& b) { return a.id < b.id; });
}

CouponId Decisions::coupon_of(std::uint64_t seed, const std::string& campaign,
                              const std::string& member, const std::string& occasion)
{
    return CouponId{KeyedHash{seed}.add("coupon").add(campaign).add(member).add(occasion).value()};
}

std::vector<CouponRecord> Decisions::decide(const Occasion& occasion, const MemberRecord& member,
                                            const StoreClock& clock, const Matches& matches)
{
    std::vector<CouponRecord> decided;
    MemberRecord so_far = member;
    const auto today = clock.day_of(occasion.at);
    for (const auto& campaign : campaigns_) {
        if (campaign.moment != occasion.moment) continue;
        auto coupon = decide_one(campaign, occasion, so_far, today, matches);
        if (!coupon) continue;
        so_far.coupons.push_back(*coupon);
        decided.push_back(std::move(*coupon));
    }
    return decided;
}

std::optional<CouponRecord> Decisions::decide_one(const Campaign& campaign,
                                                  const Occasion& occasion,
                                                  const MemberRecord& member,
                                                  std::chrono::sys_days today,
                                                  const Matches& matches)
{
    const auto id = coupon_of(seed_, campaign.id, member.name, occasion.key);
    const bool decided_before =
        std::any_of(member.coupons.begin(), member.coupons.end(),
                    [&](const CouponRecord& coupon) { return coupon.id == id; });
    if (decided_before || !allowed(campaign, occasion, member, today)) return std::nullopt;
    if (!campaign.where.empty() && !matches(campaign.where, occasion.card)) return std::nullopt;

    CouponRecord coupon;
    coupon.id = id;
    coupon.campaign = campaign.id;
    coupon.member = member.id;
    coupon.member_name = member.name;
    coupon.visit = occasion.visit;
    coupon.moment = text_of(campaign.moment);
    coupon.occasion = occasion.key;
    coupon.decided_at = occasion.at;
    coupon.expires_at = occasion.at + campaign.valid_for;
    if (campaign.ends_at) coupon.expires_at = std::min(coupon.expires_at, *campaign.ends_at);
    if (!campaign.where.empty()) coupon.reasons.push_back("where: " + campaign.where);
    coupon.reasons.push_back("streak: " + std::to_string(occasion.card.streak));

    // The control group is fixed per member and campaign, whatever else changes.
    coupon.control = campaign.control;
    const double lot = KeyedHash{seed_}.add("control").add(campaign.id).add(member.name).unit();
    if (lot < campaign.control) {
        coupon.state = CouponState::withheld;
        return coupon;
    }

    const auto arms = campaign.offers.size();
    const double draw =
        KeyedHash{seed_}.add("arm").add(campaign.id).add(member.name).add(occasion.key).unit();
    const auto arm = std::min(arms - 1, static_cast<std::size_t>(draw * static_cast<double>(arms)));
    coupon.offer = campaign.offers[arm].code;
    coupon.arm_probability = 1.0 / static_cast<double>(arms);

    Spent& spent = spent_[campaign.id];
    if (spent.day != today) spent = {spent.budget, today, 0};
    ++spent.on_day;
    spent.budget += campaign.offers[arm].cost;
    return coupon;
}

bool Decisions::allowed(const Campaign& campaign, const Occasion& occasion,
                        const MemberRecord& member, std::chrono::sys_days today) const
{
    const Instant at = occasion.at;
    if (campaign.offers.empty() || !member.consent) return false;
    if (campaign.starts_at && at < *campaign.starts_at) return false;
    if (campaign.ends_at && at >= *campaign.ends_at) return false;

    std::uint32_t from_this = 0;
    for (const auto& coupon : member.coupons) {
        if (!given(coupon)) continue;
        if (campaign.min_gap && at - coupon.decided_at < *campaign.min_gap) return false;
        if (campaign.per_member && coupon.campaign == campaign.id
            && at - coupon.decided_at < campaign.per_member->period) {
            ++from_this;
        }
    }
    if (campaign.per_member && from_this >= campaign.per_member->count) return false;

    const auto found = spent_.find(campaign.id);
    const Spent spent = found == spent_.end() ? Spent{} : found->second;
    if (campaign.per_day && spent.day == today && spent.on_day >= *campaign.per_day) return false;
    if (campaign.budget) {
        // Whichever arm is drawn must still be affordable.
        const auto dearest =
            std::max_element(campaign.offers.begin(), campaign.offers.end(),
                             [](const Offer& a, const Offer& b) { return a.cost < b.cost; });
        if (spent.budget + dearest->cost > *campaign.budget) return false;
    }
    return true;
}

}  // namespace raiten

#include "daemon/engine/engine_impl.hpp"

#include <algorithm>

/// The life of a coupon after its decision: delivered, answered, redeemed, expired, revoked.
namespace raiten {
namespace {

bool is_open(const CouponRecord& coupon)
{
    return coupon.state == CouponState::triggered || coupon.state == CouponState::delivered;
}

}  // namespace

CouponRecord* Engine::Impl::coupon_of(Hot& who, CouponId id)
{
    for (auto& coupon : who.record.coupons)
        if (coupon.id == id) return &coupon;
    return nullptr;
}

void Engine::Impl::on(const Event& event, const Redemption& wish)
{
    ++counts_.redemptions;
    const auto owner = members_.owner_of(wish.coupon);
    CouponRecord* coupon = owner ? coupon_of(hot(*owner), wish.coupon) : nullptr;
    if (!coupon || coupon->state == CouponState::withheld) {
        out_->verdict = Verdict::unknown;
        out_->reason = "no such coupon";
        return;
    }
    if (coupon->state == CouponState::redeemed) {
        out_->verdict = Verdict::duplicate;
        out_->reason = "already redeemed";
    } else if (coupon->state == CouponState::revoked) {
        out_->verdict = Verdict::refused;
        out_->reason = "revoked";
    } else if (coupon->state == CouponState::expired || now_ >= coupon->expires_at) {
        out_->verdict = Verdict::refused;
        out_->reason = "expired";
    } else {
        answered(*coupon, event.at);
        close_coupon(hot(*owner), *coupon, CouponState::redeemed, event.at, wish.where);
        effect(event.at, CouponRedeemed{*coupon});
    }
    out_->coupon = *coupon;
}

void Engine::Impl::on(const Event& event, const Delivery& shown)
{
    const auto owner = members_.owner_of(shown.coupon);
    CouponRecord* coupon = owner ? coupon_of(hot(*owner), shown.coupon) : nullptr;
    if (!coupon || coupon->state == CouponState::withheld) {
        out_->verdict = Verdict::unknown;
        out_->reason = "no such coupon";
        return;
    }
    if (coupon->state != CouponState::triggered) {
        out_->verdict = Verdict::duplicate;
    } else {
        coupon->state = CouponState::delivered;
        coupon->delivered_at = event.at;
        changed(*coupon);
        changed(hot(*owner));
        effect(event.at, CouponDelivered{*coupon, shown.channel});
    }
    out_->coupon = *coupon;
}

void Engine::Impl::expire(const Expiry& due)
{
    Hot& who = hot(due.member);
    CouponRecord* coupon = coupon_of(who, due.coupon);
    if (!coupon || coupon->closed_at || coupon->state == CouponState::withheld) return;
    close_coupon(who, *coupon, CouponState::expired, due.due, "");
    effect(due.due, CouponExpired{*coupon});
}

/// The first answer counts: of whoever buys with a coupon in hand, whatever is bought.
void Engine::Impl::answered(CouponRecord& coupon, Instant at)
{
    if (coupon.answered_at) return;
    coupon.answered_at = at;
    decisions_.answered(coupon);
}

void Engine::Impl::answered_by_sale(Hot& who, Instant at)
{
    for (auto& coupon : who.record.coupons) {
        const bool in_hand = is_open(coupon) || coupon.state == CouponState::expired;
        if (!in_hand || coupon.answered_at || at <= coupon.decided_at || at >= coupon.expires_at)
            continue;
        answered(coupon, at);
        changed(coupon);
        changed(who);
    }
}

void Engine::Impl::close_coupon(Hot& who, CouponRecord& coupon, CouponState state, Instant at,
                                std::string where)
{
    coupon.state = state;
    coupon.closed_at = at;
    coupon.closed_where = std::move(where);
    expiries_.erase({coupon.expires_at, coupon.id, who.record.id});
    decisions_.closed(coupon, setup_.clock);
    changed(coupon);
    changed(who);
}

void Engine::Impl::revoke_about(Hot& who, VisitId visit, Moment moment, const std::string& reason)
{
    revoke(
        who,
        [&](const CouponRecord& coupon) {
            return coupon.visit == visit && coupon.moment == text_of(moment);
        },
        reason);
}

void Engine::Impl::revoke(Hot& who, const std::function<bool(const CouponRecord&)>& which,
                          const std::string& reason)
{
    for (auto& coupon : who.record.coupons) {
        if (!is_open(coupon) || !which(coupon)) continue;
        close_coupon(who, coupon, CouponState::revoked, now_, "");
        effect(now_, CouponRevoked{coupon, reason});
    }
}

}  // namespace raiten

#include "daemon/decision/account.hpp"

#include <algorithm>
#include <array>
#include <cassert>

namespace raiten {
namespace {

constexpr std::array<std::string_view, 4> shortages{"per_store", "budget", "stock", "lease"};

Money cost_of(const CouponRecord& coupon)
{
    return std::clamp(coupon.cost, Money{}, CampaignAccount::money_max);
}

/// What is left below `most`; each is taken off by itself, so nothing can overflow.
template <class Amount>
Amount left_of(Amount most, const Escrow<Amount>& taken)
{
    most = std::max(most, Amount{});
    most -= std::min(most, taken.used);
    most -= std::min(most, taken.reserved);
    return most;
}

}  // namespace

std::string_view text_of(Shortage shortage)
{
    return shortages.at(static_cast<std::size_t>(shortage));
}

std::optional<Shortage> CampaignAccount::shortage(const Campaign& campaign, Money dearest,
                                                  Instant at, const StoreClock& clock) const
{
    if (uses_.broken(campaign.per_store, at, clock)) return Shortage::per_store;
    dearest = std::max(dearest, Money{});
    // Not even without a budget may the sums grow beyond what can be written down.
    const Money most = campaign.budget && !campaign.leased ? *campaign.budget : money_max;
    const Money left = left_of(std::min(most, money_max), budget_);
    if (dearest > left || (campaign.budget && *campaign.budget < Money{})) return Shortage::budget;
    if (campaign.leased) {
        if (!lease_.holds(at)) return Shortage::lease;
        if (campaign.budget && dearest > lease_.budget_free(budget_, at)) return Shortage::lease;
        if (campaign.stock && lease_.stock_free(stock_, at) == 0) return Shortage::lease;
    }
    if (stock_left(campaign, at, clock) == 0) return Shortage::stock;
    return std::nullopt;
}

std::uint64_t CampaignAccount::stock_left(const Campaign& campaign, Instant at,
                                          const StoreClock& clock) const
{
    if (!campaign.stock) return unlimited;
    const auto& stock = *campaign.stock;
    std::uint64_t left = unlimited;
    if (stock.daily)
        left = stock.count - std::min<std::uint64_t>(stock.count, pieces_.on_day_of(at, clock));
    else if (!campaign.leased)
        left = left_of<std::uint64_t>(stock.count, stock_);
    if (campaign.leased) left = std::min(left, lease_.stock_free(stock_, at));
    return left;
}

void CampaignAccount::reserve(const Campaign& campaign, CouponRecord& coupon)
{
    uses_.note(coupon.decided_at);
    assert(left_of(money_max, budget_) >= cost_of(coupon));
    budget_.reserved += cost_of(coupon);
    coupon.took_stock = campaign.stock.has_value();
    if (!coupon.took_stock) return;
    ++stock_.reserved;
    pieces_.note(coupon.decided_at);
}

void CampaignAccount::commit(const CouponRecord& coupon)
{
    assert(budget_.reserved >= cost_of(coupon));
    budget_.reserved -= cost_of(coupon);
    budget_.used += cost_of(coupon);
    if (!coupon.took_stock) return;
    assert(stock_.reserved > 0);
    --stock_.reserved;
    ++stock_.used;
}

void CampaignAccount::release(const CouponRecord& coupon, const StoreClock& clock)
{
    if (coupon.state == CouponState::revoked) uses_.take_back(coupon.decided_at);
    assert(budget_.reserved >= cost_of(coupon));
    budget_.reserved -= cost_of(coupon);
    if (!coupon.took_stock) return;
    assert(stock_.reserved > 0);
    --stock_.reserved;
    if (!holds_piece(coupon, clock)) pieces_.take_back(coupon.decided_at);
}

bool CampaignAccount::holds_piece(const CouponRecord& coupon, const StoreClock& clock)
{
    if (!coupon.took_stock) return false;
    const bool released =
        coupon.state == CouponState::expired || coupon.state == CouponState::revoked;
    return !released || !coupon.closed_at
           || clock.day_of(*coupon.closed_at) != clock.day_of(coupon.decided_at);
}

std::optional<LeaseReport> CampaignAccount::give_back(Instant now)
{
    return lease_.give_back(budget_, stock_, now) ? report() : std::nullopt;
}

void CampaignAccount::recall(AccountRows rows)
{
    *this = {};
    budget_ = rows.budget;
    stock_ = rows.stock;
    for (const auto at : rows.uses) uses_.note(at);
    for (const auto at : rows.pieces) pieces_.note(at);
    lease_.recall(std::move(rows.lease));
}

}  // namespace raiten

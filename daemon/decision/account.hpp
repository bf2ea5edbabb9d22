#pragma once

#include "daemon/base/money.hpp"
#include "daemon/decision/lease.hpp"
#include "daemon/decision/use_counts.hpp"
#include "daemon/model/campaign.hpp"
#include "daemon/model/records.hpp"
#include "daemon/model/rules.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

namespace raiten {

/// What forbids one more trigger of a campaign.
enum class Shortage : std::uint8_t { per_store, budget, stock, lease };
std::string_view text_of(Shortage);

/// What the ledger's rows say of one campaign: everything that its account is made of. Withheld
/// coupons are in none of it.
struct AccountRows {
    Escrow<Money> budget;         ///< costs: used those redeemed, reserved those still open
    Escrow<std::uint64_t> stock;  ///< the same, of coupons that took a piece
    std::vector<Instant> uses;    ///< decided_at of the last 32 days, without revoked ones
    std::vector<Instant> pieces;  ///< of those that hold a piece: CampaignAccount::holds_piece
    std::optional<LeaseRow> lease;
};

/// What a campaign has used up of what it was given: reserved when a coupon is triggered,
/// committed when it is redeemed, released when it expires or is revoked. An escrow (O'Neil 1986,
/// "The Escrow Transactional Method", TODS 11(4)): what is reserved can always be paid, so neither
/// order nor delay of redemptions can overspend. A function of the campaign's coupons, of the
/// grants and of the times at which leases were given back, so that it is found again from the
/// ledger's rows. What a campaign limits may change at any time: all is counted always.
///
/// Each coupon is reserved once, then either committed or released, once. One that was released
/// can no longer be committed: its money may be another's by now.
class CampaignAccount {
 public:
    /// The largest sum that it holds, 9 × 10^14 units, also where there is no budget.
    static constexpr Money money_max = Money::from_ten_thousandths(9'000'000'000'000'000'000);
    static constexpr std::uint64_t unlimited = std::numeric_limits<std::uint64_t>::max();

    /// Nothing if one more of at most `dearest` may be triggered. A leased campaign triggers only
    /// while a lease is in force; its budget, and its stock unless that is daily, are the lease's.
    std::optional<Shortage> shortage(const Campaign& campaign, Money dearest, Instant at,
                                     const StoreClock& clock) const;
    /// Pieces of the stock that may still be given (of a daily one: on the business day of `at`),
    /// `unlimited` without a stock.
    std::uint64_t stock_left(const Campaign& campaign, Instant at, const StoreClock& clock) const;

    /// A trigger was decided, after shortage() had nothing against it: `coupon.cost`, the cost of
    /// the arm drawn, is reserved, and a piece of the stock where there is one
    /// (`coupon.took_stock` says so from now on). A cost below zero is none.
    void reserve(const Campaign& campaign, CouponRecord& coupon);
    /// It was redeemed; what it reserved is spent.
    void commit(const CouponRecord& coupon);
    /// It expired or was revoked, as its state and `closed_at` say: what it reserved is free
    /// again, but a piece of a daily stock only while it is still that day. A revoked one is in no
    /// limit either.
    void release(const CouponRecord& coupon, const StoreClock& clock);
    /// Whether a coupon, in whatever state, takes up a piece of the stock of its day.
    static bool holds_piece(const CouponRecord& coupon, const StoreClock& clock);

    /// HQ gives a lease; false and nothing if it is not newer than the last.
    bool grant(const LeaseGrant& grant) { return lease_.grant(grant); }
    /// Gives back what is free of a lease whose time is over; the report if that was anything.
    std::optional<LeaseReport> give_back(Instant now);
    /// When there will be, or is, something to give back; to be asked again after every change.
    std::optional<Instant> lease_until() const { return lease_.due(budget_, stock_); }
    /// How the lease stands; nothing without one.
    std::optional<LeaseReport> report() const { return lease_.report(budget_, stock_); }
    /// For the ledger.
    const std::optional<LeaseRow>& lease() const { return lease_.row(); }

    const Escrow<Money>& budget() const { return budget_; }
    const Escrow<std::uint64_t>& stock() const { return stock_; }

    /// The same account again, from what the ledger holds of it.
    void recall(AccountRows rows);

    template <class Archive>
    void archive(Archive& a)
    {
        a(budget_, stock_, uses_, pieces_, lease_);
        if constexpr (Archive::reading) {
            if (budget_.used > money_max || budget_.reserved > money_max - budget_.used) a.fail();
        }
    }

 private:
    Escrow<Money> budget_;
    Escrow<std::uint64_t> stock_;
    UseCounts uses_;
    UseCounts pieces_;  // of a daily stock
    Lease lease_;
};

}  // namespace raiten

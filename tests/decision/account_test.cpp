#include "daemon/decision/account.hpp"

#include "tests/decision/limits_kit.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <vector>

using namespace raiten;
using namespace raiten::limits_kit;
using namespace std::chrono_literals;

namespace {

const StoreClock utc;
const Instant noon = on(11, 22, 12h);

Campaign with_budget(std::int64_t units)
{
    Campaign out;
    out.id = "c";
    out.budget = yen(units);
    return out;
}

Campaign with_stock(std::uint32_t count, bool daily)
{
    Campaign out;
    out.id = "c";
    out.stock = Campaign::Stock{count, daily, false};
    return out;
}

CouponRecord given(CampaignAccount& account, const Campaign& campaign, Instant at, Money cost = {})
{
    REQUIRE_FALSE(account.shortage(campaign, cost, at, utc));
    auto coupon = coupon_at(at, cost);
    account.reserve(campaign, coupon);
    return coupon;
}

void close(CampaignAccount& account, CouponRecord& coupon, CouponState state, Instant at,
           const StoreClock& clock = utc)
{
    coupon.state = state;
    coupon.closed_at = at;
    if (state == CouponState::redeemed)
        account.commit(coupon);
    else
        account.release(coupon, clock);
}

/// What a ledger holds of these coupons.
AccountRows rows_of(const std::vector<CouponRecord>& coupons, const StoreClock& clock,
                    const std::optional<LeaseRow>& lease = {})
{
    AccountRows rows;
    for (const auto& coupon : coupons) {
        const bool used = coupon.state == CouponState::redeemed;
        const Money cost = std::max(coupon.cost, Money{});
        if (used) rows.budget.used += cost;
        if (is_open(coupon)) rows.budget.reserved += cost;
        if (coupon.took_stock && used) ++rows.stock.used;
        if (coupon.took_stock && is_open(coupon)) ++rows.stock.reserved;
        if (coupon.state != CouponState::revoked) rows.uses.push_back(coupon.decided_at);
        if (CampaignAccount::holds_piece(coupon, clock)) rows.pieces.push_back(coupon.decided_at);
    }
    rows.lease = lease;
    return rows;
}

}  // namespace

TEST_CASE("account: a budget is reserved by a trigger, spent by a redemption, free again after it",
          "[decision][limits]")
{
    const auto campaign = with_budget(1'000);
    CampaignAccount account;
    auto first = given(account, campaign, noon, yen(400));
    auto second = given(account, campaign, noon, yen(400));
    CHECK(account.shortage(campaign, yen(201), noon, utc) == Shortage::budget);
    CHECK_FALSE(account.shortage(campaign, yen(200), noon, utc));
    close(account, first, CouponState::redeemed, noon + 1h);
    CHECK(account.budget() == Escrow<Money>{yen(400), yen(400)});
    CHECK(account.shortage(campaign, yen(201), noon, utc) == Shortage::budget);
    close(account, second, CouponState::expired, noon + 24h);
    CHECK(account.budget() == Escrow<Money>{yen(400), yen(0)});
    CHECK_FALSE(account.shortage(campaign, yen(600), noon, utc));
    CHECK(account.shortage(campaign, yen(601), noon, utc) == Shortage::budget);
}

TEST_CASE("account: a stock in all gets back what expires; a daily one only on its day",
          "[decision][limits]")
{
    const auto in_all = with_stock(2, false);
    CampaignAccount account;
    auto first = given(account, in_all, noon);
    given(account, in_all, noon);
    CHECK(account.shortage(in_all, {}, noon + 24h * 9, utc) == Shortage::stock);
    close(account, first, CouponState::expired, noon + 24h);
    CHECK(account.stock_left(in_all, noon + 24h, utc) == 1);

    const auto daily = with_stock(2, true);
    CampaignAccount other;
    auto today = given(other, daily, noon);
    auto late = given(other, daily, noon);
    CHECK(other.shortage(daily, {}, noon + 11h, utc) == Shortage::stock);
    CHECK_FALSE(other.shortage(daily, {}, noon + 12h, utc));
    close(other, today, CouponState::revoked, noon + 1h);
    CHECK(other.stock_left(daily, noon + 2h, utc) == 1);
    // What comes back tomorrow belongs to a day that is over, also for who is late.
    given(other, daily, noon + 12h);
    close(other, late, CouponState::expired, noon + 24h);
    CHECK(other.stock_left(daily, noon + 24h, utc) == 1);
    CHECK(other.stock_left(daily, noon + 2h, utc) == 1);
}

TEST_CASE("account: a revoked coupon leaves the store's limits, an expired one does not",
          "[decision][limits]")
{
    Campaign campaign;
    campaign.per_store = {{1, 48h}};
    CampaignAccount account;
    auto first = given(account, campaign, noon);
    close(account, first, CouponState::expired, noon + 1h);
    CHECK(account.shortage(campaign, {}, noon + 2h, utc) == Shortage::per_store);
    auto second = given(account, campaign, noon + 48h);
    close(account, second, CouponState::revoked, noon + 49h);
    CHECK_FALSE(account.shortage(campaign, {}, noon + 49h, utc));
}

TEST_CASE("account: what was used before a limit was set counts against it", "[decision][limits]")
{
    Campaign campaign = with_stock(1'000, false);
    CampaignAccount account;
    for (int n = 0; n < 5; ++n) given(account, campaign, noon + std::chrono::hours{n}, yen(100));
    campaign.budget = yen(550);
    CHECK(account.shortage(campaign, yen(100), noon, utc) == Shortage::budget);
    campaign.budget = yen(1'000);
    campaign.stock = Campaign::Stock{5, true, false};
    CHECK(account.shortage(campaign, yen(100), noon, utc) == Shortage::stock);
    CHECK_FALSE(account.shortage(campaign, yen(100), noon + 24h, utc));
    campaign.stock.reset();
    campaign.per_store = {{5, 24h}};
    CHECK(account.shortage(campaign, yen(100), noon + 5h, utc) == Shortage::per_store);
}

TEST_CASE("account: hostile costs and limits neither gain anything nor overflow",
          "[decision][limits]")
{
    const Money huge = Money::from_ten_thousandths(INT64_MAX);
    CampaignAccount account;
    Campaign open;
    auto gift = coupon_at(noon, -yen(500));
    account.reserve(open, gift);
    CHECK(account.budget() == Escrow<Money>{});
    close(account, gift, CouponState::redeemed, noon);
    CHECK(account.budget() == Escrow<Money>{});
    CHECK(account.shortage(open, huge, noon, utc) == Shortage::budget);
    CHECK_FALSE(account.shortage(open, CampaignAccount::money_max, noon, utc));
    auto all = given(account, open, noon, CampaignAccount::money_max);
    CHECK(account.shortage(open, yen(1), noon, utc) == Shortage::budget);
    CHECK(account.shortage(with_budget(-5), {}, noon, utc) == Shortage::budget);
    close(account, all, CouponState::redeemed, noon);
    CHECK(account.shortage(open, yen(1), noon, utc) == Shortage::budget);
    Campaign leased = with_budget(100);
    leased.leased = true;
    CampaignAccount fresh;
    fresh.grant({"c", UINT64_MAX, huge, UINT64_MAX, Instant::max()});
    CHECK_FALSE(fresh.shortage(leased, yen(100), noon, utc));
    CHECK_FALSE(fresh.give_back(noon));
    CHECK(restarted(fresh).report()->version == UINT64_MAX);
    // Bytes that say more than any account can hold, or less than nothing.
    CHECK_FALSE(read_back(bytes_of(std::pair{huge, huge}) + bytes_of(fresh).substr(2), fresh));
    CHECK_FALSE(read_back(bytes_of(-yen(1)) + bytes_of(CampaignAccount{}).substr(1), fresh));
}

TEST_CASE("account: never beyond its limits; archived or recalled from rows, it is the same",
          "[decision][limits]")
{
    const auto clock = berlin();
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        CAPTURE(seed);
        stage::Dice dice{seed};
        Campaign campaign;
        campaign.id = "c";
        if (dice.below(2) == 0) campaign.budget = yen(static_cast<std::int64_t>(dice.below(9'000)));
        if (dice.below(3) != 0)
            campaign.stock = Campaign::Stock{static_cast<std::uint32_t>(dice.below(20)),
                                             dice.below(2) == 0, false};
        if (dice.below(2) == 0) campaign.per_store = {{5, {}}, {9, 30h}};
        CampaignAccount account;
        std::vector<CouponRecord> coupons;
        Instant now = on(10, 23, 12h);
        for (int step = 0; step < 250; ++step) {
            now += Millis{static_cast<std::int64_t>(dice.below(4'000'000))};
            const Money dearest = yen(static_cast<std::int64_t>(dice.below(400)));
            CampaignAccount recalled;
            recalled.recall(rows_of(coupons, clock));
            const auto shortage = account.shortage(campaign, dearest, now, clock);
            REQUIRE(recalled.shortage(campaign, dearest, now, clock) == shortage);
            REQUIRE(recalled.stock_left(campaign, now, clock)
                    == account.stock_left(campaign, now, clock));
            REQUIRE(recalled.budget() == account.budget());
            REQUIRE(recalled.stock() == account.stock());
            if (dice.below(10) == 0) account = recalled;
            if (dice.below(10) == 0) account = restarted(account);
            if (!shortage) {
                auto coupon = coupon_at(
                    now, Money::from_ten_thousandths(static_cast<std::int64_t>(
                             dice.share() * static_cast<double>(dearest.ten_thousandths()))));
                account.reserve(campaign, coupon);
                coupons.push_back(coupon);
            }
            if (!coupons.empty() && dice.below(2) == 0) {
                auto& coupon = coupons[dice.below(coupons.size())];
                constexpr std::array ends{CouponState::redeemed, CouponState::expired,
                                          CouponState::revoked};
                if (is_open(coupon)) close(account, coupon, ends[dice.below(3)], now, clock);
            }
            if (campaign.budget)
                REQUIRE(account.budget().used + account.budget().reserved <= *campaign.budget);
            if (campaign.stock && !campaign.stock->daily)
                REQUIRE(account.stock().used + account.stock().reserved <= campaign.stock->count);
        }
    }
}

#include "daemon/decision/account.hpp"

#include "tests/decision/limits_kit.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <vector>

using namespace raiten;
using namespace raiten::limits_kit;
using namespace std::chrono_literals;

namespace {

const StoreClock utc;
const Instant noon = on(11, 22, 12h);

Campaign leased_campaign()
{
    Campaign out;
    out.id = "c";
    out.budget = yen(1'000'000);
    out.stock = Campaign::Stock{100'000, false, false};
    out.leased = true;
    return out;
}

LeaseGrant lease(std::uint64_t version, std::int64_t budget, std::uint64_t stock, Instant until)
{
    return {"c", version, yen(budget), stock, until};
}

CouponRecord given(CampaignAccount& account, Instant at, std::int64_t cost)
{
    REQUIRE_FALSE(account.shortage(leased_campaign(), yen(cost), at, utc));
    auto coupon = coupon_at(at, yen(cost));
    account.reserve(leased_campaign(), coupon);
    return coupon;
}

void close(CampaignAccount& account, CouponRecord& coupon, CouponState state, Instant at)
{
    coupon.state = state;
    coupon.closed_at = at;
    if (state == CouponState::redeemed)
        account.commit(coupon);
    else
        account.release(coupon, utc);
}

/// One store: what it decides, and its ledger.
struct Shop {
    CampaignAccount account;
    std::vector<CouponRecord> coupons;

    AccountRows rows() const
    {
        AccountRows rows;
        for (const auto& coupon : coupons) {
            auto& money =
                coupon.state == CouponState::redeemed ? rows.budget.used : rows.budget.reserved;
            auto& pieces =
                coupon.state == CouponState::redeemed ? rows.stock.used : rows.stock.reserved;
            if (coupon.state == CouponState::redeemed || is_open(coupon)) {
                money += coupon.cost;
                ++pieces;
            }
            if (coupon.state != CouponState::revoked) rows.uses.push_back(coupon.decided_at);
            if (CampaignAccount::holds_piece(coupon, utc)) rows.pieces.push_back(coupon.decided_at);
        }
        rows.lease = account.lease();
        return rows;
    }
};

/// Head office: one budget and one stock for all. What a store may hold is the most that it was
/// ever granted, less what it returned, until it confirms a lower grant.
class HeadOffice {
 public:
    HeadOffice(Money budget, std::uint64_t stock, std::size_t stores)
        : budget_{budget}, stock_{stock}, held_(stores)
    {
    }
    Money budget_free() const
    {
        Money free = budget_;
        for (const auto& each : held_) free -= each.budget_most - each.budget_returned;
        return free;
    }
    std::uint64_t stock_free() const
    {
        auto free = stock_;
        for (const auto& each : held_) free -= each.stock_most - each.stock_returned;
        return free;
    }
    LeaseGrant grant(std::size_t store, Money budget, std::uint64_t stock, Instant until)
    {
        auto& held = held_[store];
        held.last.version += 1;
        held.last.budget = budget;
        held.last.stock = stock;
        held.last.until = until;
        held.budget_most = std::max(held.budget_most, budget);
        held.stock_most = std::max(held.stock_most, stock);
        return held.last;
    }
    const LeaseGrant& last(std::size_t store) const { return held_[store].last; }
    Money budget_most(std::size_t store) const { return held_[store].budget_most; }
    std::uint64_t stock_most(std::size_t store) const { return held_[store].stock_most; }
    void hear(std::size_t store, const LeaseReport& report)
    {
        auto& held = held_[store];
        held.budget_returned = std::max(held.budget_returned, report.budget_returned);
        held.stock_returned = std::max(held.stock_returned, report.stock_returned);
        if (report.version != held.last.version) return;
        held.budget_most = std::min(
            held.budget_most, std::max(held.last.budget, report.budget_used + report.budget_reserved
                                                             + report.budget_returned));
        held.stock_most = std::min(
            held.stock_most, std::max(held.last.stock, report.stock_used + report.stock_reserved
                                                           + report.stock_returned));
    }

 private:
    struct Held {
        LeaseGrant last;
        Money budget_most, budget_returned;
        std::uint64_t stock_most{}, stock_returned{};
    };
    Money budget_;
    std::uint64_t stock_;
    std::vector<Held> held_;
};

/// Head office, some stores, and a wire between them that loses, doubles, delays and reorders.
class Chain {
 public:
    Chain(std::uint64_t seed, std::size_t stores)
        : dice_{seed},
          budget_{yen(static_cast<std::int64_t>(dice_.below(20'000)))},
          stock_{dice_.below(120)},
          office_{budget_, stock_, stores},
          shops_(stores)
    {
    }
    void step()
    {
        now_ += Millis{static_cast<std::int64_t>(dice_.below(1'200'000))};
        const auto which = dice_.below(shops_.size());
        switch (dice_.below(9)) {
            case 0:
                give_lease(which);
                break;
            case 1:
                lower_lease(which);
                break;
            case 2:
            case 3:
                carry();
                break;
            case 4:
            case 5:
            case 6:
                decide(which);
                break;
            case 7:
                close_one(which);
                break;
            case 8:
                restart(which);
                break;
        }
        if (dice_.below(3) != 0) tick(dice_.below(shops_.size()));
        check();
    }
    /// The wire is mended, all coupons come to an end, all leases too.
    void be_quiet()
    {
        now_ += 24h * 30;
        for (std::size_t which = 0; which < shops_.size(); ++which) {
            while (close_one(which)) {
            }
            shops_[which].account.grant(office_.last(which));
            tick(which);
            if (const auto report = shops_[which].account.report()) office_.hear(which, *report);
            CHECK_FALSE(shops_[which].account.lease_until());
        }
        check();
        Money spent;
        std::uint64_t pieces = 0;
        for (const auto& shop : shops_) {
            spent += shop.account.budget().used;
            pieces += shop.account.stock().used;
        }
        CHECK(office_.budget_free() == budget_ - spent);
        CHECK(office_.stock_free() == stock_ - pieces);
    }
    std::size_t decided() const { return decided_; }

 private:
    void give_lease(std::size_t which)
    {
        const auto& last = office_.last(which);
        const auto more = static_cast<std::int64_t>(
            dice_.share() * static_cast<double>(office_.budget_free().ten_thousandths()));
        const auto pieces = office_.stock_free();
        const auto grant = office_.grant(
            which, std::max(last.budget, last.budget + Money::from_ten_thousandths(more)),
            last.stock + (pieces == 0 ? 0 : dice_.below(pieces + 1)),
            now_ + std::chrono::minutes{dice_.below(600)});
        grants_.push_back({which, grant});
    }
    void lower_lease(std::size_t which)
    {
        if (dice_.below(3) != 0) return;
        const auto& last = office_.last(which);
        const auto less = static_cast<std::int64_t>(
            dice_.share() * static_cast<double>(last.budget.ten_thousandths()));
        const auto grant = office_.grant(which, Money::from_ten_thousandths(less),
                                         dice_.below(last.stock + 1), last.until);
        grants_.push_back({which, grant});
    }
    /// One message of those under way, whichever; it may come again, or be lost.
    void carry()
    {
        if (!grants_.empty() && dice_.below(2) == 0) {
            const auto place = dice_.below(grants_.size());
            const auto [which, grant] = grants_[place];
            auto& account = shops_[which].account;
            const auto fate = dice_.below(5);
            if (fate != 0 && account.grant(grant) && dice_.below(2) == 0)
                reports_.push_back({which, *account.report()});
            if (fate < 3) grants_.erase(grants_.begin() + static_cast<std::ptrdiff_t>(place));
        } else if (!reports_.empty()) {
            const auto place = dice_.below(reports_.size());
            const auto fate = dice_.below(5);
            if (fate != 0) office_.hear(reports_[place].first, reports_[place].second);
            if (fate < 3) reports_.erase(reports_.begin() + static_cast<std::ptrdiff_t>(place));
        }
    }
    void decide(std::size_t which)
    {
        auto& shop = shops_[which];
        const auto campaign = leased_campaign();
        const Money dearest = yen(static_cast<std::int64_t>(dice_.below(700)));
        const Instant at = dice_.below(5) == 0 ? now_ - 20min : now_;
        if (shop.account.shortage(campaign, dearest, at, utc)) return;
        auto coupon =
            coupon_at(at, Money::from_ten_thousandths(static_cast<std::int64_t>(
                              dice_.share() * static_cast<double>(dearest.ten_thousandths()))));
        shop.account.reserve(campaign, coupon);
        shop.coupons.push_back(coupon);
        ++decided_;
    }
    bool close_one(std::size_t which)
    {
        auto& shop = shops_[which];
        std::vector<CouponRecord*> open;
        for (auto& coupon : shop.coupons)
            if (is_open(coupon)) open.push_back(&coupon);
        if (open.empty()) return false;
        constexpr std::array ends{CouponState::redeemed, CouponState::expired,
                                  CouponState::revoked};
        close(shop.account, *open[dice_.below(open.size())], ends[dice_.below(3)], now_);
        return true;
    }
    void tick(std::size_t which)
    {
        auto& account = shops_[which].account;
        const auto due = account.lease_until();
        const auto report = account.give_back(now_);
        CHECK(report.has_value() == (due && *due <= now_));
        CHECK_FALSE(account.give_back(now_));
        if (report) reports_.push_back({which, *report});
    }
    /// Killed, and up again by its snapshot, or by the ledger's rows alone.
    void restart(std::size_t which)
    {
        auto& shop = shops_[which];
        const auto before = shop.account;
        if (dice_.below(2) == 0) {
            shop.account = restarted(shop.account);
        } else {
            shop.account.recall(shop.rows());
        }
        CHECK(shop.account.budget() == before.budget());
        CHECK(shop.account.stock() == before.stock());
        for (const std::int64_t cost : {0, 1, 10, 100, 1'000})
            CHECK(shop.account.shortage(leased_campaign(), yen(cost), now_, utc)
                  == before.shortage(leased_campaign(), yen(cost), now_, utc));
    }
    void check()
    {
        Money money;
        std::uint64_t pieces = 0;
        for (std::size_t which = 0; which < shops_.size(); ++which) {
            const auto& account = shops_[which].account;
            money += account.budget().used + account.budget().reserved;
            pieces += account.stock().used + account.stock().reserved;
            REQUIRE(account.budget().used + account.budget().reserved
                    <= office_.budget_most(which));
            REQUIRE(account.stock().used + account.stock().reserved <= office_.stock_most(which));
        }
        REQUIRE(money <= budget_);
        REQUIRE(pieces <= stock_);
        REQUIRE(office_.budget_free() >= Money{});
        REQUIRE(office_.stock_free() <= stock_);
    }

    stage::Dice dice_;
    Money budget_;
    std::uint64_t stock_;
    HeadOffice office_;
    std::vector<Shop> shops_;
    std::vector<std::pair<std::size_t, LeaseGrant>> grants_;
    std::vector<std::pair<std::size_t, LeaseReport>> reports_;
    Instant now_{noon};
    std::size_t decided_{};
};

}  // namespace

TEST_CASE("lease: a store that is cut off goes on with what it has until its time is over",
          "[decision][limits]")
{
    CampaignAccount account;
    CHECK(account.shortage(leased_campaign(), {}, noon, utc) == Shortage::lease);
    CHECK_FALSE(account.lease_until());
    CHECK(account.grant(lease(1, 1'000, 3, noon + 48h)));
    CHECK(account.lease_until() == noon + 48h);
    auto first = given(account, noon, 400);
    auto second = given(account, noon + 30h, 400);
    CHECK(account.shortage(leased_campaign(), yen(201), noon, utc) == Shortage::lease);
    close(account, first, CouponState::redeemed, noon + 31h);
    CHECK_FALSE(account.give_back(noon + 48h - 1ms));
    CHECK(account.shortage(leased_campaign(), {}, noon + 48h, utc) == Shortage::lease);

    const auto report = account.give_back(noon + 48h);
    REQUIRE(report);
    CHECK(report->budget_used == yen(400));
    CHECK(report->budget_reserved == yen(400));
    CHECK(report->budget_returned == yen(200));
    CHECK(report->stock_returned == 1);
    CHECK_FALSE(account.give_back(noon + 49h));
    CHECK_FALSE(account.lease_until());

    // What was still reserved comes free later, and goes back then.
    close(account, second, CouponState::expired, noon + 54h);
    CHECK(account.lease_until() == noon + 48h);
    CHECK(account.give_back(noon + 54h)->budget_returned == yen(600));

    // A new lease lies on top of all that.
    CHECK(account.grant(lease(2, 1'000 + 300, 3 + 2, noon + 90h)));
    CHECK(account.shortage(leased_campaign(), yen(301), noon + 55h, utc) == Shortage::lease);
    given(account, noon + 55h, 300);
    CHECK(account.shortage(leased_campaign(), yen(1), noon + 55h, utc) == Shortage::lease);
}

TEST_CASE("lease: one that comes twice, late or out of order changes nothing", "[decision][limits]")
{
    CampaignAccount account;
    CHECK(account.grant(lease(2, 500, 5, noon + 24h)));
    given(account, noon, 300);
    CHECK_FALSE(account.grant(lease(2, 500, 5, noon + 24h)));
    CHECK_FALSE(account.grant(lease(1, 900, 9, noon + 99h)));
    CHECK(account.shortage(leased_campaign(), yen(201), noon, utc) == Shortage::lease);
}

TEST_CASE("lease: one that is lower than what is used is taken as it is", "[decision][limits]")
{
    CampaignAccount account;
    account.grant(lease(1, 1'000, 5, noon + 24h));
    auto coupon = given(account, noon, 800);
    CHECK(account.grant(lease(2, 300, 5, noon + 24h)));
    CHECK(account.shortage(leased_campaign(), yen(1), noon, utc) == Shortage::lease);
    CHECK(account.give_back(noon + 24h)->budget_returned == yen(0));
    close(account, coupon, CouponState::redeemed, noon + 25h);
    CHECK_FALSE(account.give_back(noon + 25h));
    CHECK(account.grant(lease(3, 1'000, 9, noon + 48h)));
    CHECK_FALSE(account.shortage(leased_campaign(), yen(200), noon + 26h, utc));
    CHECK(account.grant(lease(4, -5, 9, noon + 48h)));
    CHECK(account.shortage(leased_campaign(), yen(1), noon + 26h, utc) == Shortage::lease);
    CHECK(account.report()->budget_returned == yen(0));
}

TEST_CASE("lease: a daily stock is limited by the day and by the lease", "[decision][limits]")
{
    Campaign campaign = leased_campaign();
    campaign.budget.reset();
    campaign.stock = Campaign::Stock{2, true, false};
    CampaignAccount account;
    account.grant(lease(1, 0, 3, noon + 240h));
    const auto gives = [&](Instant at) {
        if (account.shortage(campaign, yen(10), at, utc)) return false;
        auto coupon = coupon_at(at, yen(10));
        account.reserve(campaign, coupon);
        return true;
    };
    CHECK(gives(noon));
    CHECK(gives(noon));
    CHECK(account.shortage(campaign, {}, noon, utc) == Shortage::stock);
    CHECK(account.stock_left(campaign, noon + 24h, utc) == 1);
    CHECK(gives(noon + 24h));
    CHECK(account.shortage(campaign, {}, noon + 24h, utc) == Shortage::lease);
}

TEST_CASE("lease: stores together never overspend, whatever becomes of messages and stores",
          "[decision][limits]")
{
    std::size_t decided = 0;
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        CAPTURE(seed);
        stage::Dice dice{seed};
        Chain chain{seed, 1 + dice.below(4)};
        for (int step = 0; step < 300; ++step) chain.step();
        chain.be_quiet();
        decided += chain.decided();
    }
    CHECK(decided > 2'000);
}

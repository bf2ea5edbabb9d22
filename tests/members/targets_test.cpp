#include "daemon/app/targets.hpp"

#include <catch2/catch.hpp>

#include <string>

/// Whom to approach first.
using namespace raiten;
using namespace raiten::app;
using namespace std::chrono_literals;

namespace {

const Instant now{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1} + 10h};

/// Everybody who is here, by name, in order of arrival.
class Floor {
 public:
    Present& come(const std::string& name)
    {
        auto& one = all_.emplace_back();
        one.visit.id = VisitId{all_.size()};
        one.visit.member_name = name;
        one.visit.opened_at = now - 1h + static_cast<int>(all_.size()) * 1min;
        one.visit.left_at = one.visit.opened_at;
        return one;
    }
    std::string order(std::size_t most = 50) const
    {
        std::string out;
        for (const auto& target : targets_among(all_, now, most)) {
            out += (out.empty() ? "" : " ") + all_[target.present].visit.member_name;
            for (const auto why : target.why) out += "/" + std::string{text_of(why)};
        }
        return out;
    }

 private:
    std::vector<Present> all_;
};

void give(Present& one, CouponState state, Instant expires_at)
{
    auto& coupon = one.coupons.emplace_back();
    coupon.id = CouponId{one.coupons.size()};
    coupon.state = state;
    coupon.expires_at = expires_at;
}

void likely(Present& one, double propensity, double expected_spend, std::uint8_t rank)
{
    one.card.propensity = propensity;
    one.card.expected_spend = expected_spend;
    one.card.rfm_m = rank;
}

}  // namespace

TEST_CASE("targets: a coupon in hand comes first, then more reasons, then more at stake",
          "[members][targets]")
{
    Floor floor;
    floor.come("nobody-special");
    likely(floor.come("spender"), 0.5, 3000, 5);
    floor.come("late-dormant").card.stage = Stage::dormant;
    auto& both = floor.come("both");
    both.card.stage = Stage::at_risk;
    both.visit.streak = 2;
    give(floor.come("holder"), CouponState::delivered, now + 1h);
    CHECK(floor.order()
          == "holder/coupon both/came_back/drifting spender/may_not_buy late-dormant/drifting");
    CHECK(floor.order(1) == "holder/coupon");
}

TEST_CASE("targets: what is at stake is what would be spent, less the chance that it is anyway",
          "[members][targets]")
{
    Floor floor;
    likely(floor.come("sure"), 0.75, 90'000, 5);
    likely(floor.come("small"), 0.1, 1000, 3);
    likely(floor.come("half"), 0.5, 2000, 4);
    likely(floor.come("most"), 0.2, 2000, 4);
    CHECK(floor.order() == "most/may_not_buy half/may_not_buy");
}

TEST_CASE("targets: used, lapsed, withheld and withdrawn coupons are no reason, nor is a purchase",
          "[members][targets]")
{
    Floor floor;
    for (const auto state : {CouponState::redeemed, CouponState::withheld, CouponState::revoked})
        give(floor.come("closed"), state, now + 1h);
    give(floor.come("lapsed"), CouponState::triggered, now);
    auto& bought = floor.come("bought");
    bought.visit.streak = 3;
    VisitReceipt receipt;
    receipt.total = Money::from_units(100);
    bought.visit.receipts.push_back(receipt);
    CHECK(floor.order().empty());
}

TEST_CASE("targets: of several coupons the one that lapses first is named", "[members][targets]")
{
    Floor floor;
    Present one;
    give(one, CouponState::triggered, now + 3h);
    give(one, CouponState::delivered, now + 1h);
    give(one, CouponState::redeemed, now + 10min);
    const auto targets = targets_among({&one, 1}, now, 5);
    REQUIRE(targets.size() == 1);
    CHECK(targets[0].coupon == one.coupons[1].id);
}

TEST_CASE("targets: among equals who came first goes first", "[members][targets]")
{
    Floor floor;
    for (const char* name : {"a", "b", "c"}) floor.come(name).visit.streak = 1;
    CHECK(floor.order() == "a/came_back b/came_back c/came_back");
}

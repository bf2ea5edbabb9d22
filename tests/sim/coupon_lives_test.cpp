#include "daemon/app/log.hpp"
#include "tests/sim/coupon_shop.hpp"
#include "tests/support/dice.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

/// Days in which everything comes twice, early or late, and raitend ends in every way: at most one
/// decision for each member, campaign and occasion, and each coupon lives one life.
using namespace raiten;
using namespace raiten::sim;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t seeds_in_ci = 4;
constexpr int members = 5;
constexpr int acts = 60;

std::vector<Campaign> campaigns()
{
    std::vector<Campaign> all;
    const auto add = [&](const std::string& id, Moment moment, Millis valid_for) -> Campaign& {
        Campaign made;
        made.id = id;
        made.moment = moment;
        const auto offer = [](const char* code, const char* cost) {
            return Offer{code, {{"en", "less"}}, *Money::parse(cost), *Money::parse(cost), ""};
        };
        made.offers = {offer("A", "100"), offer("B", "70")};
        made.control = 0.2;
        made.valid_for = valid_for;
        return all.emplace_back(std::move(made));
    };
    add("come", Moment::visit_opened, 3h).per_member = {{3, Millis{24h}}};
    add("come-2", Moment::visit_opened, 40min).budget = *Money::parse("520");
    add("back", Moment::non_purchase_return, 2h).min_gap = Millis{30min};
    add("bought", Moment::purchased, 90min).stock = Campaign::Stock{3, true, false};
    add("first", Moment::first_purchase, 24h).stock = Campaign::Stock{2, false, false};
    add("left", Moment::left_without_purchase, 4h).per_store = {{4, Millis{6h}}};
    return all;
}

class Days {
 public:
    explicit Days(std::uint64_t seed) : dice_{seed}, shop_{seed, campaigns(), members} {}

    void live()
    {
        for (int i = 0; i < acts; ++i) {
            shop_.pass(dice_.below(5) == 0 ? Millis{1h} : Millis{30'000 + dice_.below(600'000)});
            act();
            while (dice_.below(3) == 0 && !told_.empty()) told_[dice_.below(told_.size())]();
            if (dice_.below(6) == 0) restart();
        }
        shop_.pass(26h);
        const auto before = coupon_lines();
        for (const auto& again : told_) again();  // the whole days once more
        const auto after = coupon_lines();
        if (before != after) throw Broken{"the same days decided anew:\n" + before + after};
        const auto standings = shop_.standings();
        shop_.restart(CouponShop::End::kill);
        if (shop_.standings() != standings)
            throw Broken{"other standings by the tables:\n" + standings + shop_.standings()};
        decisions = shop_.coupons().size();
        whole = shop_.whole_lives();
        lives = shop_.lives();
    }

    std::size_t decisions{};
    int whole{}, lives{};

 private:
    void act()
    {
        const auto who = static_cast<int>(dice_.below(members));
        const auto at = shop_.now();
        const auto coupons = shop_.coupons();
        switch (dice_.below(6)) {
            case 0:
            case 1:
                return tell([this, who, at, id = "tap-" + std::to_string(++number_)] {
                    shop_.check_in(who, id, at);
                });
            case 2:
            case 3: {
                const auto number = std::to_string(++number_);
                sold_.emplace_back(who, number);
                return tell(
                    [this, who, at, number] { shop_.receipt(who, number, ReceiptKind::sale, at); });
            }
            case 4:
                if (sold_.empty()) return;
                return tell([this, at, sale = sold_[dice_.below(sold_.size())]] {
                    shop_.receipt(sale.first, sale.second, ReceiptKind::void_, at);
                });
            default:
                break;
        }
        if (coupons.empty()) return;
        const auto& coupon = coupons[dice_.below(coupons.size())];
        if (dice_.below(2) == 0) shop_.deliver(coupon.id);
        for (int till = 0; till < 2; ++till) {
            const auto answer = shop_.redeem(coupon.id, "till-" + std::to_string(till));
            const bool withheld = coupon.state == CouponState::withheld;
            if (withheld != (answer.verdict == Verdict::unknown))
                throw Broken{"a withheld coupon is nobody's, any other somebody's"};
        }
    }
    /// A check-in of days ago that is told again may be a visit once more, but decides nothing.
    std::string coupon_lines()
    {
        const auto books = shop_.books();
        return books.substr(0, books.find("next in lane"));
    }
    void tell(std::function<void()> what)
    {
        what();
        told_.push_back(std::move(what));
    }
    /// By the whole state or by the tables it stands as it stood.
    void restart()
    {
        const auto before = shop_.books() + shop_.standings();
        const auto how = static_cast<CouponShop::End>(dice_.below(3));
        shop_.restart(how);
        const auto after = shop_.books() + shop_.standings();
        if (before != after)
            throw Broken{"after a restart it stands otherwise:\n" + before + after};
    }

    stage::Dice dice_;
    CouponShop shop_;
    std::vector<std::function<void()>> told_;
    std::vector<std::pair<int, std::string>> sold_;
    int number_{};
};

}  // namespace

/// RAITEN_SEED=n runs that one; RAITEN_SEEDS=n the first n.
TEST_CASE("property: one decision for each occasion, and one life for each coupon",
          "[sim][coupons][property]")
{
    app::log::start(app::log::Level::error, app::log::Format::text);
    const auto number = [](const char* name, std::uint64_t otherwise) {
        const char* text = std::getenv(name);
        return text ? std::strtoull(text, nullptr, 10) : otherwise;
    };
    const auto one = number("RAITEN_SEED", 0);
    const auto last = one ? one : number("RAITEN_SEEDS", seeds_in_ci);
    std::size_t decisions = 0;
    int whole = 0, lives = 0;
    for (auto seed = one ? one : 1; seed <= last; ++seed) {
        INFO("seed " << seed);
        std::string broken;
        try {
            Days days{seed};
            days.live();
            decisions += days.decisions;
            whole += days.whole;
            lives += days.lives;
        } catch (const Broken& promise) {
            broken = promise.what();
        }
        REQUIRE(broken == "");
    }
    std::cout << "coupons: " << decisions << " decisions, " << lives << " lives, " << whole
              << " of them by the whole state\n";
    if (one) return;
    CHECK(decisions > 50);
    CHECK(whole > 3);
}

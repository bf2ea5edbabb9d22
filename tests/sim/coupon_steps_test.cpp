#include "daemon/app/log.hpp"
#include "tests/sim/coupon_shop.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

/// The same hour in a store, once for each time that its disk is written to: there raitend is gone,
/// and whoever was not answered tells it again.
///
///     write 1 ─┐
///     write 2 ─┼─► trigger ► delivered ► redeemed, expired, revoked ► … ─► as if nothing had been
///     write n ─┘
using namespace raiten;
using namespace raiten::sim;
using namespace std::chrono_literals;

namespace {

/// Of a disk at its busiest: more would be a store that never comes to rest.
constexpr std::uint64_t writes_max = 20'000;

Campaign campaign(const std::string& id, Moment moment)
{
    Campaign made;
    made.id = id;
    made.moment = moment;
    made.offers = {{"B100", {{"en", "100 off"}}, *Money::parse("100"), *Money::parse("100"), ""}};
    made.control = 0;
    made.valid_for = 20min;
    return made;
}

/// "come" pays for two, "few" has one piece.
std::vector<Campaign> campaigns()
{
    auto come = campaign("come", Moment::visit_opened);
    come.budget = *Money::parse("250");
    come.per_member = {{1, std::chrono::hours{24 * 30}}};
    auto few = campaign("few", Moment::purchased);
    few.stock = Campaign::Stock{1, false, false};
    few.valid_for = 5h;
    return {come, few};
}

CouponId coupon_of(CouponShop& shop, const std::string& member, const std::string& campaign)
{
    for (const auto& each : shop.coupons())
        if (each.member_name == member && each.campaign == campaign) return each.id;
    throw Broken{"no coupon of " + campaign + " for " + member};
}

/// What was seen after each step.
struct Seen {
    std::vector<std::string> standings;
    std::string books;
    int lives{};
};

class Story {
 public:
    explicit Story(CouponShop& shop) : shop_{shop} {}

    Seen told()
    {
        step(next().check_in(0, "tap-0"), Verdict::accepted);
        const auto first = coupon("m-0", "come");
        step(next().deliver(first), Verdict::accepted);
        used_at(first, "till-1");
        step(next().redeem(first, "till-2"), Verdict::duplicate);
        step(next().check_in(1, "tap-1"), Verdict::accepted);
        const auto second = coupon("m-1", "come");
        step(next().check_in(2, "tap-2"), Verdict::accepted);  // a third one is not paid for
        step(next().receipt(1, "11", ReceiptKind::sale), Verdict::accepted);
        step(next().receipt(2, "12", ReceiptKind::sale), Verdict::accepted);   // the piece is gone
        step(next().receipt(1, "11", ReceiptKind::void_), Verdict::accepted);  // and back
        step(redeem(coupon("m-1", "few"), "till-1"), Verdict::refused);
        step(next().receipt(2, "13", ReceiptKind::sale), Verdict::accepted);
        const auto piece = coupon("m-2", "few");
        next_ += 21min;  // the second one expires: its money is free again
        step(next().check_in(3, "tap-3"), Verdict::accepted);
        step(next().redeem(second, "till-2"), Verdict::refused);
        step(deliver(coupon("m-3", "come")), Verdict::accepted);
        step(next().withdraw(3), Verdict::accepted);
        step(redeem(coupon("m-3", "come"), "till-1"), Verdict::refused);
        used_at(piece, "till-2");
        step(next().check_in(0, "tap-0"), Verdict::duplicate);
        step(next().receipt(1, "11", ReceiptKind::sale), Verdict::duplicate);
        step(next().receipt(2, "13", ReceiptKind::sale), Verdict::duplicate);
        step(next().check_in(4, "tap-4"), Verdict::accepted);
        next_ += 40min;
        next();
        seen_.standings.push_back(shop_.standings() + shop_.books());
        seen_.books = shop_.books();
        seen_.lives = shop_.lives();
        return seen_;
    }

 private:
    /// What was answered in this life may have been done in the last one.
    void step(const app::Answer& answer, Verdict wanted)
    {
        const bool again = shop_.lives() > lives_ && wanted == Verdict::accepted
                           && answer.verdict == Verdict::duplicate;
        if (answer.verdict != wanted && !again)
            throw Broken{"step " + std::to_string(seen_.standings.size()) + ": verdict "
                         + std::to_string(static_cast<int>(answer.verdict)) + " " + answer.reason};
        seen_.standings.push_back(shop_.standings() + shop_.books());
        lives_ = shop_.lives();
    }
    /// Each step at a moment of its own, however long the last one took.
    CouponShop& next()
    {
        next_ += 1min;
        shop_.pass(next_ - shop_.now());
        return shop_;
    }
    void used_at(CouponId coupon, const std::string& where)
    {
        const auto answer = next().redeem(coupon, where);
        if (!answer.coupon || answer.coupon->closed_where != where)
            throw Broken{"not used at " + where};
        step(answer, Verdict::accepted);
    }

    app::Answer redeem(CouponId id, const std::string& where) { return next().redeem(id, where); }
    app::Answer deliver(CouponId id) { return next().deliver(id); }
    CouponId coupon(const std::string& member, const std::string& campaign)
    {
        return coupon_of(shop_, member, campaign);
    }

    CouponShop& shop_;
    Instant next_ = shop_.now() + 30s;
    int lives_{1};
    Seen seen_;
};

Seen undisturbed()
{
    CouponShop shop{1, campaigns(), 5};
    return Story{shop}.told();
}

/// Tells the story with one death; how many writes it takes is known when the fuse does not burn.
bool dies_at(std::uint64_t nth, CouponShop::End how, std::uint64_t again, const Seen& calm)
{
    CouponShop shop{1, campaigns(), 5};
    shop.light_fuse(nth, how, again);
    INFO((how == CouponShop::End::kill ? "killed at write " : "power cut at write ")
         << nth << ", then at " << again);
    Seen seen;
    std::string broken;
    try {
        seen = Story{shop}.told();
    } catch (const Broken& promise) {
        broken = promise.what();
    }
    REQUIRE(broken == "");
    REQUIRE(seen.standings.size() == calm.standings.size());
    for (std::size_t i = 0; i < calm.standings.size(); ++i) {
        INFO("after step " << i);
        REQUIRE(seen.standings[i] == calm.standings[i]);
    }
    REQUIRE(seen.books == calm.books);
    return shop.burnt();
}

}  // namespace

TEST_CASE("a coupon's life, killed at every write of it", "[sim][coupons]")
{
    app::log::start(app::log::Level::error, app::log::Format::text);
    const Seen calm = undisturbed();
    REQUIRE(calm.lives == 1);
    // It has seen everything that can become of a coupon.
    for (const std::string word : {"delivered", "redeemed", "expired", "revoked"})
        CHECK(calm.books.find(word) != std::string::npos);

    // RAITEN_STEPS=1 is every write.
    const char* told = std::getenv("RAITEN_STEPS");
    const std::uint64_t stride = told ? std::max(1UL, std::strtoul(told, nullptr, 10)) : 97;
    std::uint64_t kills = 0;
    for (std::uint64_t nth = 1; nth < writes_max; nth += stride, ++kills) {
        const bool power = kills % 2 == 1;
        const auto how = power ? CouponShop::End::power_cut : CouponShop::End::kill;
        if (!dies_at(nth, how, kills % 3 == 2 ? 1 + kills % 11 : 0, calm)) break;
    }
    std::cout << "a coupon's life: " << kills << " deaths, at every " << stride << ". write\n";
    CHECK(kills > 10);
}

#include "daemon/decision/decisions.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>

using namespace raiten;
using namespace std::chrono_literals;

namespace {

const Instant noon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + 12h};

Campaign campaign(const std::string& id = "c")
{
    Campaign out;
    out.id = id;
    out.offers = {{"ONE", {}, *Money::parse("100"), *Money::parse("100"), ""}};
    out.control = 0.0;
    return out;
}

MemberRecord member(std::uint64_t number)
{
    MemberRecord out;
    out.id = MemberId{number};
    out.name = "m" + std::to_string(number);
    return out;
}

Occasion occasion(const std::string& key, Instant at = noon)
{
    Occasion out;
    out.key = key;
    out.at = at;
    return out;
}

Decisions deciding(std::vector<Campaign> campaigns, CampaignRules rules = {})
{
    return Decisions{{std::move(rules), 7, 8}, std::move(campaigns)};
}

/// Decides, and keeps what was decided with the member, as the engine does.
std::vector<CouponRecord> decide(Decisions& decisions, MemberRecord& who, const Occasion& when,
                                 bool in_segment = true)
{
    ScoreCard card;
    card.streak = 1;
    const std::vector<std::uint8_t> matches(16, in_segment ? 1 : 0);
    Asked asked;
    asked.look = [&]() -> Look { return {&card, matches}; };
    asked.decided_before = [&](CouponId id) {
        return std::any_of(who.coupons.begin(), who.coupons.end(),
                           [&](const CouponRecord& each) { return each.id == id; });
    };
    asked.expected = [](const Campaign&, const ScoreCard&) { return Expected{}; };
    const auto decided = decisions.decide(when, who, StoreClock{}, asked);
    who.coupons.insert(who.coupons.end(), decided.begin(), decided.end());
    return decided;
}

std::uint64_t passed_over(const Decisions& decisions, PassedOver why)
{
    return decisions.standings().at("c").funnel.passed_over.at(static_cast<std::size_t>(why));
}

}  // namespace

TEST_CASE("decision: one for each member, campaign and occasion, however often it is asked",
          "[decision]")
{
    auto decisions = deciding({campaign("a"), campaign("b")});
    auto ann = member(1);
    CHECK(decide(decisions, ann, occasion("visit-1")).size() == 2);
    CHECK(decide(decisions, ann, occasion("visit-1")).empty());
    CHECK(decide(decisions, ann, occasion("visit-2")).size() == 2);
    auto again = deciding({campaign("a"), campaign("b")});
    auto same = member(1);
    CHECK(decide(again, same, occasion("visit-1"))[0].id == ann.coupons[0].id);
}

TEST_CASE("decision: the control group is a tenth, and fixed for each member", "[decision]")
{
    auto tenth = campaign();
    tenth.control = 0.10;
    auto decisions = deciding({tenth});
    constexpr int members = 20'000;
    int withheld = 0;
    for (int n = 0; n < members; ++n) {
        auto who = member(static_cast<std::uint64_t>(n));
        const auto first = decide(decisions, who, occasion("visit-1"))[0];
        const auto second = decide(decisions, who, occasion("visit-2"))[0];
        CHECK(first.state == second.state);
        if (first.state != CouponState::withheld) continue;
        ++withheld;
        CHECK(first.offer.empty());
    }
    // Five standard deviations of a binomial share.
    CHECK(withheld == Approx(members * 0.10).margin(5 * std::sqrt(members * 0.10 * 0.90)));
}

TEST_CASE("decision: limits", "[decision]")
{
    auto limited = campaign();
    auto ann = member(1);
    auto bob = member(2);
    SECTION("so many for a member in a period")
    {
        limited.per_member = {{2, 30 * 24h}};
        auto decisions = deciding({limited});
        CHECK(decide(decisions, ann, occasion("1")).size() == 1);
        CHECK(decide(decisions, ann, occasion("2", noon + 24h)).size() == 1);
        CHECK(decide(decisions, ann, occasion("3", noon + 48h)).empty());
        CHECK(decide(decisions, bob, occasion("3", noon + 48h)).size() == 1);
        CHECK(decide(decisions, ann, occasion("4", noon + 30 * 24h)).size() == 1);
    }
    SECTION("so many on a business day")
    {
        limited.per_store = {{1, {}}};
        auto decisions = deciding({limited});
        CHECK(decide(decisions, ann, occasion("1")).size() == 1);
        CHECK(decide(decisions, bob, occasion("2", noon + 11h)).empty());
        CHECK(decide(decisions, bob, occasion("3", noon + 12h)).size() == 1);
    }
    SECTION("a budget, of which the dearest arm must still be affordable")
    {
        limited.offers.push_back({"TWO", {}, *Money::parse("300"), *Money::parse("300"), ""});
        limited.budget = *Money::parse("1000");
        auto decisions = deciding({limited});
        Money spent;
        for (std::uint64_t n = 0; n < 50; ++n) {
            auto who = member(n);
            for (const auto& coupon : decide(decisions, who, occasion("v")))
                spent += *Money::parse(coupon.offer == "ONE" ? "100" : "300");
        }
        CHECK(spent <= *Money::parse("1000"));
        CHECK(spent > *Money::parse("700"));
        CHECK(decisions.standings().at("c").account.budget().reserved == spent);
        CHECK(passed_over(decisions, PassedOver::budget) > 0);
    }
    SECTION("a gap since the last coupon of any campaign")
    {
        auto other = campaign("z");
        limited.min_gap = 7 * 24h;
        auto first = deciding({other});
        CHECK(decide(first, ann, occasion("1")).size() == 1);
        auto decisions = deciding({limited});
        CHECK(decide(decisions, ann, occasion("2", noon + 6 * 24h)).empty());
        CHECK(decide(decisions, ann, occasion("3", noon + 7 * 24h)).size() == 1);
    }
    SECTION("its time")
    {
        limited.starts_at = noon;
        limited.ends_at = noon + 1h;
        limited.valid_for = 24h;
        auto decisions = deciding({limited});
        CHECK(decide(decisions, ann, occasion("1", noon - 1ms)).empty());
        CHECK(decide(decisions, ann, occasion("2", noon + 1h)).empty());
        CHECK(decide(decisions, ann, occasion("3", noon))[0].expires_at == noon + 1h);
    }
    SECTION("consent, and the segment")
    {
        limited.where = "streak >= 2";
        auto decisions = deciding({limited});
        CHECK(decide(decisions, ann, occasion("1"), false).empty());
        bob.consent = false;
        CHECK(decide(decisions, bob, occasion("1")).empty());
        CHECK(decide(decisions, ann, occasion("1")).size() == 1);
    }
}

TEST_CASE("decision: arms that nobody answered yet are drawn alike often", "[decision]")
{
    auto two = campaign();
    two.offers.push_back({"TWO", {}, {}, {}, ""});
    std::map<std::string, int> drawn;
    constexpr int members = 5'000;
    for (int n = 0; n < members; ++n) {
        auto decisions = deciding({two});
        auto who = member(static_cast<std::uint64_t>(n));
        const auto coupon = decide(decisions, who, occasion("v"))[0];
        CHECK(coupon.arm_probability == 0.5);
        ++drawn[coupon.offer];
    }
    CHECK(drawn["ONE"] == Approx(members / 2.0).margin(5 * std::sqrt(members * 0.25)));
}

TEST_CASE("decision: the offer that is answered is given more and more", "[decision]")
{
    auto two = campaign();
    two.offers.push_back({"TWO", {}, {}, {}, ""});
    auto decisions = deciding({two});
    std::map<std::string, int> late;
    for (std::uint64_t n = 0; n < 400; ++n) {
        auto who = member(n);
        auto coupon = decide(decisions, who, occasion("v"))[0];
        if (n >= 200) ++late[coupon.offer];
        if (coupon.offer == "TWO") decisions.answered(coupon);
    }
    CHECK(late["TWO"] > 190);
    CHECK(decisions.standings().at("c").arms.count("TWO").answered > 190);
}

TEST_CASE("decision: a control group cannot be lost", "[decision]")
{
    auto trial = campaign();
    trial.control = 0.2;
    trial.offers.push_back({"TWO", {}, {}, {}, ""});
    auto decisions = deciding({trial});
    constexpr std::uint64_t members = 2'000;
    std::vector<MemberRecord> shop;
    std::vector<bool> out;
    for (std::uint64_t n = 0; n < members; ++n) {
        shop.push_back(member(n));
        out.push_back(decide(decisions, shop.back(), occasion("1"))[0].state
                      == CouponState::withheld);
    }
    const auto group_then = std::count(out.begin(), out.end(), true);
    CHECK(group_then == Approx(members * 0.2).margin(5 * std::sqrt(members * 0.16)));

    SECTION("by shipping a winner")
    {
        trial.offers.pop_back();
        trial.control = 0.0;
    }
    SECTION("by another share")
    {
        trial.control = 0.5;
    }
    SECTION("by another segment and other limits")
    {
        trial.where = "visits > 1";
        trial.per_member = {{100, 24h}};
    }
    decisions.replace({trial});
    for (std::uint64_t n = 0; n < members; ++n) {
        const auto again = decide(decisions, shop[n], occasion("2", noon + 24h)).at(0);
        CHECK((again.state == CouponState::withheld) == out[n]);
    }
    // Nor for members who come to it only then.
    std::uint64_t later = 0;
    for (std::uint64_t n = members; n < 2 * members; ++n) {
        auto who = member(n);
        const auto coupon = decide(decisions, who, occasion("1")).at(0);
        later += coupon.state == CouponState::withheld ? 1U : 0U;
        CHECK(coupon.control >= 0.2);
    }
    CHECK(later >= static_cast<std::uint64_t>(members * 0.2 - 5 * std::sqrt(members * 0.16)));
}

TEST_CASE("decision: who is in a control group is the same in every store", "[decision]")
{
    auto trial = campaign();
    trial.control = 0.3;
    Decisions here{{{}, 1, 8}, {trial}};
    Decisions there{{{}, 2, 8}, {trial}};
    for (std::uint64_t n = 0; n < 500; ++n) {
        auto who = member(n);
        auto same = member(n);
        const auto coupon = decide(here, who, occasion("v")).at(0);
        const auto other = decide(there, same, occasion("v")).at(0);
        CHECK(coupon.state == other.state);
        CHECK(coupon.id != other.id);
    }
}

TEST_CASE("decision: some members never get any coupon", "[decision]")
{
    CampaignRules rules;
    rules.control = 0.25;
    auto decisions = deciding({campaign("a"), campaign("b")}, rules);
    int none = 0;
    constexpr int members = 2'000;
    for (std::uint64_t n = 0; n < members; ++n) {
        auto who = member(n);
        const auto both = decide(decisions, who, occasion("v"));
        CHECK(both.at(0).state == both.at(1).state);
        CHECK(both.at(0).control == Approx(0.25));
        none += both[0].state == CouponState::withheld ? 1 : 0;
    }
    CHECK(none == Approx(members * 0.25).margin(5 * std::sqrt(members * 0.1875)));
}

TEST_CASE("decision: who is in the control group is decided about as often as a twin", "[decision]")
{
    auto limited = campaign();
    limited.control = 0.5;
    limited.per_member = {{1, 7 * 24h}};
    auto decisions = deciding({limited});
    for (std::uint64_t n = 0; n < 100; ++n) {
        auto who = member(n);
        std::size_t times = 0;
        for (int day = 0; day < 28; ++day)
            times += decide(decisions, who, occasion(std::to_string(day), noon + day * 24h)).size();
        CHECK(times == 4);
    }
}

TEST_CASE("decision: money that a coupon holds is free again when it expires", "[decision]")
{
    auto tight = campaign();
    tight.budget = *Money::parse("100");
    auto decisions = deciding({tight});
    auto ann = member(1);
    auto bob = member(2);
    auto coupon = decide(decisions, ann, occasion("1")).at(0);
    CHECK(coupon.cost == *Money::parse("100"));
    CHECK(decide(decisions, bob, occasion("2")).empty());
    coupon.closed_at = noon + 1h;
    SECTION("or is revoked")
    {
        coupon.state = CouponState::revoked;
    }
    SECTION("as it should")
    {
        coupon.state = CouponState::expired;
    }
    decisions.closed(coupon, StoreClock{});
    CHECK(decide(decisions, bob, occasion("3")).size() == 1);
}

TEST_CASE("decision: money that was spent is not", "[decision]")
{
    auto tight = campaign();
    tight.budget = *Money::parse("100");
    auto decisions = deciding({tight});
    auto ann = member(1);
    auto bob = member(2);
    auto coupon = decide(decisions, ann, occasion("1")).at(0);
    coupon.state = CouponState::redeemed;
    coupon.closed_at = noon + 1h;
    decisions.closed(coupon, StoreClock{});
    CHECK(decide(decisions, bob, occasion("3")).empty());
    CHECK(decisions.standings().at("c").account.budget().used == *Money::parse("100"));
}

TEST_CASE("decision: a channel that was not agreed to is not used", "[decision]")
{
    auto mail = campaign();
    mail.channel = Channel::mail;
    auto decisions = deciding({mail});
    auto ann = member(1);
    ann.channels = bit_of(Channel::kiosk);
    CHECK(decide(decisions, ann, occasion("1")).empty());
    CHECK(passed_over(decisions, PassedOver::not_agreed) == 1);
    ann.channels |= bit_of(Channel::mail);
    CHECK(decide(decisions, ann, occasion("1")).size() == 1);
}

TEST_CASE("decision: it explains itself", "[decision]")
{
    auto two = campaign();
    two.where = "streak >= 1 AND visits < 9";
    two.offers.push_back({"TWO", {}, {}, {}, ""});
    auto decisions = deciding({two});
    auto ann = member(1);
    const auto why = decide(decisions, ann, occasion("1")).at(0).reasons;
    REQUIRE(why.size() == 5);
    CHECK(why[0] == "where: streak >= 1 AND visits < 9");
    CHECK(why[1] == "visits: 0");
    CHECK(why[2] == "streak: 1");
    CHECK(why[3].starts_with("not in the control group, lot 0."));
    CHECK(why[4].find(": chance 0.5 of 2 offers, answered 0 of 0 times so far")
          != std::string::npos);
}

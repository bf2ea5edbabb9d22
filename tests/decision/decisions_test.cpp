#include "daemon/decision/decisions.hpp"

#include <catch2/catch.hpp>

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
    out.card.streak = 1;
    return out;
}

const Decisions::Matches everybody = [](const std::string&, const ScoreCard&) { return true; };
const Decisions::Matches nobody = [](const std::string&, const ScoreCard&) { return false; };

/// Decides, and keeps what was decided with the member, as the engine does.
std::vector<CouponRecord> decide(Decisions& decisions, MemberRecord& who, const Occasion& when,
                                 const Decisions::Matches& matches = everybody)
{
    const auto decided = decisions.decide(when, who, StoreClock{}, matches);
    who.coupons.insert(who.coupons.end(), decided.begin(), decided.end());
    return decided;
}

}  // namespace

TEST_CASE("decision: one for each member, campaign and occasion, however often it is asked",
          "[decision]")
{
    Decisions decisions{{campaign("a"), campaign("b")}, 7};
    auto ann = member(1);
    CHECK(decide(decisions, ann, occasion("visit-1")).size() == 2);
    CHECK(decide(decisions, ann, occasion("visit-1")).empty());
    CHECK(decide(decisions, ann, occasion("visit-2")).size() == 2);
    Decisions again{{campaign("a"), campaign("b")}, 7};
    auto same = member(1);
    CHECK(decide(again, same, occasion("visit-1"))[0].id == ann.coupons[0].id);
}

TEST_CASE("decision: the control group is a tenth, and fixed for each member", "[decision]")
{
    auto tenth = campaign();
    tenth.control = 0.10;
    Decisions decisions{{tenth}, 7};
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
        limited.per_member = Campaign::PerMember{2, 30 * 24h};
        Decisions decisions{{limited}, 7};
        CHECK(decide(decisions, ann, occasion("1")).size() == 1);
        CHECK(decide(decisions, ann, occasion("2", noon + 24h)).size() == 1);
        CHECK(decide(decisions, ann, occasion("3", noon + 48h)).empty());
        CHECK(decide(decisions, bob, occasion("3", noon + 48h)).size() == 1);
        CHECK(decide(decisions, ann, occasion("4", noon + 30 * 24h)).size() == 1);
    }
    SECTION("so many on a business day")
    {
        limited.per_day = 1;
        Decisions decisions{{limited}, 7};
        CHECK(decide(decisions, ann, occasion("1")).size() == 1);
        CHECK(decide(decisions, bob, occasion("2", noon + 11h)).empty());
        CHECK(decide(decisions, bob, occasion("3", noon + 12h)).size() == 1);
    }
    SECTION("a budget, of which the dearest arm must still be affordable")
    {
        limited.offers.push_back({"TWO", {}, *Money::parse("300"), *Money::parse("300"), ""});
        limited.budget = *Money::parse("1000");
        Decisions decisions{{limited}, 7};
        Money spent;
        for (std::uint64_t n = 0; n < 50; ++n) {
            auto who = member(n);
            for (const auto& coupon : decide(decisions, who, occasion("v")))
                spent += *Money::parse(coupon.offer == "ONE" ? "100" : "300");
        }
        CHECK(spent <= *Money::parse("1000"));
        CHECK(spent > *Money::parse("700"));
        CHECK(decisions.spent().at("c").budget == spent);
    }
    SECTION("a gap since the last coupon of any campaign")
    {
        auto other = campaign("z");
        limited.min_gap = 7 * 24h;
        Decisions first{{other}, 7};
        CHECK(decide(first, ann, occasion("1")).size() == 1);
        Decisions decisions{{limited}, 7};
        CHECK(decide(decisions, ann, occasion("2", noon + 6 * 24h)).empty());
        CHECK(decide(decisions, ann, occasion("3", noon + 7 * 24h)).size() == 1);
    }
    SECTION("its time")
    {
        limited.starts_at = noon;
        limited.ends_at = noon + 1h;
        limited.valid_for = 24h;
        Decisions decisions{{limited}, 7};
        CHECK(decide(decisions, ann, occasion("1", noon - 1ms)).empty());
        CHECK(decide(decisions, ann, occasion("2", noon + 1h)).empty());
        CHECK(decide(decisions, ann, occasion("3", noon))[0].expires_at == noon + 1h);
    }
    SECTION("consent, and the segment")
    {
        limited.where = "streak >= 2";
        Decisions decisions{{limited}, 7};
        CHECK(decide(decisions, ann, occasion("1"), nobody).empty());
        bob.consent = false;
        CHECK(decide(decisions, bob, occasion("1")).empty());
        CHECK(decide(decisions, ann, occasion("1")).size() == 1);
    }
}

TEST_CASE("decision: arms are drawn alike often, with their probability", "[decision]")
{
    auto two = campaign();
    two.offers.push_back({"TWO", {}, {}, {}, ""});
    Decisions decisions{{two}, 7};
    std::map<std::string, int> drawn;
    constexpr int members = 10'000;
    for (int n = 0; n < members; ++n) {
        auto who = member(static_cast<std::uint64_t>(n));
        const auto coupon = decide(decisions, who, occasion("v"))[0];
        CHECK(coupon.arm_probability == 0.5);
        ++drawn[coupon.offer];
    }
    CHECK(drawn["ONE"] == Approx(members / 2.0).margin(5 * std::sqrt(members * 0.25)));
}

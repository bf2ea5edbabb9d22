#include "daemon/scoring/campaign_uplift.hpp"

#include "daemon/base/archive.hpp"
#include "daemon/base/keyed_hash.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <limits>
#include <random>

/// What a campaign makes of its own decisions, and whom its target then means.
using namespace raiten;
using namespace raiten::scoring;

namespace {

constexpr std::uint64_t seed = 20261123;
const Instant tonight{std::chrono::sys_days{std::chrono::year{2026} / 11 / 23}};

OfferFeatures member(std::uint32_t streak)
{
    ScoreCard card;
    card.visits = 10;
    card.streak = streak;
    return offer_features(card, 14);
}

/// Members by streak, 0 to 5: the offer brings `effect` of 100 of those from 3 on, and nobody else.
struct Offers {
    explicit Offers(std::size_t decisions, unsigned effect = 40, bool upside_down = false)
    {
        std::mt19937 dice{seed};
        for (std::uint64_t id = 0; id < decisions; ++id) {
            const auto streak = static_cast<std::uint32_t>(dice() % 6);
            const bool given = dice() % 5 != 0;
            const bool moved = (streak >= 3) != upside_down;
            const bool came = dice() % 100 < 20 + (moved && given ? effect : 0);
            const auto outcome = outcome_of(member(streak), 0.8, given, came);
            all.add(id, outcome);
            if (id % 20 == 0) anybody.add(id, outcome);
        }
    }
    CampaignUplift learned() const
    {
        auto out = learn_campaign(all, anybody, tonight);
        REQUIRE(out.has_value());
        REQUIRE(check(*out).has_value());
        return std::move(*out);
    }
    OfferSample all, anybody;
};

Campaign::Target top(double share)
{
    Campaign::Target target;
    target.top_share = share;
    return target;
}

Campaign::Target least(double uplift)
{
    Campaign::Target target;
    target.uplift_min = uplift;
    return target;
}

}  // namespace

TEST_CASE("campaign uplift: the top share are those on whom the offer works", "[scoring][target]")
{
    const auto learned = Offers{6'000}.learned();
    REQUIRE(learned.model.targeting == Targeting::helps);
    CHECK(learned.decisions == 6'000);
    REQUIRE(learned.cuts.size() == uplift_cuts);
    for (std::uint32_t streak = 0; streak < 6; ++streak) {
        CAPTURE(streak);
        const auto said = targeted(learned, top(0.5), member(streak), false);
        CHECK(said.in_target == (streak >= 3));
        CHECK(said.why.empty() == (streak < 3));
        CHECK(targeted(learned, top(1), member(streak), false).in_target);
        CHECK(targeted(learned, least(0.2), member(streak), false).in_target == (streak >= 3));
    }
    const auto why = targeted(learned, top(0.5), member(5), false).why;
    INFO(why);
    CHECK(why.find("target: expected effect +0.") == 0);
    CHECK(why.find(", floor ") != std::string::npos);
    CHECK(why.find(": streak +0.") != std::string::npos);
    CHECK(targeted(learned, top(0.5), member(5), false).uplift > 0.2);
    // Both are asked where both are there.
    auto both = top(0.5);
    both.uplift_min = 0.99;
    CHECK_FALSE(targeted(learned, both, member(5), false).in_target);
}

TEST_CASE("campaign uplift: a share of the members is decided about whatever is expected",
          "[scoring][target]")
{
    const auto learned = Offers{6'000}.learned();
    const auto said = targeted(learned, top(0.5), member(0), true);
    CHECK(said.in_target);
    INFO(said.why);
    CHECK(said.why.find("5 of 100 members who are always decided about") != std::string::npos);
    std::size_t explored = 0, with_control = 0, elsewhere = 0;
    constexpr std::size_t members = 40'000;
    for (std::size_t n = 0; n < members; ++n) {
        const auto name = "m" + std::to_string(n);
        if (!is_explored(seed, "evening", name)) continue;
        ++explored;
        CHECK(is_explored(seed, "evening", name));
        if (is_explored(seed, "morning", name)) ++elsewhere;
        if (KeyedHash{seed}.add("control").add("evening").add(name).unit() < 0.1) ++with_control;
    }
    CHECK(explored > 1'800);  // 2,000, give or take 4.6 standard errors
    CHECK(explored < 2'200);
    CHECK(elsewhere < 150);     // 5 of 100 of them: other campaigns explore others
    CHECK(with_control > 140);  // 10 of 100 of them: the control group is among them too
    CHECK(with_control < 260);
}

TEST_CASE("campaign uplift: where members do not differ the average holds for each of them",
          "[scoring][target]")
{
    Offers offers{0};
    std::mt19937 dice{seed};
    for (std::uint64_t id = 0; id < 3'000; ++id) {
        const bool given = dice() % 5 != 0;
        const bool came = dice() % 100 < (given ? 30U : 20U);
        offers.all.add(
            id, outcome_of(member(static_cast<std::uint32_t>(dice() % 6)), 0.8, given, came));
    }
    const auto learned = offers.learned();
    REQUIRE(learned.model.targeting == Targeting::no_evidence);
    const double average = learned.model.average.effect.value;
    CHECK(average > 0.05);
    const auto anybody = targeted(learned, top(0.1), member(0), false);
    CHECK(anybody.in_target);
    CHECK(anybody.uplift == average);
    INFO(anybody.why);
    CHECK(anybody.why.find("target: average effect +0.") == 0);
    CHECK(anybody.why.find("nothing tells members apart yet") != std::string::npos);
    CHECK(targeted(learned, least(average - 0.01), member(0), false).in_target);
    CHECK_FALSE(targeted(learned, least(average + 0.01), member(5), false).in_target);
    CHECK(targeted(learned, least(average + 0.01), member(5), true).in_target);

    // Who differs is known, but not where a share of the members begins.
    Offers few{6'000};
    few.anybody = OfferSample{};
    const auto without_cuts = few.learned();
    CHECK(without_cuts.cuts.empty());
    const auto said = targeted(without_cuts, top(0.1), member(0), false);
    CHECK(said.in_target);
    CHECK(said.why.find("too few members were decided about by lot") != std::string::npos);
    CHECK_FALSE(Offers{30}.all.learn().has_value());
}

TEST_CASE("campaign uplift: a bad night does not replace a good model", "[scoring][target]")
{
    const Offers offers{6'000};
    const auto good = offers.learned();
    const auto first = judge(good, nullptr, offers.all);
    CHECK(first.accepted);
    CHECK(first.grounds == Grounds::first);
    const auto again = judge(good, &good, offers.all);
    CHECK(again.accepted);
    CHECK(again.grounds == Grounds::as_good);

    const auto wrong = Offers{6'000, 40, true}.learned();
    const auto less = judge(wrong, &good, offers.all);
    CHECK_FALSE(less.accepted);
    CHECK(less.grounds == Grounds::less_likely);
    CHECK(less.reason.find("log-likelihood -") == 0);

    const Offers half{4'000};
    const auto shrunken = judge(half.learned(), &good, half.all);
    CHECK_FALSE(shrunken.accepted);
    CHECK(shrunken.grounds == Grounds::shrunken);
    auto broken = good;
    broken.cuts[3] = std::numeric_limits<double>::quiet_NaN();
    CHECK(judge(broken, &good, offers.all).grounds == Grounds::unusable);
    CHECK(judge(good, &broken, offers.all).grounds == Grounds::first);
}

TEST_CASE("campaign uplift: as bytes and back", "[scoring][target]")
{
    const auto learned = Offers{3'000}.learned();
    ArchiveWriter out;
    out(learned);
    CampaignUplift read;
    ArchiveReader in{out.bytes()};
    in(read);
    REQUIRE(in.done());
    REQUIRE(check(read).has_value());
    CHECK(read.made_at == tonight);
    CHECK(read.decisions == learned.decisions);
    CHECK(read.cuts == learned.cuts);
    ArchiveWriter again;
    again(read);
    CHECK((again.bytes() == out.bytes()));
    CHECK(targeted(read, top(0.3), member(4), false).why
          == targeted(learned, top(0.3), member(4), false).why);
    std::swap(read.cuts.front(), read.cuts.back());
    CHECK_FALSE(check(read).has_value());
    read.cuts.resize(5);
    CHECK_FALSE(check(read).has_value());
}

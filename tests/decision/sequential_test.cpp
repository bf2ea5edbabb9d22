#include "daemon/decision/sequential.hpp"

#include "daemon/decision/effect.hpp"
#include "tests/decision/planted_experiment.hpp"

#include <catch2/catch.hpp>

#include <cmath>

using namespace raiten::decision;
using planted::Diary;
using planted::Shop;

namespace {

constexpr std::int64_t days = 180;
constexpr std::int64_t days_between_looks = 6;

struct Shown {
    bool rate{}, spend{}, naive{};
};

/// Whether any look on the way showed a difference, and whether the interval for one look at the
/// end did, asked as often.
Shown shown(const Shop& shop, std::uint64_t seed)
{
    Shown out;
    Diary diary{shop, days, 20, seed};
    for (std::int64_t day = 0; day < days; day += days_between_looks) {
        const auto look = always_valid(diary.evening(day));
        REQUIRE(look.has_value());
        if (!look->figures) continue;
        out.rate = out.rate || look->figures->rate_shown();
        out.spend = out.spend || look->figures->spend_shown();
        const auto verdict = effect_of(diary.evening(day))->verdict;
        out.naive = out.naive || verdict == Verdict::more || verdict == Verdict::fewer;
    }
    return out;
}

}  // namespace

TEST_CASE("daily looks: whoever looks often is not fooled more often", "[decision][sequential]")
{
    constexpr std::uint64_t campaigns = 200;
    // Of 5 in a hundred more than 20 of 200 are seen once in 600 such tests.
    int rate = 0, spend = 0, naive = 0;
    for (std::uint64_t seed = 1; seed <= campaigns; ++seed) {
        const auto found = shown({"", 300, 0.2, 1, 1, 0.15, 0.8, 0.3}, seed);
        rate += found.rate ? 1 : 0;
        spend += found.spend ? 1 : 0;
        naive += found.naive ? 1 : 0;
    }
    CHECK(rate <= 20);
    CHECK(spend <= 20);
    CHECK(naive >= 30);  // the same looks do fool the interval of one look
}

TEST_CASE("daily looks: a large effect is found before the end", "[decision][sequential]")
{
    int found = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed)
        found += shown({"", 300, 0.2, 2, 1, 0.1, 0.6, 0.3}, seed).rate ? 1 : 0;
    CHECK(found >= 15);
}

TEST_CASE("daily looks: a walk of pure chance leaves the bounds in at most 5 of 100 years",
          "[decision][sequential]")
{
    constexpr int walks = 3'000;
    constexpr double grown = 1.03, first = 0.5, last = 5e5;  // decisions, look by look
    int left = 0;
    for (int seed = 1; seed <= walks; ++seed) {
        planted::Dice dice{static_cast<std::uint64_t>(seed)};
        double at = std::sqrt(first) * dice.normal();
        bool outside = false;
        for (double n = first; n < last && !outside; n *= grown) {
            outside = std::abs(at) > always_valid_deviations(n) * std::sqrt(n);
            at += std::sqrt(n * (grown - 1)) * dice.normal();
        }
        left += outside ? 1 : 0;
    }
    // 5 % of 3,000 are 150, one deviation 12; what ends at 5e5 has seen 3 % and more
    CHECK(left <= 150 + 36);
    CHECK(left >= 60);
}

TEST_CASE("daily looks: the bounds are narrowest where they are said to be",
          "[decision][sequential]")
{
    const double narrowest = always_valid_deviations(8 * tuned_decisions);
    CHECK(narrowest == Approx(3.03).margin(0.01));
    for (const double times : {1.0, 3.0, 20.0, 100.0})
        CHECK(always_valid_deviations(times * tuned_decisions) > narrowest);
}

TEST_CASE("daily looks: nothing is shown too early, nor of groups that chance did not make",
          "[decision][sequential]")
{
    const Shop shop{"", 400, 0.2, 3, 1, 0.1, 0.6, 0.2};
    Diary diary{shop, days, 20, 1};
    CHECK_FALSE(always_valid(diary.evening(3))->figures);
    auto members = diary.evening(days);
    const auto look = always_valid(members);
    REQUIRE(look->figures);
    CHECK(look->figures->rate_shown());
    CHECK(look->figures->rate.low > 0);
    // of the same data wider than one look at the end
    const auto once = effect_of(members);
    CHECK(look->figures->rate.low < once->figures->rate.low);
    CHECK(look->figures->rate.high > once->figures->rate.high);
    CHECK(always_valid(members)->figures->rate == look->figures->rate);

    std::erase_if(members, [n = 0](const ExperimentMember& member) mutable {
        return member.withheld && ++n % 2 == 0;
    });
    CHECK(always_valid(members)->sample_ratio.mismatch());
    CHECK_FALSE(always_valid(members)->figures);
    members.front().bought = members.front().decisions + 1;
    CHECK(always_valid(members).has_error());
}

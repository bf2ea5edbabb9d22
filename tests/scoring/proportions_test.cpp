#include "daemon/scoring/proportions.hpp"

#include "tests/support/dice.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <cmath>
#include <vector>

using namespace raiten;
using namespace raiten::scoring;
using stage::Dice;

namespace {

Group drawn(Dice& dice, std::uint64_t members, double rate)
{
    Group out{members, 0};
    for (std::uint64_t i = 0; i < members; ++i)
        if (dice.share() < rate) ++out.kept;
    return out;
}

bool holds(const Difference& difference, double truth)
{
    return difference.lower <= truth && truth <= difference.upper;
}

}  // namespace

TEST_CASE("proportions: the intervals that Newcombe printed", "[scoring]")
{
    struct Printed {
        TwoGroups groups;
        double lower, upper;
    };
    // Newcombe (1998), table II, method 10
    const std::array table{Printed{{{70, 56}, {80, 48}}, 0.0524, 0.3339},
                           Printed{{{10, 9}, {10, 3}}, 0.1705, 0.8090},
                           Printed{{{7, 6}, {7, 2}}, 0.0582, 0.8062},
                           Printed{{{56, 5}, {29, 0}}, -0.0381, 0.1926},
                           Printed{{{10, 0}, {20, 0}}, -0.1611, 0.2775},
                           Printed{{{10, 10}, {20, 0}}, 0.6791, 1.0000}};
    for (const auto& [groups, lower, upper] : table) {
        const auto found = difference(groups);
        REQUIRE(found.has_value());
        CHECK(found->lower == Approx(lower).margin(0.00005));
        CHECK(found->upper == Approx(upper).margin(0.00005));
    }
    CHECK(difference({{70, 56}, {80, 48}})->p == Approx(0.00805).margin(0.00001));
    CHECK(difference({{10, 0}, {20, 0}})->p == 1);
    CHECK_FALSE(difference({{0, 0}, {20, 3}}).has_value());
    CHECK_FALSE(difference({{20, 3}, {0, 0}}).has_value());
}

TEST_CASE("proportions: 95 of 100 intervals hold the truth, few large strata or many small ones",
          "[scoring]")
{
    const auto seed = GENERATE(1U, 2U);
    Dice dice{seed};
    INFO("seed " << seed);
    constexpr int rounds = 4'000;
    struct Shop {
        const char* name;
        std::size_t strata;
        std::uint64_t did, did_not;  ///< about, in each stratum
    };
    for (const auto& shop : {Shop{"one group", 1, 80, 160}, Shop{"few large", 4, 60, 100},
                             Shop{"many small", 60, 2, 4}}) {
        int raw = 0, adjusted = 0, told = 0;
        for (int round = 0; round < rounds; ++round) {
            std::vector<TwoGroups> strata;
            for (std::size_t i = 0; i < shop.strata; ++i) {
                const double base = 0.1 + 0.6 * static_cast<double>(i) / 60;
                strata.push_back({drawn(dice, 1 + dice.below(2 * shop.did), base + 0.15),
                                  drawn(dice, 1 + dice.below(2 * shop.did_not), base)});
            }
            const auto found = adjusted_difference(strata);
            if (!found) continue;
            ++told;
            if (holds(*found, 0.15)) ++adjusted;
            if (holds(*difference(strata[0]), 0.15)) ++raw;
        }
        const auto share = [&](int n) { return static_cast<double>(n) / told; };
        INFO(shop.name << ": raw " << share(raw) << ", adjusted " << share(adjusted) << " of "
                       << told);
        CHECK(told > rounds * 6 / 10);
        if (shop.strata == 1) {
            CHECK(share(raw) > 0.94);
            CHECK(share(raw) < 0.97);
        }
        CHECK(share(adjusted)
              > (shop.strata == 1 ? 0.91 : 0.94));  // a Wald interval of few members
        CHECK(share(adjusted) < 0.97);
    }
}

TEST_CASE("proportions: within strata nothing is left of a difference between them", "[scoring]")
{
    // Simpson's paradox: the same rate in either stratum, and yet 50 % against 14 % in all.
    const std::array strata{TwoGroups{{10, 1}, {90, 9}}, TwoGroups{{80, 44}, {10, 5}}};
    const auto raw = difference({{90, 45}, {100, 14}});
    const auto adjusted = adjusted_difference(strata);
    REQUIRE(adjusted.has_value());
    CHECK(raw->lower > 0.2);
    CHECK(adjusted->value == Approx((80.0 * 10 / 90 * 0.05) / (80.0 * 10 / 90 + 9)));
    CHECK(holds(*adjusted, 0));
    CHECK(adjusted->p > 0.5);
    // Where nobody can be compared, nothing is said.
    CHECK_FALSE(adjusted_difference(std::array{TwoGroups{{50, 20}, {}}, TwoGroups{{}, {70, 30}}}));
    CHECK_FALSE(adjusted_difference(std::array{TwoGroups{{50, 50}, {70, 70}}}));
    CHECK_FALSE(adjusted_difference(std::array{TwoGroups{{19, 9}, {70, 20}}}));
    CHECK(adjusted_difference(std::array{TwoGroups{{20, 9}, {70, 20}}}));
    CHECK_FALSE(adjusted_difference({}));
    // One stratum: the plain difference, and the variance of two binomials.
    const auto one = adjusted_difference(std::array{TwoGroups{{1000, 800}, {200, 80}}});
    const double deviation = std::sqrt(.8 * .2 / 1000 + .4 * .6 / 200);
    CHECK(one->upper - one->value == Approx(1.959964 * deviation));
    CHECK(one->value - one->lower == Approx(1.959964 * deviation));
    CHECK(adjusted_difference(std::array{TwoGroups{{70, 56}, {80, 48}}})->value == Approx(0.2));
}

TEST_CASE("proportions: false discoveries as Benjamini and Hochberg count them", "[scoring]")
{
    // Their example, section 3.2: at .05 the first four of 15 are discoveries.
    const std::array p{.0298, .0001, .0004, .3240, .0019, .0095, .0201, .0278,
                       .0344, .0459, .4262, .5719, .6528, .7590, 1.0};
    const auto q = false_discovery_rates(p);
    int discoveries = 0;
    for (std::size_t i = 0; i < p.size(); ++i) {
        CHECK(q[i] >= p[i]);
        if (q[i] <= 0.05) {
            ++discoveries;
            CHECK(p[i] <= 0.0095);
        }
    }
    CHECK(discoveries == 4);
    CHECK(q[5] == Approx(.0095 * 15 / 4));
    CHECK(q[14] == 1);
    // The larger p of two holds the smaller one to its own rate.
    CHECK(false_discovery_rates(std::array{.04, .041}) == std::vector{.041, .041});
    CHECK(false_discovery_rates({}).empty());
}

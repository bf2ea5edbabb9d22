#include "daemon/decision/arm_chances.hpp"

#include "daemon/base/keyed_hash.hpp"
#include "tests/decision/two_arms.hpp"
#include "tests/support/dice.hpp"

#include <boost/math/quadrature/gauss_kronrod.hpp>
#include <boost/math/special_functions/beta.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

using namespace raiten;
using stage::Dice;

namespace {

using Counts = std::vector<ArmCount>;

constexpr std::uint32_t billion = 1'000'000'000;

double sum_of(const std::vector<double>& values)
{
    return std::accumulate(values.begin(), values.end(), 0.0);
}

ArmCount any_count(Dice& dice, unsigned bits)
{
    const auto given = static_cast<std::uint32_t>(dice.below(1U << dice.below(bits + 1)));
    return {given, static_cast<std::uint32_t>(dice.below(given + 1U))};
}

Counts any_counts(Dice& dice, unsigned bits)
{
    Counts out(1 + dice.below(arms_max));
    for (auto& each : out) each = any_count(dice, bits);
    return out;
}

/// Arms that are hard to tell apart.
Counts close_counts(Dice& dice, std::size_t arms, unsigned bits)
{
    const double rate = dice.share();
    Counts out(arms);
    for (auto& each : out) {
        each.given = any_count(dice, bits).given;
        each.answered = std::min(
            each.given, static_cast<std::uint32_t>(rate * each.given + dice.between(0, 3)));
    }
    return out;
}

/// The integral by other means: Boost's incomplete beta, adaptive Gauss and Kronrod.
double by_boost(const Counts& arms, std::size_t best)
{
    const auto a = [&](std::size_t i) { return 1.0 + arms[i].answered; };
    const auto b = [&](std::size_t i) { return 1.0 + arms[i].given - arms[i].answered; };
    const auto here = [&](double x) {
        double product = boost::math::ibeta_derivative(a(best), b(best), x);
        for (std::size_t j = 0; j < arms.size() && product > 0; ++j)
            if (j != best) product *= boost::math::ibeta(a(j), b(j), x);
        return product;
    };
    const double mean = a(best) / (a(best) + b(best));
    const double deviation = std::sqrt(mean * (1 - mean) / (a(best) + b(best) + 1));
    double sum = 0;
    constexpr int pieces = 32;
    const double low = std::max(0.0, mean - 10 * deviation);
    const double high = std::min(1.0, mean + 25 * deviation);
    for (int n = 0; n < pieces; ++n) {
        const double from = low + (high - low) * n / pieces;
        const double to = low + (high - low) * (n + 1) / pieces;
        sum +=
            boost::math::quadrature::gauss_kronrod<double, 15>::integrate(here, from, to, 3, 1e-10);
    }
    return sum;
}

}  // namespace

TEST_CASE("arm chances: they sum to one and nobody falls below the floor", "[decision]")
{
    const auto seed = GENERATE(range(1U, 41U));
    CAPTURE(seed);
    Dice dice{seed};
    const auto arms = dice.below(2) == 0 ? any_counts(dice, 30)
                                         : close_counts(dice, 1 + dice.below(arms_max), 20);
    for (const double floor : {arm_floor, 0.0, 0.03, 0.05}) {
        const auto chances = arm_probabilities(arms, floor);
        REQUIRE(chances.size() == arms.size());
        CHECK(std::abs(sum_of(chances) - 1) < 1e-12);
        for (const double chance : chances) CHECK(chance >= floor);
    }
}

TEST_CASE("arm chances: the floor takes from those above it in proportion", "[decision]")
{
    const auto seed = GENERATE(range(1U, 21U));
    CAPTURE(seed);
    Dice dice{seed};
    const auto arms = close_counts(dice, 2 + dice.below(15), 12);
    const auto bare = arm_probabilities(arms, 0);
    const auto floored = arm_probabilities(arms);
    const auto top =
        static_cast<std::size_t>(std::max_element(bare.begin(), bare.end()) - bare.begin());
    for (std::size_t i = 0; i < arms.size(); ++i) {
        const double scaled = bare[i] * floored[top] / bare[top];
        CHECK(floored[i] == Approx(std::max(arm_floor, scaled)).epsilon(1e-12));
    }
    CHECK(floored[top] <= bare[top] * (1 + 1e-12));
}

TEST_CASE("arm chances: a floor that leaves nothing to choose is uniform", "[decision]")
{
    const Counts arms{{1000, 10}, {1000, 300}, {0, 0}, {5, 5}};
    CHECK(arm_probabilities(arms, 0.25) == std::vector<double>(4, 0.25));
    CHECK(arm_probabilities(arms, 0.9) == std::vector<double>(4, 0.25));
    CHECK(arm_probabilities(Counts{{1000, 0}}) == std::vector<double>{1});
    CHECK(arm_probabilities(Counts{}).empty());
    CHECK(arm_probabilities(Counts{{5, 7}, {5, 1}}) == arm_probabilities(Counts{{5, 5}, {5, 1}}));
}

TEST_CASE("arm chances: equal arms are equal and order does not matter, to the bit", "[decision]")
{
    const auto seed = GENERATE(range(1U, 31U));
    CAPTURE(seed);
    Dice dice{seed};
    auto arms = close_counts(dice, 2 + dice.below(8), 24);
    arms.resize(arms.size() + 3, arms.front());
    const auto before = arm_probabilities(arms);
    for (std::size_t n = arms.size() - 3; n < arms.size(); ++n) CHECK(before[n] == before[0]);

    std::vector<std::size_t> order(arms.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t n = order.size() - 1; n > 0; --n)
        std::swap(order[n], order[dice.below(n + 1)]);
    Counts mixed;
    for (const auto from : order) mixed.push_back(arms[from]);
    const auto after = arm_probabilities(mixed);
    for (std::size_t n = 0; n < order.size(); ++n) CHECK(after[n] == before[order[n]]);
}

TEST_CASE("arm chances: the same counts give these bits on every machine", "[decision]")
{
    const auto chances = arm_probabilities(Counts{{400, 20}, {500, 30}, {300, 21}}, 0);
    CHECK(chances[0] == 0x1.3b24f6267a3ebp-4);
    CHECK(chances[1] == 0x1.f4b9425dcf6f6p-3);
    CHECK(chances[2] == 0x1.5b6d10a3bcdc5p-1);
}

TEST_CASE("arm chances: one more answer never makes an arm less likely", "[decision]")
{
    const auto seed = GENERATE(range(1U, 21U));
    CAPTURE(seed);
    Dice dice{seed};
    auto arms = close_counts(dice, 2 + dice.below(6), 14);
    arms[0] = {200, 0};
    for (const double floor : {0.0, arm_floor}) {
        double before = 0;
        for (std::uint32_t answered = 0; answered <= 200; answered += 8) {
            arms[0].answered = answered;
            const double chance = arm_probabilities(arms, floor)[0];
            CHECK(chance >= before - 1e-13);
            before = chance;
        }
        CHECK(before > 0.25);
    }
}

TEST_CASE("arm chances: of two arms they are what the closed form says", "[decision]")
{
    const auto seed = GENERATE(range(1U, 121U));
    CAPTURE(seed);
    Dice dice{seed};
    Counts two{any_count(dice, 12), any_count(dice, 12)};
    if (seed % 2 == 0) two = close_counts(dice, 2, 12);
    CAPTURE(two[0].given, two[0].answered, two[1].given, two[1].answered);
    const auto chances = arm_probabilities(two, 0);
    CHECK(std::abs(chances[1] - second_is_better(two[0], two[1])) < 1e-11);
    CHECK(std::abs(chances[0] - second_is_better(two[1], two[0])) < 1e-11);
}

TEST_CASE("arm chances: of many arms they are what Boost's beta integrates to", "[decision]")
{
    const auto seed = GENERATE(range(1U, 13U));
    CAPTURE(seed);
    Dice dice{seed};
    const auto arms =
        seed % 3 == 0 ? any_counts(dice, 12) : close_counts(dice, 2 + dice.below(15), 4 + seed);
    const auto chances = arm_probabilities(arms, 0);
    const auto top = static_cast<std::size_t>(std::max_element(chances.begin(), chances.end())
                                              - chances.begin());
    for (const auto i : {std::size_t{0}, top}) {
        CAPTURE(arms.size(), arms[i].given, arms[i].answered);
        CHECK(std::abs(chances[i] - by_boost(arms, i)) < 1e-10);
    }
}

TEST_CASE("arm chances: untried arms, and arms without an answer or without a silence",
          "[decision]")
{
    const auto chance = [](ArmCount first, ArmCount second) {
        return arm_probabilities(Counts{first, second}, 0)[1];
    };
    CHECK(chance({0, 0}, {0, 0}) == 0.5);
    // Beta(1, b): P(second > first) = b₁ / (b₁ + b₂); Beta(a, 1): a₂ / (a₁ + a₂)
    for (const std::uint32_t n : {0U, 1U, 7U, 1'000U, 1'000'000U, billion}) {
        const double b = 1.0 + n;
        CHECK(std::abs(chance({n, 0}, {0, 0}) - b / (b + 1)) < 1e-11);
        CHECK(std::abs(chance({n, 0}, {2 * n, 0}) - b / (b + 1 + 2.0 * n)) < 1e-11);
        CHECK(std::abs(chance({n, n}, {0, 0}) - 1 / (b + 1)) < 1e-11);
        CHECK(std::abs(chance({n, n}, {2 * n, 2 * n}) - (1 + 2.0 * n) / (b + 1 + 2.0 * n)) < 1e-11);
    }
    CHECK(chance({billion, 0}, {billion, billion}) == 1);
    CHECK(chance({billion, billion}, {billion, 0}) == 0);
    CHECK(arm_probabilities(Counts{{billion, 0}, {billion, billion}})[0] == arm_floor);
}

TEST_CASE("arm chances: a billion coupons are still told apart", "[decision]")
{
    // few answers: the closed form has few terms
    for (const std::uint32_t first : {0U, 1U, 5U, 40U}) {
        for (const std::uint32_t second : {0U, 1U, 9U, 60U}) {
            const ArmCount one{billion, first};
            const ArmCount two{billion / 3, second};
            CHECK(std::abs(arm_probabilities(Counts{one, two}, 0)[1] - second_is_better(one, two))
                  < 1e-11);
            // seen from the other end: the silences are few, and less of them is better
            const ArmCount mirrored_one{billion, billion - first};
            const ArmCount mirrored_two{billion / 3, billion / 3 - second};
            CHECK(std::abs(arm_probabilities(Counts{mirrored_one, mirrored_two}, 0)[0]
                           - second_is_better(one, two))
                  < 1e-11);
        }
    }
    // many answers: integrated with 113 binary digits, through Boost's incomplete beta
    const Counts halves{{billion, billion / 2}, {billion, billion / 2 + 10'000}};
    CHECK(std::abs(arm_probabilities(halves, 0)[1] - 0.67263957691268494) < 1e-11);
    const Counts usual{{billion, 60'000'000}, {billion, 60'010'000}};
    CHECK(std::abs(arm_probabilities(usual, 0)[1] - 0.82678019941432956) < 1e-11);
    // one sharp arm within the reach of a flat one: the flat one wins where it lies higher
    const Counts sharp{{billion, billion / 4}, {0, 0}};
    const double below = (1.0 + billion / 4) / (2.0 + billion);  // the sharp one's mean
    CHECK(std::abs(arm_probabilities(sharp, 0)[1] - (1 - below)) < 1e-11);
    CHECK(std::abs(sum_of(arm_probabilities(Counts(16, {billion, billion / 10}))) - 1) < 1e-12);
}

TEST_CASE("arm chances: a hundred thousand throws of Thompson's dice agree", "[decision]")
{
    const auto seed = GENERATE(1U, 2U, 3U);
    CAPTURE(seed);
    Dice dice{seed};
    Counts arms(2 + dice.below(3));
    for (auto& arm : arms) {
        arm.given = static_cast<std::uint32_t>(dice.below(10));
        arm.answered = static_cast<std::uint32_t>(dice.below(arm.given + 1));
    }
    // Beta(1 + s, 1 + n − s) is the (s+1)-th smallest of n + 1 uniform numbers.
    const auto thrown = [&](const ArmCount& arm) {
        std::vector<double> numbers(arm.given + 1);
        for (auto& number : numbers) number = dice.share();
        std::sort(numbers.begin(), numbers.end());
        return numbers[arm.answered];
    };
    constexpr int throws = 100'000;
    std::vector<double> won(arms.size());
    for (int n = 0; n < throws; ++n) {
        std::size_t best = 0;
        double most = -1;
        for (std::size_t i = 0; i < arms.size(); ++i) {
            const double rate = thrown(arms[i]);
            if (rate > most) best = i;
            most = std::max(most, rate);
        }
        ++won[best];
    }
    const auto chances = arm_probabilities(arms, 0);
    for (std::size_t i = 0; i < arms.size(); ++i) {
        const double error = std::sqrt(chances[i] * (1 - chances[i]) / throws);
        CHECK(std::abs(won[i] / throws - chances[i]) < 4.5 * error);
    }
}

TEST_CASE("arm chances: keyed draws fall to the arms as often as the log says", "[decision]")
{
    const auto seed = GENERATE(1U, 2U, 3U, 4U);
    CAPTURE(seed);
    const auto chances = arm_probabilities(Counts{{400, 20}, {500, 30}, {300, 20}, {200, 2}});
    constexpr std::uint64_t draws = 50'000;
    std::vector<double> fell(chances.size());
    for (std::uint64_t n = 0; n < draws; ++n)
        ++fell[arm_at(chances, KeyedHash{seed}.add("arm").add("a member").add(n).unit())];
    double chi_square = 0;
    for (std::size_t i = 0; i < chances.size(); ++i) {
        const double expected = chances[i] * draws;
        chi_square += (fell[i] - expected) * (fell[i] - expected) / expected;
    }
    CHECK(chi_square < 21.1);  // 3 degrees of freedom: 1 in 10,000
}

TEST_CASE("arm chances: a draw falls to the arm whose stretch it hits", "[decision]")
{
    const std::vector<double> chances{0.25, 0, 0.5, 0.25, 0};
    CHECK(arm_at(chances, 0) == 0);
    CHECK(arm_at(chances, 0.2499) == 0);
    CHECK(arm_at(chances, 0.25) == 2);
    CHECK(arm_at(chances, 0.7499) == 2);
    CHECK(arm_at(chances, 0.75) == 3);
    CHECK(arm_at(chances, 1 - 0x1p-53) == 3);
    const std::vector<double> short_of_one{0.3, 0.7 - 1e-13, 0};
    CHECK(arm_at(short_of_one, 1 - 0x1p-53)
          == 1);  // what rounding left, never an arm without chance
}

#include "daemon/decision/off_policy.hpp"

#include "daemon/base/keyed_hash.hpp"
#include "daemon/decision/expected_reward.hpp"
#include "tests/decision/planted_log.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <numeric>

using namespace raiten;
using namespace raiten::test;

namespace {

/// Seeds to try: 20, or what RAITEN_SEEDS says.
std::uint64_t seeds()
{
    const char* asked = std::getenv("RAITEN_SEEDS");
    return asked != nullptr ? std::strtoull(asked, nullptr, 10) : 20;
}

PolicyValue good(const Result<PolicyValue>& result)
{
    INFO((result ? std::string{} : result.error().text()));
    REQUIRE(result.has_value());
    return *result;
}

std::string refusal(const Result<PolicyValue>& result)
{
    REQUIRE_FALSE(result.has_value());
    return result.error().text();
}

PlantedLog shuffled(const PlantedLog& log, std::uint64_t seed)
{
    std::vector<std::size_t> order(log.decisions.size());
    std::iota(order.begin(), order.end(), 0U);
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return KeyedHash{seed}.add(a).value() < KeyedHash{seed}.add(b).value();
    });
    PlantedLog out;
    for (const auto row : order) {
        out.decisions.push_back(log.decisions[row]);
        out.members.push_back(log.members[row]);
        out.contexts.push_back(log.contexts[row]);
    }
    return out;
}

void check_alike(const Estimate& a, const Estimate& b, double scale = 1)
{
    CHECK(a.value == Approx(b.value * scale).epsilon(1e-11));
    CHECK(a.lower == Approx(b.lower * scale).epsilon(1e-10));
    CHECK(a.upper == Approx(b.upper * scale).epsilon(1e-10));
}

/// How often intervals held the truth, and how far estimates lay off in the mean.
struct Tally {
    double held{}, off{}, off_squares{}, count{};

    void add(const Estimate& estimate, double truth)
    {
        const double by = estimate.value - truth;
        held += estimate.lower <= truth && truth <= estimate.upper ? 1 : 0;
        off += by;
        off_squares += by * by;
        ++count;
    }
    double coverage() const { return held / count; }
    /// Mean error in its own standard errors.
    double bias() const { return off / std::sqrt(off_squares); }
};

}  // namespace

TEST_CASE("off-policy: to go on as it was done brings what it brought", "[decision][off-policy]")
{
    for (std::uint64_t seed = 1; seed <= seeds(); ++seed) {
        CAPTURE(seed);
        const auto planted = planted_log({.members = 500, .seed = seed});
        const auto policy = planted.rows_of(done);
        const auto q = cross_fitted_rewards(planted.log(), planted.contexts);
        REQUIRE(q.has_value());
        const auto value = good(evaluate_policy(planted.log(), policy, *q));
        double rewards = 0;
        for (const auto& decision : planted.decisions) rewards += decision.reward;
        CHECK(value.logged.value == Approx(rewards / 500).epsilon(1e-12));
        check_alike(value.ips, value.logged);
        check_alike(value.snips, value.logged);
        CHECK(value.effective_sample_size == Approx(500).epsilon(1e-12));
        CHECK(value.effective_members == Approx(500).epsilon(1e-12));
        CHECK(value.max_weight == Approx(1));
        CHECK(value.mean_weight == Approx(1));
        CHECK(value.doubly_robust->lower < value.logged.value);
        CHECK(value.doubly_robust->upper > value.logged.value);
        const auto without_q = good(evaluate_policy(planted.log(), policy));
        CHECK(without_q.gain.value == Approx(0).margin(1e-12));
        CHECK(without_q.gain.upper == Approx(0).margin(1e-12));
        CHECK_FALSE(without_q.direct);
        CHECK_FALSE(without_q.doubly_robust);
    }
}

TEST_CASE("off-policy: figures worked out by hand", "[decision][off-policy]")
{
    // Half of 400 decisions took each of two actions; the second brings 1 in every second case.
    std::vector<LoggedDecision> decisions;
    for (int n = 0; n < 400; ++n)
        decisions.push_back({n % 2 == 0 ? 0U : 1U, n % 4 == 1 ? 1.0 : 0.0, 0.5});
    std::vector<double> policy, q;
    for (int n = 0; n < 400; ++n) {
        policy.insert(policy.end(), {0.2, 0.8});
        q.insert(q.end(), {0.1, 0.4});
    }
    const auto value = good(evaluate_policy({2, decisions}, policy, q));
    CHECK(value.ips.value == Approx(0.25 * 1.6));
    CHECK(value.snips.value == Approx(0.4));
    CHECK(*value.direct == Approx(0.2 * 0.1 + 0.8 * 0.4));
    // .34 + (200 · .4 · −.1 + 100 · 1.6 · .6 + 100 · 1.6 · −.4) / 400
    CHECK(value.doubly_robust->value == Approx(0.34 - 0.02 + 0.24 - 0.16));
    CHECK(value.gain.value == Approx(0.4 - 0.25));
    CHECK(value.effective_sample_size == Approx(400 * 400 / (200 * (0.16 + 2.56))));
    CHECK(value.max_weight == Approx(1.6));
    // wr is 1.6 with chance 1/4: its variance .48, its standard error √(.48 / 399), its skewness
    // (1 − 2/4) / √(3/16), of which a mean of 400 has a twentieth, k. To the first order in k the
    // interval is as wide as without it, and lies k (z²/3 + 1/6) standard errors higher.
    const double error = std::sqrt(0.48 / 399);
    const double skewness = 0.5 / std::sqrt(3.0 / 16) / 20;
    CHECK(value.ips.upper - value.ips.lower == Approx(2 * 1.959964 * error).epsilon(0.01));
    const double middle = (value.ips.upper + value.ips.lower) / 2 - value.ips.value;
    CHECK(middle == Approx(error * skewness * (1.959964 * 1.959964 / 3 + 1.0 / 6)).epsilon(0.02));
    // Of SNIPS what counts is how far a reward is from the value: .4 · −.4, 1.6 · .6, 1.6 · −.4.
    const double of_snips = std::sqrt((0.5 * 0.0256 + 0.25 * 0.9216 + 0.25 * 0.4096) / 399);
    CHECK(value.snips.upper - value.snips.lower == Approx(2 * 1.959964 * of_snips).epsilon(0.01));
    CHECK(value.unsupported == 0);
}

TEST_CASE("off-policy: estimates are without bias, and intervals hold the truth",
          "[decision][off-policy]")
{
    constexpr int shops = 300;
    const double truth = value_of(other);
    Tally ips, snips, robust, misled, gain;
    for (int n = 0; n < shops; ++n) {
        const auto planted =
            planted_log({.members = 1'000, .seed = 1'000 + static_cast<std::uint64_t>(n)});
        const auto policy = planted.rows_of(other);
        const auto q = cross_fitted_rewards(planted.log(), planted.contexts);
        REQUIRE(q.has_value());
        const auto value = good(evaluate_policy(planted.log(), policy, *q));
        ips.add(value.ips, truth);
        snips.add(value.snips, truth);
        robust.add(*value.doubly_robust, truth);
        gain.add(value.gain, truth - value_of(done));
        // A model that believes in far too much misleads itself, not the estimate.
        const std::vector<double> wrong =
            planted.rows_of({{{0.1, 0.5, 0.9, 0.6}, {0.1, 0.9, 0.4, 0.9}, {0.8, 0.9, 0.7, 0.3}}});
        const auto wrongly = good(evaluate_policy(planted.log(), policy, wrong));
        CHECK(std::abs(*wrongly.direct - truth) > 0.3);
        misled.add(*wrongly.doubly_robust, truth);
    }
    for (const auto& [name, tally] : {std::pair{"ips", ips},
                                      {"snips", snips},
                                      {"robust", robust},
                                      {"gain", gain},
                                      {"misled", misled}}) {
        CAPTURE(name);
        CHECK(std::abs(tally.bias()) < 3.3);
        // .95 ± 3.3 standard errors of 300 shops
        CHECK(tally.coverage() > 0.908);
        CHECK(tally.coverage() < 0.992);
    }
    CHECK(robust.off_squares < 0.9 * ips.off_squares);  // what the model is for
    CHECK(robust.off_squares < misled.off_squares);
}

TEST_CASE("off-policy: decisions of one member count as one draw", "[decision][off-policy]")
{
    constexpr int shops = 200;
    Tally by_member, by_decision;
    for (int n = 0; n < shops; ++n) {
        const auto planted = planted_log({.members = 300,
                                          .decisions_each = 8,
                                          .habit = 0.9,
                                          .seed = 5'000 + static_cast<std::uint64_t>(n)});
        const auto policy = planted.rows_of(other);
        by_member.add(good(evaluate_policy(planted.log(), policy)).snips, value_of(other));
        by_decision.add(good(evaluate_policy({planted_actions, planted.decisions}, policy)).snips,
                        value_of(other));
    }
    CHECK(by_member.coverage() > 0.90);
    CHECK(by_decision.coverage() < 0.85);
}

TEST_CASE("off-policy: the order, and the unit of the reward, change nothing",
          "[decision][off-policy]")
{
    for (std::uint64_t seed = 1; seed <= seeds(); ++seed) {
        CAPTURE(seed);
        const auto planted = planted_log({.members = 300, .decisions_each = 3, .seed = seed});
        auto mixed = shuffled(planted, seed);
        for (auto& decision : mixed.decisions) decision.reward *= 1'280;
        const auto of = [](const PlantedLog& log) {
            const auto q = cross_fitted_rewards(log.log(), log.contexts);
            REQUIRE(q.has_value());
            return good(evaluate_policy(log.log(), log.rows_of(other), *q));
        };
        const auto one = of(planted);
        const auto two = of(mixed);
        check_alike(two.logged, one.logged, 1'280);
        check_alike(two.ips, one.ips, 1'280);
        check_alike(two.snips, one.snips, 1'280);
        check_alike(*two.doubly_robust, *one.doubly_robust, 1'280);
        CHECK(two.gain.value == Approx(one.gain.value * 1'280).epsilon(1e-9));
        CHECK(*two.direct == Approx(*one.direct * 1'280).epsilon(1e-11));
        CHECK(two.effective_sample_size == Approx(one.effective_sample_size).epsilon(1e-12));
        CHECK(two.effective_members == Approx(one.effective_members).epsilon(1e-12));

        // Another name for each action.
        auto renamed = planted;
        for (auto& decision : renamed.decisions)
            decision.action = planted_actions - 1 - decision.action;
        auto turned = planted.rows_of(other);
        for (auto row = turned.begin(); row != turned.end(); row += planted_actions)
            std::reverse(row, row + planted_actions);
        const auto three = good(evaluate_policy(renamed.log(), turned));
        check_alike(three.snips, one.snips);
    }
}

TEST_CASE("off-policy: where one weight dominates, nothing is said", "[decision][off-policy]")
{
    for (std::uint64_t seed = 1; seed <= seeds(); ++seed) {
        CAPTURE(seed);
        auto planted = planted_log({.members = 10'000, .seed = seed});
        const auto policy = planted.rows_of(other);
        good(evaluate_policy(planted.log(), policy));
        const auto chosen = KeyedHash{seed}.add("which").value() % planted.decisions.size();
        planted.decisions[chosen].propensity = 0.00001;
        planted.decisions[chosen].reward = 1;
        const auto said = refusal(evaluate_policy(planted.log(), policy));
        CHECK(said.find("effective sample") != std::string::npos);
        CHECK(said.find("at least 100") != std::string::npos);
    }
}

TEST_CASE("off-policy: a hundred is enough, one less is not", "[decision][off-policy]")
{
    const auto of = [](std::size_t rows, std::size_t members) {
        std::vector<LoggedDecision> decisions(rows, {0, 1, 0.5});
        decisions.back().reward = 0;
        std::vector<std::uint64_t> whose;
        for (std::size_t row = 0; row < rows; ++row) whose.push_back(row % members);
        return evaluate_policy({1, decisions, whose}, std::vector<double>(rows, 1.0));
    };
    CHECK(good(of(100, 100)).effective_sample_size == Approx(100));
    CHECK(refusal(evaluate_policy({1, std::vector<LoggedDecision>(200, {0, 1, 0.5})},
                                  std::vector<double>(200, 1.0)))
              .find("brought the same")
          != std::string::npos);
    CHECK(refusal(of(99, 99)).find("99 decisions") != std::string::npos);
    CHECK(refusal(of(990, 99)).find("99 members") != std::string::npos);
}

TEST_CASE("off-policy: what was never tried is not told", "[decision][off-policy]")
{
    const auto planted = planted_log({.members = 1'000});
    const auto with = [&](double share) {
        std::vector<double> policy;
        for (std::size_t row = 0; row < 1'000; ++row)
            policy.insert(policy.end(), {0.25, 0.25, 0.25, 0.25 - share, share});
        return evaluate_policy({5, planted.decisions}, policy);
    };
    CHECK(good(with(0)).unsupported == 0);
    CHECK(good(with(0.005)).unsupported == Approx(0.005));
    CHECK(refusal(with(0.02)).find("2 % of its decisions") != std::string::npos);

    // A policy that never does what was done.
    const std::vector<LoggedDecision> log(1'000, {0, 1, 0.5});
    std::vector<double> never;
    for (std::size_t row = 0; row < 1'000; ++row) never.insert(never.end(), {0.0, 1.0});
    CHECK(refusal(evaluate_policy({2, log}, never)).find("sample is 0 decisions")
          != std::string::npos);
}

TEST_CASE("off-policy: hostile numbers are refused by their row", "[decision][off-policy]")
{
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    constexpr double infinite = std::numeric_limits<double>::infinity();
    const auto planted = planted_log({.members = 200});
    const auto rows = planted.rows_of(other);
    const auto with = [&](const LoggedDecision& decision) {
        auto log = planted.decisions;
        log[6] = decision;
        const auto said = refusal(evaluate_policy({planted_actions, log}, rows));
        CHECK(said.starts_with("decision 7: "));
    };
    for (const double propensity : {0.0, -0.1, 1.5, nan, infinite, -infinite})
        with({0, 1, propensity});
    for (const double reward : {nan, infinite, -infinite}) with({0, reward, 0.5});
    with({planted_actions, 1, 0.5});
    with({std::numeric_limits<std::size_t>::max(), 1, 0.5});
    with({0, 1, std::numeric_limits<double>::denorm_min()});
    with({0, 1e308, 1e-3});

    const auto with_chance = [&](double chance) {
        auto policy = rows;
        policy[6 * planted_actions] = chance;
        CHECK(refusal(evaluate_policy(planted.log(), policy)).starts_with("decision 7: "));
    };
    for (const double chance : {nan, infinite, -0.1, 1.1, 0.3}) with_chance(chance);

    const auto log = planted.log();
    auto q = rows;
    q[3] = nan;
    refusal(evaluate_policy(log, rows, q));
    refusal(evaluate_policy(log, rows, std::span{rows}.first(8)));
    refusal(evaluate_policy(log, std::span{rows}.first(8)));
    refusal(evaluate_policy({0, planted.decisions}, {}));
    refusal(evaluate_policy({policy_actions_max + 1, planted.decisions}, rows));
    refusal(evaluate_policy({planted_actions, {}}, {}));
    const std::vector<std::uint64_t> few{1, 2};
    refusal(evaluate_policy({planted_actions, planted.decisions, few}, rows));

    auto huge = planted_log({.members = 1'000});
    for (auto& decision : huge.decisions) decision.reward = (1 - decision.reward) * 1e306;
    CHECK(refusal(evaluate_policy(huge.log(), huge.rows_of(other))).find("too large")
          != std::string::npos);
}

TEST_CASE("expected rewards: they lean on the mean, and know nothing of their own member",
          "[decision][off-policy]")
{
    const auto planted = planted_log({.members = 4'000, .decisions_each = 2});
    const auto log = planted.log();
    const auto q = cross_fitted_rewards(log, planted.contexts);
    REQUIRE(q.has_value());
    for (std::size_t row = 0; row < 50; ++row)
        for (std::size_t a = 0; a < planted_actions; ++a)
            CHECK((*q)[row * planted_actions + a]
                  == Approx(chance_of[planted.contexts[row]][a]).margin(0.09));

    // One member's rewards change; what is expected of that member does not.
    auto changed = planted;
    changed.decisions[0].reward = changed.decisions[1].reward = 1'000;
    const auto after = cross_fitted_rewards(changed.log(), changed.contexts);
    REQUIRE(after.has_value());
    for (std::size_t cell = 0; cell < 2 * planted_actions; ++cell)
        CHECK((*after)[cell] == (*q)[cell]);
    CHECK(*after != *q);

    // Where all actions bring the same, all lean on the mean.
    auto flat = planted;
    for (std::size_t row = 0; row < flat.decisions.size(); ++row)
        flat.decisions[row].reward = row % 10 == 0 ? 1 : 0;
    const auto even = cross_fitted_rewards(flat.log());
    REQUIRE(even.has_value());
    for (const double expected : *even) CHECK(expected == Approx(0.1).margin(0.02));

    const auto whole = shrunken_rewards(log, {}, 0);
    REQUIRE(whole.has_value());
    double taken = 0, got = 0;
    for (const auto& decision : planted.decisions)
        if (decision.action == 2) ++taken, got += decision.reward;
    CHECK((*whole)[2] == Approx(got / taken));
    CHECK_FALSE(shrunken_rewards(log, {}, -1).has_value());
    CHECK_FALSE(shrunken_rewards(log, std::vector<std::uint32_t>{1}, 1).has_value());
    auto far = planted.contexts;
    far[0] = reward_contexts_max;
    CHECK_FALSE(cross_fitted_rewards(log, far).has_value());
    CHECK_FALSE(cross_fitted_rewards({0, planted.decisions}).has_value());
}

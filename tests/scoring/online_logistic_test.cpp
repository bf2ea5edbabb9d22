#include "daemon/scoring/online_logistic.hpp"

#include "daemon/scoring/logistic.hpp"

#include <catch2/catch.hpp>

#include <random>

using namespace raiten::scoring;

namespace {

struct Case {
    std::vector<Term> terms;
    bool came{};
};

/// Log odds -0.4 + 0.8 x - 0.5 z, x and z normal.
std::vector<Case> cases(unsigned seed, int count)
{
    std::mt19937 dice{seed};
    std::normal_distribution<double> normal;
    std::uniform_real_distribution<double> unit;
    std::vector<Case> out;
    for (int i = 0; i < count; ++i) {
        const double x = normal(dice), z = normal(dice);
        const bool came = unit(dice) < probability_of(-0.4 + 0.8 * x - 0.5 * z);
        out.push_back({{{0, 1}, {1, x}, {2, z}}, came});
    }
    return out;
}

}  // namespace

TEST_CASE("online logistic: one pass finds what all cases at once find", "[scoring]")
{
    for (const unsigned seed : {1U, 2U, 3U}) {
        CAPTURE(seed);
        OnlineLogistic model{std::vector<OnlineLogistic::Prior>(3, {0, 2}), 1e9};
        std::vector<double> values;
        std::vector<std::uint8_t> came;
        for (const auto& each : cases(seed, 3'000)) {
            model.learn(each.terms, each.came);
            values.insert(values.end(), {each.terms[1].value, each.terms[2].value});
            came.push_back(each.came ? 1 : 0);
        }
        const auto batch = fit_logistic({2, values, came});
        REQUIRE(batch.has_value());
        CHECK(model.weights()[0] == Approx(intercept_at_zero(batch->model)).margin(0.02));
        for (std::size_t j = 0; j < 2; ++j) {
            CHECK(model.weights()[j + 1] == Approx(coefficient(batch->model, j)).margin(0.02));
            const Term unit{static_cast<std::uint16_t>(j + 1), 1};
            CHECK(std::sqrt(model.guess({&unit, 1}).variance)
                  == Approx(coefficient_error(batch->model, j)).epsilon(0.1));
        }
    }
}

TEST_CASE("online logistic: weights return to what was held before, and doubt with them",
          "[scoring]")
{
    OnlineLogistic model{{{0.5, 2}, {0, 1}, {0, 1}}, 100};
    const auto fresh = model.guess(std::vector<Term>{{0, 1}, {1, 2}});
    for (const auto& each : cases(4, 500)) model.learn(each.terms, each.came);
    const double learned = model.weights()[1];
    model.pass(100);
    CHECK(model.weights()[1] == Approx(learned / 2));
    model.pass(1e5);
    const auto back = model.guess(std::vector<Term>{{0, 1}, {1, 2}});
    CHECK(back.log_odds == Approx(fresh.log_odds));
    CHECK(back.variance == Approx(fresh.variance));
    CHECK(fresh.variance == Approx(4 + 4));
}

TEST_CASE("online logistic: a weight of two is two cases, for as long as one knows little",
          "[scoring]")
{
    OnlineLogistic heavy{{{0, 0.1}}, 1e9}, twice{{{0, 0.1}}, 1e9};
    const std::vector<Term> one{{0, 1}};
    heavy.learn(one, true, 2);
    twice.learn(one, true);
    twice.learn(one, true);
    CHECK(heavy.weights()[0] == Approx(twice.weights()[0]).epsilon(1e-3));
    CHECK(heavy.guess(one).variance == Approx(twice.guess(one).variance).epsilon(1e-3));
    heavy.learn(one, true, 0);
    heavy.correct(one, false, 1);
    heavy.correct(one, true, 1);
    CHECK(heavy.weights()[0] == Approx(twice.weights()[0]).epsilon(1e-3));
}

TEST_CASE("online logistic: cases that only ever come are no trouble", "[scoring]")
{
    OnlineLogistic model{{{0, 2.5}, {0, 1}}, 1e9};
    const std::vector<Term> large{{0, 1}, {1, 10}};
    for (int i = 0; i < 1'000; ++i) model.learn(large, true);
    CHECK(model.guess(large).probability() > 0.98);
    CHECK(model.guess(large).probability() < 1);

    OnlineLogistic wild{{{0, 100}, {0, 1e6}}, 1e9};  // far from any use
    const std::vector<Term> huge{{0, 1}, {1, 1e6}};
    for (int i = 0; i < 1'000; ++i) wild.learn(huge, i % 7 != 0);
    CHECK(std::isfinite(wild.guess(huge).log_odds));
    CHECK(wild.guess(huge).variance >= 0);
    CHECK(std::isfinite(wild.guess(huge).probability()));
}

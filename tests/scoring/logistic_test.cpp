#include "daemon/scoring/logistic.hpp"

#include "daemon/base/archive.hpp"
#include "daemon/scoring/cholesky.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <random>

using namespace raiten;
using namespace raiten::scoring;

namespace {

struct Sample {
    std::size_t features{};
    std::vector<double> values{};
    std::vector<std::uint8_t> came{};
    std::vector<double> weights{};

    LogisticCases cases() const { return {features, values, came, weights}; }
    std::span<const double> row(std::size_t i) const
    {
        return std::span{values}.subspan(i * features, features);
    }
};

double unit(std::mt19937& dice)
{
    return (static_cast<double>(dice()) + 0.5) / 4294967296.0;
}

double normal(std::mt19937& dice)
{
    return std::sqrt(-2 * std::log(unit(dice))) * std::cos(6.283185307179586 * unit(dice));
}

/// Cases whose log odds are truth[0] + Σ truth[j] · value.
Sample drawn(std::mt19937& dice, std::size_t count, const std::vector<double>& truth)
{
    Sample out{truth.size() - 1};
    for (std::size_t i = 0; i < count; ++i) {
        double odds = truth[0];
        for (std::size_t j = 1; j < truth.size(); ++j) {
            out.values.push_back(normal(dice));
            odds += truth[j] * out.values.back();
        }
        out.came.push_back(unit(dice) < probability_of(odds) ? 1 : 0);
    }
    return out;
}

/// A table of two by two, by weights: [feature][came].
Sample table_of(double without_not, double without_came, double with_not, double with_came)
{
    Sample out{1};
    for (const double feature : {0.0, 1.0})
        for (const bool came : {false, true})
            for (int n = 0; n < 5; ++n) {  // split over five cases, so that there are enough
                out.values.push_back(feature);
                out.came.push_back(came ? 1 : 0);
                out.weights.push_back((feature == 0 ? (came ? without_came : without_not)
                                                    : (came ? with_came : with_not))
                                      / 5);
            }
    return out;
}

const LogisticRules no_ridge{0, {}, 60};

}  // namespace

TEST_CASE("logistic: a table of two by two has the odds ratio and its error of the textbook",
          "[scoring]")
{
    const auto sample = table_of(40, 10, 25, 35);
    const auto fit = fit_logistic(sample.cases(), no_ridge);
    REQUIRE(fit.has_value());
    const auto& model = fit->model;
    CHECK(intercept_at_zero(model) == Approx(std::log(10 / 40.0)).epsilon(1e-9));
    CHECK(coefficient(model, 0) == Approx(std::log(40.0 * 35 / (10 * 25))).epsilon(1e-9));
    CHECK(coefficient_error(model, 0)  // Woolf's
          == Approx(std::sqrt(1 / 40.0 + 1 / 10.0 + 1 / 25.0 + 1 / 35.0)).epsilon(1e-9));
    const std::array zero{0.0}, one{1.0};
    CHECK(probability(model, zero) == Approx(0.2).epsilon(1e-9));
    CHECK(probability(model, one) == Approx(35 / 60.0).epsilon(1e-9));
    CHECK(log_odds_error(model, zero) == Approx(std::sqrt(1 / 10.0 + 1 / 40.0)).epsilon(1e-9));
    CHECK(log_odds_error(model, one) == Approx(std::sqrt(1 / 25.0 + 1 / 35.0)).epsilon(1e-9));
    CHECK(fit->log_likelihood
          == Approx(10 * std::log(0.2) + 40 * std::log(0.8) + 35 * std::log(35 / 60.0)
                    + 25 * std::log(25 / 60.0))
                 .epsilon(1e-12));
    CHECK(fit->freedom == Approx(1));
    CHECK(fit->weight == Approx(110));
}

TEST_CASE("logistic: without features it is the share, with its error", "[scoring]")
{
    Sample sample;
    for (int i = 0; i < 40; ++i) sample.came.push_back(i % 4 == 0 ? 1 : 0);
    const auto fit = fit_logistic(sample.cases());
    REQUIRE(fit.has_value());
    CHECK(probability(fit->model, {}) == Approx(0.25));
    CHECK(log_odds_error(fit->model, {}) == Approx(1 / std::sqrt(40 * 0.25 * 0.75)));
    const auto range = probability_interval(fit->model, {});
    CHECK(range.low < 0.25);
    CHECK(range.high > 0.25);
}

TEST_CASE("logistic: at the optimum no slope can be made better", "[scoring]")
{
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 dice{seed};
    for (const double ridge : {0.5, 20.0}) {
        auto sample = drawn(dice, 600, {-0.5, 1, -2, 0, 0.3});
        for (std::size_t i = 0; i < 600; ++i) sample.weights.push_back(0.1 + unit(dice));
        const auto fit = fit_logistic(sample.cases(), {ridge, {1, 2, 0, 1}, 60});
        REQUIRE(fit.has_value());
        const std::array<double, 4> ridges{ridge, 2 * ridge, 0, ridge};
        std::array<double, 5> left{};
        for (std::size_t i = 0; i < 600; ++i) {
            const double off =
                sample.weights[i] * (sample.came[i] - probability(fit->model, sample.row(i)));
            left[0] += off;
            for (std::size_t j = 0; j < 4; ++j)
                left[j + 1] +=
                    off * (sample.row(i)[j] - fit->model.means[j]) / fit->model.scales[j];
        }
        for (std::size_t j = 0; j < 4; ++j) left[j + 1] -= ridges[j] * fit->model.slopes[j];
        for (const double each : left) CHECK(std::abs(each) < 1e-8);
    }
}

TEST_CASE("logistic: other units, other offsets and another order change nothing", "[scoring]")
{
    std::mt19937 dice{7};
    const auto sample = drawn(dice, 500, {0.2, 1, -1, 0.5});
    auto other = sample;
    for (std::size_t i = 0; i < 500; ++i) {
        other.values[i * 3] = 1e6 + 1e3 * other.values[i * 3];
        other.values[i * 3 + 1] *= -1e-9;
    }
    const auto fit = fit_logistic(sample.cases());
    const auto fit_other = fit_logistic(other.cases());
    REQUIRE(fit.has_value());
    REQUIRE(fit_other.has_value());
    CHECK(fit_other->log_likelihood == Approx(fit->log_likelihood).epsilon(1e-9));
    for (std::size_t i = 0; i < 500; i += 50) {
        CHECK(probability(fit_other->model, other.row(i))
              == Approx(probability(fit->model, sample.row(i))).epsilon(1e-7));
        CHECK(log_odds_error(fit_other->model, other.row(i))
              == Approx(log_odds_error(fit->model, sample.row(i))).epsilon(1e-7));
    }
    CHECK(coefficient(fit_other->model, 0)
          == Approx(coefficient(fit->model, 0) / 1e3).epsilon(1e-7));
}

TEST_CASE("logistic: cases that a feature separates end in finite numbers, or are refused",
          "[scoring]")
{
    Sample sample{2};
    for (int i = 0; i < 40; ++i) {
        sample.values.push_back(i < 20 ? -1 - i : i);
        sample.values.push_back(3);  // constant
        sample.came.push_back(i < 20 ? 0 : 1);
    }
    const auto fit = fit_logistic(sample.cases());
    REQUIRE(fit.has_value());
    CHECK(check(fit->model).has_value());
    CHECK(probability(fit->model, std::array{-20.0, 3.0}) < 0.1);
    CHECK(probability(fit->model, std::array{40.0, 3.0}) > 0.9);
    CHECK(fit->model.slopes[1] == 0);
    CHECK(coefficient(fit->model, 1) == 0);
    CHECK(coefficient_error(fit->model, 1) == 0);
    CHECK(std::isfinite(log_odds_error(fit->model, std::array{1.0, 1e300})));
    CHECK_FALSE(fit_logistic(sample.cases(), no_ridge).has_value());
}

TEST_CASE("logistic: features that say the same share what they say", "[scoring]")
{
    std::mt19937 dice{11};
    auto sample = drawn(dice, 400, {0, 1, 0});
    for (std::size_t i = 0; i < 400; ++i) sample.values[2 * i + 1] = 5 - 3 * sample.values[2 * i];
    const auto fit = fit_logistic(sample.cases());
    REQUIRE(fit.has_value());
    CHECK(fit->model.slopes[0] == Approx(-fit->model.slopes[1]).epsilon(1e-6));
    CHECK_FALSE(fit_logistic(sample.cases(), no_ridge).has_value());
}

TEST_CASE("logistic: where last night's model begins does not matter, but it is quicker",
          "[scoring]")
{
    std::mt19937 dice{3};
    const auto sample = drawn(dice, 2'000, {-1, 2, -1, 1});
    const auto cold = fit_logistic(sample.cases());
    REQUIRE(cold.has_value());
    const auto warm = fit_logistic(sample.cases(), {}, &cold->model);
    REQUIRE(warm.has_value());
    CHECK(warm->steps < cold->steps);
    auto far = cold->model;
    far.intercept = -1e5;
    const auto from_far = fit_logistic(sample.cases(), {}, &far);
    REQUIRE(from_far.has_value());
    for (std::size_t j = 0; j < 3; ++j) {
        CHECK(warm->model.slopes[j] == Approx(cold->model.slopes[j]).epsilon(1e-9));
        CHECK(from_far->model.slopes[j] == Approx(cold->model.slopes[j]).epsilon(1e-9));
    }
}

TEST_CASE("logistic: 95 % intervals hold the truth about 95 times in 100", "[scoring]")
{
    std::mt19937 dice{20261123};
    const std::vector<double> truth{-1, 0.8, 0, -0.4};
    int rounds = 300, slopes = 0, chances = 0;
    for (int round = 0; round < rounds; ++round) {
        const auto sample = drawn(dice, 400, truth);
        const auto fit = fit_logistic(sample.cases(), {1e-3, {}, 60});
        REQUIRE(fit.has_value());
        for (std::size_t j = 0; j < 3; ++j)
            slopes += std::abs(coefficient(fit->model, j) - truth[j + 1])
                              < 1.96 * coefficient_error(fit->model, j)
                          ? 1
                          : 0;
        const std::array member{1.0, -0.5, 0.5};
        const auto range = probability_interval(fit->model, member);
        const double p = probability_of(-1 + 0.8 - 0.2);
        chances += range.low < p && p < range.high ? 1 : 0;
    }
    // Binomial: three standard errors about .95 of 900 and of 300.
    CHECK(slopes >= 835);
    CHECK(slopes <= 876);
    CHECK(chances >= 273);
    CHECK(chances <= 297);
}

TEST_CASE("logistic: what cannot carry a fit is refused, and says why", "[scoring]")
{
    std::mt19937 dice{5};
    const auto good = drawn(dice, 100, {0, 1});
    const auto refused = [](const Sample& sample, const LogisticRules& rules = {}) {
        const auto fit = fit_logistic(sample.cases(), rules);
        if (fit.has_value()) return std::string{};
        return fit.error().text();
    };
    CHECK(refused(good).empty());
    auto bad = good;
    bad.values[3] = std::numeric_limits<double>::quiet_NaN();
    CHECK_THAT(refused(bad), Catch::Contains("not finite"));
    bad = good;
    bad.came.assign(100, 0);
    bad.came[0] = 1;
    CHECK_THAT(refused(bad), Catch::Contains("1 came, 99 did not"));
    bad = good;
    bad.came[7] = 2;
    CHECK_THAT(refused(bad), Catch::Contains("neither 0 nor 1"));
    bad = good;
    bad.values.pop_back();
    CHECK_THAT(refused(bad), Catch::Contains("do not fit"));
    bad = good;
    bad.weights.assign(100, -1);
    CHECK_THAT(refused(bad), Catch::Contains("weight"));
    bad.weights.assign(100, 0);
    CHECK_THAT(refused(bad), Catch::Contains("0 came"));
    bad = good;
    bad.features = 65;
    CHECK_THAT(refused(bad), Catch::Contains("at most 64"));
    CHECK_THAT(refused(good, {-1, {}, 60}), Catch::Contains("ridge"));
    CHECK_THAT(refused(Sample{}), Catch::Contains("0 came"));
}

TEST_CASE("logistic: a stored model reads as it was, and a damaged one is refused", "[scoring]")
{
    std::mt19937 dice{9};
    const auto fit = fit_logistic(drawn(dice, 200, {0, 1, -1}).cases());
    REQUIRE(fit.has_value());
    ArchiveWriter out;
    out(fit->model);
    ArchiveReader in{out.bytes()};
    LogisticModel read;
    in(read);
    const std::array member{0.3, 2.0};
    CHECK(probability(read, member) == probability(fit->model, member));
    CHECK(log_odds_error(read, member) == log_odds_error(fit->model, member));
    CHECK(check(read).has_value());
    auto bad = read;
    bad.means.pop_back();
    CHECK_FALSE(check(bad).has_value());
    bad = read;
    bad.slopes[0] = std::numeric_limits<double>::infinity();
    CHECK_FALSE(check(bad).has_value());
    bad = read;
    bad.scales[0] = -1;
    CHECK_FALSE(check(bad).has_value());
}

TEST_CASE("logistic: what features add sums up to the log odds", "[scoring]")
{
    std::mt19937 dice{13};
    const auto fit = fit_logistic(drawn(dice, 200, {0.7, 1, -1}).cases());
    REQUIRE(fit.has_value());
    const std::array member{4.0, -2.0};
    CHECK(log_odds(fit->model, member)
          == Approx(fit->model.intercept + contribution(fit->model, member, 0)
                    + contribution(fit->model, member, 1)));
    CHECK(contribution(fit->model, fit->model.means, 0) == 0);
}

TEST_CASE("cholesky: a matrix by its inverse is one, and an indefinite one is refused", "[scoring]")
{
    std::mt19937 dice{17};
    constexpr std::size_t size = 12;
    std::vector<double> matrix(size * size), roots(size * size);
    for (auto& each : roots) each = normal(dice);
    for (std::size_t i = 0; i < size; ++i)
        for (std::size_t j = 0; j < size; ++j)
            for (std::size_t m = 0; m < size; ++m)
                matrix[i * size + j] += roots[i * size + m] * roots[j * size + m];
    auto inverse = matrix;
    REQUIRE(factorise(inverse, size));
    invert(inverse, size);
    for (std::size_t i = 0; i < size; ++i)
        for (std::size_t j = 0; j < size; ++j) {
            double sum = 0;
            for (std::size_t m = 0; m < size; ++m)
                sum += matrix[i * size + m] * inverse[m * size + j];
            CHECK(sum == Approx(i == j ? 1 : 0).margin(1e-7));
        }
    std::vector<double> indefinite{1, 2, 2, 1};
    CHECK_FALSE(factorise(indefinite, 2));
    std::vector<double> nothing{std::numeric_limits<double>::quiet_NaN()};
    CHECK_FALSE(factorise(nothing, 1));
}

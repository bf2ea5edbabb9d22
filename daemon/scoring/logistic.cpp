#include "daemon/scoring/logistic.hpp"

#include "daemon/scoring/cholesky.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string>

namespace raiten::scoring {
namespace {

bool all_finite(std::span<const double> values)
{
    return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

Result<void> check(const LogisticCases& cases, const LogisticRules& rules)
{
    const auto refused = [](std::string what, std::string advice = {}) {
        return Problem{std::move(what), "logistic regression", std::move(advice)};
    };
    if (cases.features > logistic_features_max)
        return refused(std::to_string(cases.features) + " features",
                       "at most " + std::to_string(logistic_features_max));
    const auto count = cases.came.size();
    if (count > logistic_cases_max)
        return refused(std::to_string(count) + " cases",
                       "at most " + std::to_string(logistic_cases_max));
    if (cases.values.size() != count * cases.features
        || (!cases.weights.empty() && cases.weights.size() != count)
        || (!rules.ridge_by_feature.empty() && rules.ridge_by_feature.size() != cases.features))
        return refused("numbers of values, weights or ridges that do not fit the cases");
    const auto below_zero = [](double v) { return !(v >= 0) || !std::isfinite(v); };
    if (below_zero(rules.ridge)
        || std::any_of(rules.ridge_by_feature.begin(), rules.ridge_by_feature.end(), below_zero))
        return refused("a ridge that is negative or not finite");
    if (!all_finite(cases.values)) return refused("a value that is not finite");
    if (std::any_of(cases.weights.begin(), cases.weights.end(), below_zero))
        return refused("a weight that is negative or not finite");
    std::array<std::size_t, 2> each{};
    for (std::size_t i = 0; i < count; ++i) {
        if (cases.came[i] > 1) return refused("an outcome that is neither 0 nor 1");
        if (cases.weights.empty() || cases.weights[i] > 0) ++each[cases.came[i]];
    }
    if (std::min(each[0], each[1]) < logistic_each_min)
        return refused("too few cases: " + std::to_string(each[1]) + " came, "
                           + std::to_string(each[0]) + " did not",
                       "at least " + std::to_string(logistic_each_min) + " of each");
    return {};
}

/// Intercept and slopes as one vector, over standardised features that vary.
class Climb {
 public:
    Climb(const LogisticCases& cases, const LogisticRules& rules, LogisticModel& model)
        : cases_{cases}, model_{model}
    {
        measure();
        for (std::size_t j = 0; j < cases.features; ++j)
            if (model.scales[j] > 0) {
                const double times = rules.ridge_by_feature.empty() ? 1 : rules.ridge_by_feature[j];
                ridges_.push_back(rules.ridge * times);
                varying_.push_back(j);
            }
        size_ = varying_.size() + 1;
        standardise();
        information_.resize(size_ * size_);
        gradient_.resize(size_);
    }

    /// Where the climb begins: at the warm model where that is likelier than knowing nothing.
    std::vector<double> start(const LogisticModel* warm)
    {
        std::vector<double> cold{std::log(came_ / (weight_ - came_))};
        cold.resize(size_);
        if (warm == nullptr || warm->features() != cases_.features
            || !scoring::check(*warm).has_value())
            return cold;
        std::vector<double> at{log_odds(*warm, model_.means)};
        for (const auto v : varying_) at.push_back(coefficient(*warm, v) * model_.scales[v]);
        return look(at) > look(cold) ? at : cold;
    }

    /// The log-likelihood less the penalty at a point; there, computes the gradient and the
    /// penalised information.
    double look(std::span<const double> at)
    {
        std::fill(information_.begin(), information_.end(), 0.0);
        std::fill(gradient_.begin(), gradient_.end(), 0.0);
        double sum = 0;
        double* const slope = gradient_.data();
        const double* const theta = at.data();
        const std::uint8_t* const came = cases_.came.data();
        const double* z = standard_.data();
        for (std::size_t i = 0; i < cases_.came.size(); ++i, z += size_) {
            const double w = weight(i);
            if (w == 0) continue;
            double odds = 0;
            for (std::size_t r = 0; r < size_; ++r) odds += theta[r] * z[r];
            const double small = std::exp(-std::abs(odds));
            const double p = (odds >= 0 ? 1 : small) / (1 + small);
            const bool hit = came[i] != 0;
            sum += w * (std::min(hit ? odds : -odds, 0.0) - std::log1p(small));
            const double left = w * ((hit ? 1.0 : 0.0) - p);
            const double bend = w * small / ((1 + small) * (1 + small));
            double* row = information_.data();
            for (std::size_t r = 0; r < size_; ++r, row += size_) {
                slope[r] += left * z[r];
                const double bent = bend * z[r];
                for (std::size_t c = 0; c <= r; ++c) row[c] += bent * z[c];
            }
        }
        for (std::size_t v = 0; v < ridges_.size(); ++v) {
            gradient_[v + 1] -= ridges_[v] * at[v + 1];
            information_[(v + 1) * size_ + v + 1] += ridges_[v];
        }
        return sum - penalty(at);
    }

    /// Factorises the information; nothing where it is singular, else Newton's step.
    std::optional<std::vector<double>> step()
    {
        if (!factorise(information_, size_)) return std::nullopt;
        std::vector<double> out = gradient_;
        solve(information_, out);
        return out;
    }

    std::span<const double> gradient() const { return gradient_; }

    /// After a look at the end of the climb: all that the fit says. False where a slope has no end.
    bool conclude(std::span<const double> at, double value, LogisticFit& fit)
    {
        if (!factorise(information_, size_)) return false;
        fit.penalty = penalty(at);
        fit.log_likelihood = value + fit.penalty;
        fit.weight = weight_;
        fit.log_evidence = value;
        for (std::size_t r = 0; r < size_; ++r)
            fit.log_evidence -= std::log(information_[r * size_ + r]);
        for (const double ridge : ridges_)
            if (ridge > 0) fit.log_evidence += 0.5 * std::log(ridge);
        invert(information_, size_);
        if (!bounded()) return false;
        fit.freedom = static_cast<double>(ridges_.size());
        for (std::size_t v = 0; v < ridges_.size(); ++v)
            fit.freedom -= ridges_[v] * information_[(v + 1) * size_ + v + 1];
        model_.intercept = at[0];
        for (std::size_t v = 0; v < varying_.size(); ++v) model_.slopes[varying_[v]] = at[v + 1];
        const auto full = cases_.features + 1;
        model_.covariance.assign(full * (full + 1) / 2, 0.0);
        const auto place = [&](std::size_t r) { return r == 0 ? 0 : varying_[r - 1] + 1; };
        for (std::size_t r = 0; r < size_; ++r)
            for (std::size_t c = 0; c <= r; ++c)
                model_.covariance[place(r) * (place(r) + 1) / 2 + place(c)] =
                    information_[r * size_ + c];
        return true;
    }

 private:
    double weight(std::size_t i) const { return cases_.weights.empty() ? 1.0 : cases_.weights[i]; }

    double penalty(std::span<const double> at) const
    {
        double sum = 0;
        for (std::size_t v = 0; v < ridges_.size(); ++v)
            sum += 0.5 * ridges_[v] * at[v + 1] * at[v + 1];
        return sum;
    }

    /// That every slope has an end: the cases bend the likelihood by it, or the ridge does. It
    /// looks at the inverse of the information.
    bool bounded() const
    {
        constexpr double variance_max = 1e10;  // of a slope, by one case; usual are 1 to 1,000
        for (std::size_t r = 0; r < size_; ++r)
            if (!(information_[r * size_ + r] * weight_ < variance_max)) return false;
        return true;
    }

    /// Means and scales of the features, and how many cases came.
    void measure()
    {
        const auto count = cases_.came.size();
        const auto features = cases_.features;
        std::vector<double> largest(features), squares(features);
        model_.slopes.assign(features, 0.0);
        model_.means.assign(features, 0.0);
        model_.scales.assign(features, 0.0);
        for (std::size_t i = 0; i < count; ++i) {
            weight_ += weight(i);
            if (cases_.came[i] != 0) came_ += weight(i);
        }
        for (std::size_t i = 0; i < count; ++i)
            for (std::size_t j = 0; j < features; ++j)
                model_.means[j] += weight(i) / weight_ * cases_.values[i * features + j];
        for (std::size_t i = 0; i < count; ++i) {
            if (weight(i) == 0) continue;
            for (std::size_t j = 0; j < features; ++j) {
                const double value = cases_.values[i * features + j];
                const double off = value - model_.means[j];
                squares[j] += weight(i) / weight_ * off * off;
                largest[j] = std::max(largest[j], std::abs(value));
            }
        }
        constexpr double noise = 1e-12;  // what is left of a constant by rounding
        for (std::size_t j = 0; j < features; ++j) {
            const double scale = std::sqrt(squares[j]);
            model_.scales[j] = scale > noise * largest[j] && std::isfinite(scale) ? scale : 0.0;
        }
    }

    void standardise()
    {
        standard_.reserve(cases_.came.size() * size_);
        for (std::size_t i = 0; i < cases_.came.size(); ++i) {
            standard_.push_back(1);
            for (const auto j : varying_)
                standard_.push_back((cases_.values[i * cases_.features + j] - model_.means[j])
                                    / model_.scales[j]);
        }
    }

    const LogisticCases& cases_;
    LogisticModel& model_;
    std::vector<std::size_t> varying_;  ///< the features that are not constant
    std::vector<double> ridges_;        ///< of these
    std::size_t size_{};
    double weight_{}, came_{};
    std::vector<double> standard_;     ///< of each case 1, and these features standardised
    std::vector<double> information_;  ///< its lower triangle; then the factor; then the inverse
    std::vector<double> gradient_;
};

}  // namespace

Result<void> check(const LogisticModel& model)
{
    const auto count = model.slopes.size();
    const auto refused = [](const char* what) { return Problem{what, "logistic model"}; };
    if (count > logistic_features_max) return refused("too many features");
    if (model.means.size() != count || model.scales.size() != count
        || model.covariance.size() != (count + 1) * (count + 2) / 2)
        return refused("sizes that do not fit");
    if (!std::isfinite(model.intercept) || !all_finite(model.slopes) || !all_finite(model.means)
        || !all_finite(model.scales) || !all_finite(model.covariance))
        return refused("a number that is not finite");
    if (std::any_of(model.scales.begin(), model.scales.end(), [](double s) { return s < 0; }))
        return refused("a negative scale");
    for (std::size_t r = 0; r <= count; ++r)
        if (model.covariance[r * (r + 1) / 2 + r] < 0) return refused("a negative variance");
    return {};
}

Result<LogisticFit> fit_logistic(const LogisticCases& cases, const LogisticRules& rules,
                                 const LogisticModel* warm)
{
    if (const auto good = check(cases, rules); !good) return good.error();
    constexpr double close_enough =
        1e-12;                          // of the value, by the quadratic model; the step is taken
    constexpr double odds_max = 500;    // beyond, a climb has no end
    constexpr double rounding = 1e-12;  // of the value
    constexpr int halves_max = 40;
    LogisticFit fit;
    Climb climb{cases, rules, fit.model};
    auto at = climb.start(warm);
    double value = climb.look(at);
    bool there = false;
    const auto no_end = [] {
        return Problem{"no finite optimum: the features separate the cases, or say the same",
                       "logistic regression", "a ridge above 0"};
    };
    while (!there && fit.steps < rules.steps_max) {
        ++fit.steps;
        const auto step = climb.step();
        if (!step) return no_end();
        double gain = 0;
        for (std::size_t r = 0; r < at.size(); ++r) gain += climb.gradient()[r] * (*step)[r];
        there = gain <= close_enough;
        double share = 1;
        for (int half = 0; half < halves_max; ++half, share /= 2) {
            auto next = at;
            for (std::size_t r = 0; r < at.size(); ++r) next[r] += share * (*step)[r];
            const double reached = climb.look(next);
            if (there || reached >= value - rounding * std::abs(value)) {
                at = std::move(next);
                value = reached;
                break;
            }
        }
        if (!all_finite(at) || std::abs(at[0]) > odds_max) return no_end();
    }
    if (!there || !climb.conclude(at, value, fit)) return no_end();
    if (const auto good = check(fit.model); !good) return good.error();
    return fit;
}

double probability_of(double log_odds)
{
    if (log_odds >= 0) return 1 / (1 + std::exp(-log_odds));
    const double odds = std::exp(log_odds);
    return odds / (1 + odds);
}

double contribution(const LogisticModel& model, std::span<const double> features,
                    std::size_t feature)
{
    if (model.scales[feature] == 0) return 0;
    return model.slopes[feature] * (features[feature] - model.means[feature])
           / model.scales[feature];
}

double log_odds(const LogisticModel& model, std::span<const double> features)
{
    double odds = model.intercept;
    for (std::size_t j = 0; j < model.features(); ++j) odds += contribution(model, features, j);
    return odds;
}

double probability(const LogisticModel& model, std::span<const double> features)
{
    return probability_of(log_odds(model, features));
}

double log_odds_error(const LogisticModel& model, std::span<const double> features)
{
    std::array<double, logistic_features_max + 1> z{1};
    for (std::size_t j = 0; j < model.features(); ++j)
        z[j + 1] = model.scales[j] > 0 ? (features[j] - model.means[j]) / model.scales[j] : 0.0;
    double sum = 0;
    auto each = model.covariance.begin();
    for (std::size_t r = 0; r <= model.features(); ++r)
        for (std::size_t c = 0; c <= r; ++c) sum += (r == c ? 1 : 2) * z[r] * z[c] * *each++;
    return std::sqrt(std::max(sum, 0.0));
}

ProbabilityInterval probability_interval(const LogisticModel& model,
                                         std::span<const double> features, double errors)
{
    const double odds = log_odds(model, features);
    const double off = errors * log_odds_error(model, features);
    return {probability_of(odds - off), probability_of(odds + off)};
}

double coefficient(const LogisticModel& model, std::size_t feature)
{
    return model.scales[feature] > 0 ? model.slopes[feature] / model.scales[feature] : 0.0;
}

double coefficient_error(const LogisticModel& model, std::size_t feature)
{
    if (model.scales[feature] == 0) return 0;
    const auto r = feature + 1;
    return std::sqrt(model.covariance[r * (r + 1) / 2 + r]) / model.scales[feature];
}

double intercept_at_zero(const LogisticModel& model)
{
    double odds = model.intercept;
    for (std::size_t j = 0; j < model.features(); ++j)
        odds -= coefficient(model, j) * model.means[j];
    return odds;
}

}  // namespace raiten::scoring

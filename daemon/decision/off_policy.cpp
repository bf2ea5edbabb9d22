#include "daemon/decision/off_policy.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <string>
#include <vector>

namespace raiten {
namespace {

constexpr double z = 1.959963984540054;  // normal quantile of .975
constexpr double sum_off_max = 1e-9;

std::string text_of(double number)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.4g", number);
    return text;
}

Problem in_row(std::size_t row, const std::string& what)
{
    return {what, "decision " + std::to_string(row + 1)};
}

Result<void> check_policy(std::size_t rows, std::size_t actions, std::span<const double> policy)
{
    if (policy.size() != rows * actions)
        return Problem{"the policy does not give every decision a probability for each action"};
    for (std::size_t row = 0; row < rows; ++row) {
        const auto chances = policy.subspan(row * actions, actions);
        double sum = 0;
        for (const double chance : chances) {
            if (!(chance >= 0 && chance <= 1))
                return in_row(
                    row, "the policy's probability " + text_of(chance) + " is not between 0 and 1");
            sum += chance;
        }
        if (std::abs(sum - 1) > sum_off_max)
            return in_row(row, "the policy's probabilities sum to " + text_of(sum) + ", not to 1");
    }
    return {};
}

Result<void> check_expected(std::size_t cells, std::span<const double> expected)
{
    if (!expected.empty() && expected.size() != cells)
        return Problem{"expected rewards are not of the policy's shape"};
    if (!std::all_of(expected.begin(), expected.end(), [](double q) { return std::isfinite(q); }))
        return Problem{"an expected reward is no number"};
    return {};
}

/// Which of 0 … count − 1 each decision's member is.
struct Clusters {
    std::vector<std::size_t> of;
    std::size_t count{};
};

Clusters clusters_of(const DecisionLog& log)
{
    Clusters out;
    const auto rows = log.decisions.size();
    out.of.resize(rows);
    if (log.members.empty()) {
        std::iota(out.of.begin(), out.of.end(), 0U);
        out.count = rows;
        return out;
    }
    std::vector<std::uint64_t> known{log.members.begin(), log.members.end()};
    std::sort(known.begin(), known.end());
    known.erase(std::unique(known.begin(), known.end()), known.end());
    for (std::size_t row = 0; row < rows; ++row) {
        const auto place = std::lower_bound(known.begin(), known.end(), log.members[row]);
        out.of[row] = static_cast<std::size_t>(place - known.begin());
    }
    out.count = known.size();
    return out;
}

std::vector<double> sums_by(const Clusters& clusters, std::span<const double> values)
{
    std::vector<double> sums(clusters.count);
    for (std::size_t row = 0; row < values.size(); ++row) sums[clusters.of[row]] += values[row];
    return sums;
}

double mean(std::span<const double> values)
{
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// Kish's. Weights are taken in parts of the largest, so that none is too large to be squared.
double effective_size(std::span<const double> weights)
{
    const double largest = *std::max_element(weights.begin(), weights.end());
    if (largest <= 0) return 0;
    double sum = 0, squares = 0;
    for (const double weight : weights) {
        const double part = weight / largest;
        sum += part;
        squares += part * part;
    }
    return sum * sum / squares;
}

/// Hall's transformation turned back: where a mean's studentised deviation has this skewness (that
/// of one draw over the root of their number), its quantile for the normal one `u`.
double skewed(double u, double skewness)
{
    if (std::abs(skewness) < 1e-9) return u;
    return (std::cbrt(1 + skewness * (u - skewness / 6)) - 1) * 3 / skewness;
}

/// `influence`: what each decision adds to the estimate beyond its value, of mean 0.
Estimate with_interval(double value, std::span<const double> influence, const Clusters& clusters)
{
    const auto sums = sums_by(clusters, influence);
    double largest = 0;
    for (const double sum : sums) largest = std::max(largest, std::abs(sum));
    if (largest == 0) return {value, value, value};
    double squares = 0, cubes = 0;
    for (const double sum : sums) {
        const double part = sum / largest;  // none is too large to be squared
        squares += part * part;
        cubes += part * part * part;
    }
    const auto members = static_cast<double>(clusters.count);
    const auto decisions = static_cast<double>(influence.size());
    const double error = largest * std::sqrt(squares * members / (members - 1)) / decisions;
    const double skewness = cubes / std::pow(squares, 1.5);
    return {value, value - error * skewed(z, skewness), value - error * skewed(-z, skewness)};
}

std::vector<double> less(std::vector<double> values, std::span<const double> others)
{
    for (std::size_t i = 0; i < values.size(); ++i) values[i] -= others[i];
    return values;
}

std::vector<double> less(std::vector<double> values, double other)
{
    for (double& value : values) value -= other;
    return values;
}

bool finite(const Estimate& estimate)
{
    return std::isfinite(estimate.value) && std::isfinite(estimate.lower)
           && std::isfinite(estimate.upper);
}

double unsupported_mass(const DecisionLog& log, std::span<const double> policy)
{
    std::vector<bool> taken(log.actions);
    for (const auto& decision : log.decisions) taken[decision.action] = true;
    double mass = 0;
    for (std::size_t cell = 0; cell < policy.size(); ++cell)
        if (!taken[cell % log.actions]) mass += policy[cell];
    return mass / static_cast<double>(log.decisions.size());
}

/// Where all are alike, an interval would have no width.
bool rewards_differ(const DecisionLog& log, std::span<const double> weights)
{
    std::optional<double> first;
    for (std::size_t row = 0; row < weights.size(); ++row) {
        if (weights[row] == 0) continue;
        if (!first) first = log.decisions[row].reward;
        if (log.decisions[row].reward != *first) return true;
    }
    return false;
}

/// Whether the log says enough of this policy.
Result<void> check_sample(const PolicyValue& value)
{
    const auto few = [](double size, const char* whose) {
        return Problem{std::string{"the effective sample is "} + text_of(size) + " " + whose
                           + ", which is too few to tell: a few heavy weights would decide",
                       {},
                       "at least " + text_of(effective_sample_min)
                           + "; take more decisions, or a policy that is nearer to what was done"};
    };
    if (!(value.effective_sample_size >= effective_sample_min))
        return few(value.effective_sample_size, "decisions");
    if (!(value.effective_members >= effective_sample_min))
        return few(value.effective_members, "members");
    if (value.unsupported > unsupported_max)
        return Problem{"the policy gives " + text_of(100 * value.unsupported)
                           + " % of its decisions to actions that were never taken",
                       {},
                       "nothing is known of what they bring: leave them out"};
    return {};
}

}  // namespace

Result<void> check_log(const DecisionLog& log)
{
    if (log.actions == 0 || log.actions > policy_actions_max)
        return Problem{"a log has 1 to " + std::to_string(policy_actions_max) + " actions, not "
                       + std::to_string(log.actions)};
    if (log.decisions.size() < 2) return Problem{"there are fewer than 2 decisions"};
    if (!log.members.empty() && log.members.size() != log.decisions.size())
        return Problem{"not every decision has its member"};
    for (std::size_t row = 0; row < log.decisions.size(); ++row) {
        const auto& decision = log.decisions[row];
        if (decision.action >= log.actions)
            return in_row(row, "action " + std::to_string(decision.action) + " is none of the "
                                   + std::to_string(log.actions));
        if (!(decision.propensity > 0 && decision.propensity <= 1))
            return in_row(row, "the logged probability " + text_of(decision.propensity)
                                   + " is not above 0 and at most 1");
        if (!std::isfinite(decision.reward)) return in_row(row, "the reward is no number");
    }
    return {};
}

Result<PolicyValue> evaluate_policy(const DecisionLog& log, std::span<const double> policy,
                                    std::span<const double> expected)
{
    if (const auto good = check_log(log); !good) return good.error();
    const auto rows = log.decisions.size();
    if (const auto good = check_policy(rows, log.actions, policy); !good) return good.error();
    if (const auto good = check_expected(policy.size(), expected); !good) return good.error();

    std::vector<double> rewards(rows), weights(rows), weighted(rows);
    for (std::size_t row = 0; row < rows; ++row) {
        const auto& decision = log.decisions[row];
        rewards[row] = decision.reward;
        weights[row] = policy[row * log.actions + decision.action] / decision.propensity;
        weighted[row] = weights[row] * decision.reward;
        if (!std::isfinite(weighted[row]))
            return in_row(row, "the weight is beyond all numbers: the logged probability "
                                   + text_of(decision.propensity) + " is too small");
    }
    const auto clusters = clusters_of(log);
    PolicyValue out;
    out.effective_sample_size = effective_size(weights);
    out.effective_members = effective_size(sums_by(clusters, weights));
    out.max_weight = *std::max_element(weights.begin(), weights.end());
    out.mean_weight = mean(weights);
    out.unsupported = unsupported_mass(log, policy);
    if (const auto enough = check_sample(out); !enough) return enough.error();
    if (!rewards_differ(log, weights))
        return Problem{"every decision that the policy could have made brought the same",
                       {},
                       "nothing tells how sure that is: take more decisions"};

    const double done = mean(rewards);
    const auto of_logged = less(rewards, done);
    out.logged = with_interval(done, of_logged, clusters);
    const double ips = mean(weighted);
    out.ips = with_interval(ips, less(weighted, ips), clusters);
    const double snips = ips / out.mean_weight;
    std::vector<double> of_better(rows);
    for (std::size_t row = 0; row < rows; ++row)
        of_better[row] = weights[row] * (rewards[row] - snips) / out.mean_weight;
    out.snips = with_interval(snips, of_better, clusters);

    double better = snips;
    if (!expected.empty()) {
        std::vector<double> direct(rows), corrected(rows);
        for (std::size_t row = 0; row < rows; ++row) {
            const auto from = row * log.actions;
            for (std::size_t cell = from; cell < from + log.actions; ++cell)
                direct[row] += policy[cell] * expected[cell];
            const double surprise = rewards[row] - expected[from + log.decisions[row].action];
            corrected[row] = direct[row] + weights[row] * surprise;
        }
        out.direct = mean(direct);
        better = mean(corrected);
        of_better = less(std::move(corrected), better);
        out.doubly_robust = with_interval(better, of_better, clusters);
    }
    out.gain = with_interval(better - done, less(std::move(of_better), of_logged), clusters);
    if (!finite(out.logged) || !finite(out.ips) || !finite(out.snips) || !finite(out.gain)
        || (out.doubly_robust && !(finite(*out.doubly_robust) && std::isfinite(*out.direct))))
        return Problem{"the rewards are too large to be summed"};
    return out;
}

}  // namespace raiten

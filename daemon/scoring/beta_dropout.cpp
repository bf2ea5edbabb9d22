#include "daemon/scoring/beta_dropout.hpp"

#include "daemon/scoring/special.hpp"

#include <algorithm>
#include <cmath>

namespace raiten::scoring {
namespace {

/// The chances of what may have happened since the last purchase, relative to the density of
/// the purchases themselves: `quiet[j]` j stages since then and none complete, `gone` left.
struct Since {
    std::array<double, stages_max> quiet{};
    double quiet_sum{};
    double log_gone{};  ///< −∞ where nobody can have left
};

Since since_last(const BetaDropout& model, const BuyingHistory& member)
{
    Since since;
    const double shape = model.r + static_cast<double>(model.k) * member.repeats;
    const double share = (member.observed - member.last) / (model.alpha + member.observed);
    double term = 1;
    for (unsigned j = 0; j < model.k; ++j) {
        since.quiet[j] = term;
        since.quiet_sum += term;
        term *= share * (shape + j) / (j + 1);
    }
    const double chances = member.repeats + (model.first_counts ? 1.0 : 0.0);
    since.log_gone =
        chances == 0
            ? -INFINITY
            : std::log(model.a / (model.b + chances - 1))
                  + shape
                        * std::log1p((member.observed - member.last) / (model.alpha + member.last));
    return since;
}

/// P(N ≥ stages) of N ~ NBD(shape, odds), stages ≥ 1: by what is below it, or where that would
/// leave no digits, which is where the terms fall fast, by the tail itself.
double at_least(unsigned stages, double shape, double odds)
{
    constexpr double digits_kept = 1e-4;
    constexpr unsigned terms_max = 10'000;
    constexpr double negligible = 1e-17;
    const double share = odds / (1 + odds);
    double exactly = std::exp(-shape * std::log1p(odds));
    const double any = -std::expm1(-shape * std::log1p(odds));
    double rest = any;
    for (unsigned n = 1; n < stages; ++n) {
        exactly *= share * (shape + n - 1) / n;
        rest -= exactly;
    }
    if (rest >= digits_kept * any) return rest;
    double tail = 0;
    for (unsigned n = stages; n < stages + terms_max; ++n) {
        exactly *= share * (shape + n - 1) / n;
        tail += exactly;
        if (exactly <= negligible * tail) break;
    }
    return tail;
}

}  // namespace

double log_likelihood(const BetaDropout& model, const BuyingHistory& member)
{
    const auto stages = model.k * member.repeats;
    const auto survived = member.repeats + (model.first_counts ? 1U : 0U);
    const auto since = since_last(model, member);
    const double log_quiet = std::log(since.quiet_sum);
    return (model.k - 1) * member.log_gaps - member.repeats * std::lgamma(model.k)
           + log_beta_moment(model.b, model.a, survived) + log_rising(model.r, stages)
           - model.r * std::log1p(member.observed / model.alpha)
           - stages * std::log(model.alpha + member.observed) + log_quiet
           + log1p_exp(since.log_gone - log_quiet);
}

double p_alive(const BetaDropout& model, const BuyingHistory& member)
{
    const auto since = since_last(model, member);
    return 1 / (1 + std::exp(since.log_gone - std::log(since.quiet_sum)));
}

double expected_purchases(const BetaDropout& model, const BuyingHistory& member, double span)
{
    if (!(span > 0)) return 0;
    const auto since = since_last(model, member);
    StageCount count;
    count.odds = span / (model.alpha + member.observed);
    count.a = model.a;
    count.b = model.b + member.repeats + (model.first_counts ? 1 : 0);
    count.k = model.k;
    double sum = 0;
    for (unsigned j = 0; j < model.k; ++j) {
        if (since.quiet[j] == 0) continue;
        count.shape = model.r + static_cast<double>(model.k) * member.repeats + j;
        count.done = j;
        sum += since.quiet[j] * expected_survivals(count);
    }
    return sum / (since.quiet_sum * (1 + std::exp(since.log_gone - std::log(since.quiet_sum))));
}

double p_purchase(const BetaDropout& model, const BuyingHistory& member, double span)
{
    if (!(span > 0)) return 0;
    const auto since = since_last(model, member);
    const double odds = span / (model.alpha + member.observed);
    double sum = 0;
    for (unsigned done = 0; done < model.k; ++done) {
        const double shape = model.r + static_cast<double>(model.k) * member.repeats + done;
        sum += since.quiet[done] * at_least(model.k - done, shape, odds);
    }
    return sum / (since.quiet_sum * (1 + std::exp(since.log_gone - std::log(since.quiet_sum))));
}

BetaDropoutSample::BetaDropoutSample(std::span<const BuyingHistory> members, unsigned k,
                                     bool first_counts)
    : k_{k}, first_counts_{first_counts}, members_{static_cast<double>(members.size())}
{
    std::vector<double> once;  // most members of most shops; many of them are alike
    kinds_.reserve(members.size());
    for (const auto& member : members) {
        if (member.repeats == 0) {
            once.push_back(member.observed);
            continue;
        }
        kinds_.push_back({static_cast<double>(member.repeats), member.last, member.observed, 1});
        if (more_than_.size() < member.repeats) more_than_.resize(member.repeats);
        ++more_than_[member.repeats - 1];
        constant_ += (k - 1) * member.log_gaps - member.repeats * std::lgamma(k);
    }
    for (std::size_t i = more_than_.size(); i-- > 1;) more_than_[i - 1] += more_than_[i];
    std::sort(once.begin(), once.end());
    for (const double observed : once) {
        const bool same =
            !kinds_.empty() && kinds_.back().repeats == 0 && kinds_.back().observed == observed;
        if (same)
            kinds_.back().members += 1;
        else
            kinds_.push_back({0, 0, observed, 1});
    }
}

/// Σ log Γ(r + k·x)/Γ(r): each factor once, times the members who have it.
double BetaDropoutSample::of_rates(double r, double& by_r) const
{
    double sum = 0;
    for (std::size_t i = 0; i < more_than_.size(); ++i) {
        double product = 1;
        double inverse = 0;
        for (unsigned j = 0; j < k_; ++j) {
            const double factor = r + static_cast<double>(i * k_ + j);
            product *= factor;
            inverse += 1 / factor;
        }
        sum += more_than_[i] * std::log(product);
        by_r += more_than_[i] * inverse;
    }
    return sum;
}

/// Σ log of the chance to have stayed after each purchase but the last.
double BetaDropoutSample::of_survivals(double a, double b, double& by_a, double& by_b) const
{
    double sum = 0;
    const auto add = [&](double members, double bi) {
        sum -= members * std::log1p(a / bi);
        by_a -= members / (a + bi);
        by_b += members * a / (bi * (a + bi));
    };
    if (first_counts_) add(members_, b);
    for (std::size_t i = 0; i < more_than_.size(); ++i)
        add(more_than_[i], b + static_cast<double>(i) + (first_counts_ ? 1 : 0));
    return sum;
}

double BetaDropoutSample::at(std::span<const double> parameters,
                             std::span<double> derivatives) const
{
    const double r = parameters[0], alpha = parameters[1], a = parameters[2], b = parameters[3];
    double by_r = 0, by_alpha = 0, by_a = 0, by_b = 0;
    double sum = constant_ + of_rates(r, by_r) + of_survivals(a, b, by_a, by_b);
    const double log_alpha = std::log(alpha);

    for (const auto& kind : kinds_) {
        const double shape = r + k_ * kind.repeats;
        const double now = alpha + kind.observed;
        const double then = alpha + kind.last;
        const double log_now = std::log(now);
        double value = r * log_alpha - shape * log_now;
        double of_r = log_alpha - log_now;
        double of_alpha = r / alpha - shape / now;

        double log_quiet = 0, quiet_of_shape = 0, quiet_of_alpha = 0;
        if (k_ > 1) {
            const double share = (kind.observed - kind.last) / now;
            double term = 1, inverse = 0, quiet = 0;
            for (unsigned j = 0; j < k_; ++j) {
                quiet += term;
                quiet_of_shape += term * inverse;
                quiet_of_alpha -= term * j / now;
                inverse += 1 / (shape + j);
                term *= share * (shape + j) / (j + 1);
            }
            log_quiet = std::log(quiet);
            quiet_of_shape /= quiet;
            quiet_of_alpha /= quiet;
        }

        const double chances = kind.repeats + (first_counts_ ? 1 : 0);
        if (chances == 0) {
            value += log_quiet;
            of_r += quiet_of_shape;
            of_alpha += quiet_of_alpha;
        } else {
            const double ratio_log = std::log1p((kind.observed - kind.last) / then);
            const double stayed = b + chances - 1;
            const double edge = std::log(a / stayed) + shape * ratio_log - log_quiet;
            const double small = std::exp(-std::abs(edge));
            const double gone = edge > 0 ? 1 / (1 + small) : small / (1 + small);
            value += log_quiet + std::max(edge, 0.0) + std::log1p(small);
            of_r += (1 - gone) * quiet_of_shape + gone * ratio_log;
            of_alpha += (1 - gone) * quiet_of_alpha + gone * shape * (1 / now - 1 / then);
            by_a += kind.members * gone / a;
            by_b -= kind.members * gone / stayed;
        }
        sum += kind.members * value;
        by_r += kind.members * of_r;
        by_alpha += kind.members * of_alpha;
    }
    derivatives[0] = by_r;
    derivatives[1] = by_alpha;
    derivatives[2] = by_a;
    derivatives[3] = by_b;
    return sum;
}

}  // namespace raiten::scoring

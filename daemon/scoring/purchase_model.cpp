#include "daemon/scoring/purchase_model.hpp"

#include "daemon/scoring/beta_dropout.hpp"
#include "daemon/scoring/maximum.hpp"
#include "daemon/scoring/pareto_dropout.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace raiten::scoring {
namespace {

constexpr std::array<std::string_view, 4> names{"bg_nbd", "mbg_nbd", "mbg_cnbd_k", "pareto_nbd"};

BetaDropout beta_dropout(const PurchaseModel& model)
{
    const auto& p = model.parameters;
    return {p[0], p[1], p[2], p[3], model.regularity, model.kind != ModelKind::bg_nbd};
}

ParetoDropout pareto_dropout(const PurchaseModel& model)
{
    const auto& p = model.parameters;
    return {p[0], p[1], p[2], p[3]};
}

Result<void> check_data(std::span<const BuyingHistory> members)
{
    std::size_t repeaters = 0;
    double longest = 0;
    for (const auto& member : members) {
        const bool sound = std::isfinite(member.observed) && std::isfinite(member.log_gaps)
                           && member.last >= 0 && member.last <= member.observed
                           && member.repeats <= repeats_max
                           && (member.repeats == 0) == (member.last == 0);
        if (!sound) return Problem{"a history's times contradict each other"};
        repeaters += member.repeats > 0 ? 1 : 0;
        longest = std::max(longest, member.observed);
    }
    if (members.size() < fit_members_min || repeaters < fit_repeaters_min)
        return Problem{"too few histories for a fit: " + std::to_string(members.size())
                           + " members, " + std::to_string(repeaters) + " of them repeat buyers",
                       {},
                       "at least " + std::to_string(fit_members_min) + " and "
                           + std::to_string(fit_repeaters_min)
                           + ", or give the parameters of a larger store"};
    return {};
}

double mean_observed(std::span<const BuyingHistory> members)
{
    double sum = 0;
    for (const auto& member : members) sum += member.observed;
    return sum / static_cast<double>(members.size());
}

/// The climb starts at `start` and stays within what is sensible for spans of this length.
Result<PurchaseFit> climb(PurchaseModel start, std::span<const BuyingHistory> members)
{
    const double span = mean_observed(members);
    const bool pareto = start.kind == ModelKind::pareto_nbd;
    Likelihood likelihood;
    likelihood.start.assign(start.parameters.begin(), start.parameters.end());
    likelihood.least = {1e-5, span * 1e-6, 1e-7, pareto ? span * 1e-6 : 1e-5};
    likelihood.most = {1e5, span * 1e6, 1e5, pareto ? span * 1e6 : 1e6};
    likelihood.scale = static_cast<double>(members.size()) / 100;

    Result<Maximum> top = Problem{};
    if (pareto) {
        const ParetoDropoutSample sample{members};
        likelihood.at = [&](auto parameters, auto derivatives) {
            return sample.at(parameters, derivatives);
        };
        top = maximise(likelihood);
    } else {
        const BetaDropoutSample sample{members, start.regularity, start.kind != ModelKind::bg_nbd};
        likelihood.at = [&](auto parameters, auto derivatives) {
            return sample.at(parameters, derivatives);
        };
        top = maximise(likelihood);
    }
    if (!top) return top.error();
    PurchaseFit fit{start, top->value, top->evaluations, top->on_boundary};
    std::copy(top->parameters.begin(), top->parameters.end(), fit.model.parameters.begin());
    return fit;
}

/// A store of middling habits: half of the members drop out in the end, and rates vary.
PurchaseModel usual(ModelKind kind, std::span<const BuyingHistory> members, unsigned k)
{
    double repeats = 0;
    for (const auto& member : members) repeats += member.repeats;
    const double span = mean_observed(members);
    const double each = repeats / static_cast<double>(members.size());
    if (kind == ModelKind::pareto_nbd) return {kind, {0.7, 0.5 * span / each, 0.6, span}, 1};
    return {kind, {0.7, 0.5 * span / (each * k), 0.7, 2}, k};
}

/// Every n-th member, where there are many: near enough to the top to go on from there.
std::vector<BuyingHistory> some_of(std::span<const BuyingHistory> members)
{
    constexpr std::size_t enough = 4'000;
    const auto step = members.size() / enough;
    std::vector<BuyingHistory> some;
    if (step < 3) return some;
    for (std::size_t i = 0; i < members.size(); i += step) some.push_back(members[i]);
    if (!check_data(some)) some.clear();
    return some;
}

Result<PurchaseFit> climb_from_some(PurchaseModel start, std::span<const BuyingHistory> members)
{
    const auto some = some_of(members);
    if (!some.empty())
        if (const auto rough = climb(start, some)) start = rough->model;
    return climb(start, members);
}

/// Ever larger k, until two in a row are less likely than the best.
PurchaseFit climb_stages(PurchaseFit best, std::span<const BuyingHistory> members)
{
    auto last = best.model;
    for (unsigned worse = 0; worse < 2 && last.regularity < stages_max;) {
        last.kind = ModelKind::mbg_cnbd_k;
        last.parameters[1] *= last.regularity / (last.regularity + 1.0);
        ++last.regularity;
        const auto next = climb_from_some(last, members);
        if (!next.has_value()) break;
        last = next.value().model;
        if (next.value().log_likelihood > best.log_likelihood) {
            best = next.value();
            worse = 0;
        } else {
            ++worse;
        }
    }
    return best;
}

}  // namespace

std::string_view name_of(ModelKind kind)
{
    return names[static_cast<std::size_t>(kind)];
}

std::optional<ModelKind> model_named(std::string_view name)
{
    for (std::size_t i = 0; i < names.size(); ++i)
        if (names[i] == name) return static_cast<ModelKind>(i);
    return std::nullopt;
}

std::array<std::string_view, 4> parameter_names(ModelKind kind)
{
    if (kind == ModelKind::pareto_nbd) return {"r", "alpha", "s", "beta"};
    return {"r", "alpha", "a", "b"};
}

Result<void> check(const PurchaseModel& model)
{
    const auto labels = parameter_names(model.kind);
    for (std::size_t i = 0; i < labels.size(); ++i) {
        constexpr double least = 1e-12;
        constexpr double most = 1e12;
        if (!(model.parameters[i] >= least && model.parameters[i] <= most))
            return Problem{"the parameter is not between 1e-12 and 1e12", std::string{labels[i]}};
    }
    const bool staged = model.kind == ModelKind::mbg_cnbd_k;
    if (model.regularity < 1 || model.regularity > (staged ? stages_max : 1U))
        return Problem{staged ? "k is not between 1 and " + std::to_string(stages_max)
                              : "k is for mbg_cnbd_k only",
                       "k"};
    return {};
}

double log_likelihood(const PurchaseModel& model, const BuyingHistory& member)
{
    return model.kind == ModelKind::pareto_nbd ? log_likelihood(pareto_dropout(model), member)
                                               : log_likelihood(beta_dropout(model), member);
}

double p_alive(const PurchaseModel& model, const BuyingHistory& member)
{
    return model.kind == ModelKind::pareto_nbd ? p_alive(pareto_dropout(model), member)
                                               : p_alive(beta_dropout(model), member);
}

double expected_purchases(const PurchaseModel& model, const BuyingHistory& member, double span)
{
    return model.kind == ModelKind::pareto_nbd
               ? expected_purchases(pareto_dropout(model), member, span)
               : expected_purchases(beta_dropout(model), member, span);
}

double p_purchase(const PurchaseModel& model, const BuyingHistory& member, double span)
{
    return model.kind == ModelKind::pareto_nbd ? p_purchase(pareto_dropout(model), member, span)
                                               : p_purchase(beta_dropout(model), member, span);
}

Result<PurchaseFit> fit_purchases(ModelKind kind, std::span<const BuyingHistory> members,
                                  const std::optional<PurchaseModel>& warm)
{
    if (const auto sound = check_data(members); !sound) return sound.error();
    const bool staged = kind == ModelKind::mbg_cnbd_k;
    if (warm && warm->kind == kind && check(*warm) && !staged) return climb(*warm, members);
    auto fit = climb_from_some(usual(kind, members, 1), members);
    if (!fit || !staged) return fit;
    return climb_stages(*fit, members);
}

Result<PurchaseFit> fit_best(std::span<const BuyingHistory> members,
                             const std::optional<PurchaseModel>& warm)
{
    auto plain = fit_purchases(ModelKind::mbg_nbd, members, warm);
    if (!plain) return plain;
    return climb_stages(*plain, members);
}

}  // namespace raiten::scoring

#pragma once

#include "daemon/base/result.hpp"
#include "daemon/scoring/buying_history.hpp"

#include <array>
#include <optional>
#include <span>
#include <string_view>

/// How often members buy, and whether they still do: one face for the models.
namespace raiten::scoring {

enum class ModelKind : std::uint8_t { bg_nbd, mbg_nbd, mbg_cnbd_k, pareto_nbd };

/// "bg_nbd", "mbg_nbd", "mbg_cnbd_k", "pareto_nbd".
std::string_view name_of(ModelKind kind);
std::optional<ModelKind> model_named(std::string_view name);
/// r, alpha, a, b; for Pareto/NBD r, alpha, s, beta.
std::array<std::string_view, 4> parameter_names(ModelKind kind);

struct PurchaseModel {
    ModelKind kind{ModelKind::mbg_nbd};
    std::array<double, 4> parameters{};  ///< in the order of parameter_names; time in the unit
                                         ///< of the histories
    unsigned regularity{1};              ///< k, of mbg_cnbd_k only; else 1

    template <class Archive>
    void archive(Archive& a)
    {
        a(kind, parameters, regularity);
    }
};

/// That it can be used: finite positive parameters, and a regularity that suits the kind.
Result<void> check(const PurchaseModel& model);

double log_likelihood(const PurchaseModel& model, const BuyingHistory& member);
/// That the member still buys, 0 to 1.
double p_alive(const PurchaseModel& model, const BuyingHistory& member);
/// Purchases in the `span` to come, given all that was seen. Finite, at least 0.
double expected_purchases(const PurchaseModel& model, const BuyingHistory& member, double span);

/// That the member buys at least once in the `span` to come, 0 to P(alive).
double p_purchase(const PurchaseModel& model, const BuyingHistory& member, double span);

struct PurchaseFit {
    PurchaseModel model;
    double log_likelihood{};
    unsigned evaluations{};  ///< of the likelihood
    bool on_boundary{};  ///< a parameter lies at the edge of what is allowed: as good as 0 or ∞

    template <class Archive>
    void archive(Archive& a)
    {
        a(model, log_likelihood, evaluations, on_boundary);
    }
};

/// What the data must hold at least.
inline constexpr std::size_t fit_members_min = 20;
inline constexpr std::size_t fit_repeaters_min = 5;

/// The most likely parameters. `warm` is where to begin, such as last night's parameters;
/// mbg_cnbd_k takes k = 1, 2, … until two in a row are less likely than the best. A Problem where
/// the data cannot carry a fit: too few members or repeat buyers, or times that are none. Where
/// nobody drops out the fit ends on the boundary, with finite parameters.
Result<PurchaseFit> fit_purchases(ModelKind kind, std::span<const BuyingHistory> members,
                                  const std::optional<PurchaseModel>& warm = {});

/// The model that the store's members ask for: MBG/NBD, or MBG/CNBD-k where they buy so regularly
/// that it is the likelier one.
Result<PurchaseFit> fit_best(std::span<const BuyingHistory> members,
                             const std::optional<PurchaseModel>& warm = {});

}  // namespace raiten::scoring

#pragma once

#include "daemon/base/result.hpp"

#include <cstdint>
#include <optional>
#include <span>

/// Gamma-Gamma: what a member spends in one purchase. Fader & Hardie (2013), "The Gamma-Gamma Model
/// of Monetary Value": likelihood eq. 1a, conditional expectation eq. 5.
namespace raiten::scoring {

/// Of a member with repeat purchases.
struct Spending {
    std::uint32_t purchases{};  ///< the repeat purchases, x
    double mean{};              ///< what one of them came to, above 0
};

struct SpendModel {
    double p{}, q{}, v{};  ///< v is the paper's γ, in money

    template <class Archive>
    void archive(Archive& a)
    {
        a(p, q, v);
    }
};

/// Finite positive parameters.
Result<void> check(const SpendModel& model);

double log_likelihood(const SpendModel& model, const Spending& member);

/// What the next purchase will come to: the member's own mean, drawn to that of all members
/// the more, the fewer purchases there are. Nothing where the model knows no finite mean (no
/// purchases and q ≤ 1).
std::optional<double> expected_spend(const SpendModel& model, const Spending& member);

struct SpendFit {
    SpendModel model;
    double log_likelihood{};
    std::size_t members{};  ///< whose purchases carry it
    unsigned evaluations{};
    bool on_boundary{};

    template <class Archive>
    void archive(Archive& a)
    {
        a(model, log_likelihood, members, evaluations, on_boundary);
    }
};

/// The most likely parameters; members without repeat purchases or with a mean of 0 or less are
/// left out. A Problem where fewer than fit_repeaters_min remain.
Result<SpendFit> fit_spend(std::span<const Spending> members,
                           const std::optional<SpendModel>& warm = {});

}  // namespace raiten::scoring

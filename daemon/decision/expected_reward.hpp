#pragma once

#include "daemon/decision/off_policy.hpp"

#include <cstdint>
#include <span>
#include <vector>

/// What each action is expected to bring, from the log itself: the q of off_policy.hpp. Plain on
/// purpose: whatever q says, the doubly robust value stays without bias.
namespace raiten {

/// Means of the rewards by action, leaning on the mean m of all decisions with the weight of
/// `strength` decisions: (Σr + strength · m) / (n + strength), decisions × actions. Given
/// `contexts` (one for each decision), by context and action. Each decision is among those that
/// its own expectation is made of.
/// A Problem where check_log() finds one, contexts do not fit, or strength is below 0.
Result<std::vector<double>> shrunken_rewards(const DecisionLog& log,
                                             std::span<const std::uint32_t> contexts,
                                             double strength);

/// The same, with nothing of a member in what is expected of that member's decisions: members are
/// dealt into `reward_folds` folds, and each fold's expectations come from the others
/// (Chernozhukov et al. 2018, Econometrics Journal 21, C1–C68, definition 3.2). The strength is the
/// log's own, by each fold: variance within actions over variance between them, both by the
/// analysis of variance (Searle, Casella & McCulloch 1992, Variance Components, 3.6); where the
/// actions differ no more than by chance, all are expected to bring the mean.
Result<std::vector<double>> cross_fitted_rewards(const DecisionLog& log,
                                                 std::span<const std::uint32_t> contexts = {});

inline constexpr std::size_t reward_folds = 5;
inline constexpr std::uint32_t reward_contexts_max = 10'000;

}  // namespace raiten

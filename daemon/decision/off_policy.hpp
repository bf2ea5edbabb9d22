#pragma once

#include "daemon/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

/// What another way of choosing would have brought, from decisions that were logged with the
/// probability of what they chose (off-policy evaluation). Pure.
namespace raiten {

/// One decision and what came of it.
struct LoggedDecision {
    std::size_t action{};
    double reward{};
    double propensity{1};  ///< probability with which that action was chosen then, (0, 1]
};

struct DecisionLog {
    std::size_t actions{};  ///< they are 0 … actions − 1
    std::span<const LoggedDecision> decisions;
    /// Whose decision each was; empty where every decision is of somebody else. Decisions of one
    /// member are not independent: intervals take each member as one draw.
    std::span<const std::uint64_t> members{};
};

/// A mean reward a decision, with its 95 % interval.
struct Estimate {
    double value{};
    double lower{};
    double upper{};
};

/// w = policy / propensity of the logged action, r its reward, q(a) the reward expected of an
/// action, v = Σ policy(a) q(a); means are over decisions.
struct PolicyValue {
    Estimate logged;  ///< mean r: what was really done
    Estimate ips;     ///< mean wr: Horvitz & Thompson (1952), JASA 47, 663–685. Without bias
    Estimate snips;   ///< mean wr / mean w: Hájek; Swaminathan & Joachims (2015), NIPS, eq. 5
    /// Mean v. No interval: how wrong q is does not show in q.
    std::optional<double> direct;
    /// Mean v + w(r − q): Dudík, Langford & Li (2011), ICML, eq. 1. Without bias whatever q is,
    /// as long as q was not made of the same member's decisions.
    std::optional<Estimate> doubly_robust;
    /// What the policy brings beyond what was done: doubly robust where q is given, else SNIPS,
    /// less `logged`; its interval is that of the paired difference.
    Estimate gain;
    /// (Σw)²/Σw²: Kish (1965), Survey Sampling. As many decisions of the policy itself would tell
    /// about as much.
    double effective_sample_size{};
    double effective_members{};  ///< the same over the sums of w by member
    double max_weight{};
    double mean_weight{};  ///< near 1 where the logged propensities are true
    /// Mean mass that the policy gives to actions which nobody was ever given. Nothing is known of
    /// their reward: IPS takes it as 0, SNIPS as that of the rest, the others as q says.
    double unsupported{};
};

/// With less than this, of decisions or of members, nothing is said: a few heavy weights decide.
inline constexpr double effective_sample_min = 100;
inline constexpr double unsupported_max = 0.01;
inline constexpr std::size_t policy_actions_max = 1'000;

/// `policy`: what the other way of choosing gives each action, decisions × actions, a row for each
/// decision, its sum 1 within 1e-9. `expected`: q in the same shape, or empty.
///
/// Intervals come from the estimators' linearisations (for SNIPS Owen 2013, Monte Carlo theory, eq.
/// 9.8) summed by member, with the skewness of rare rewards and heavy weights taken out: Hall
/// (1992), JRSS B 54, 221–228, the cubic transformation. How often they hold the truth: MARKS.md.
///
/// A Problem where sizes do not fit, a number is none, a propensity is not in (0, 1], a row is no
/// distribution, either effective sample size is below effective_sample_min, `unsupported` is above
/// unsupported_max, or all that the policy could have done brought the same reward.
Result<PolicyValue> evaluate_policy(const DecisionLog& log, std::span<const double> policy,
                                    std::span<const double> expected = {});

/// What all faces of off-policy evaluation ask of a log: sizes, actions, propensities, rewards.
Result<void> check_log(const DecisionLog& log);

}  // namespace raiten

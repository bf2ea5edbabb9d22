#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/base/result.hpp"
#include "daemon/decision/off_policy.hpp"
#include "daemon/ledger/outcomes.hpp"
#include "daemon/model/campaign.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

/// What a campaign would have brought at the decisions that were made under its name. The other
/// way of choosing is what the campaign says of arms and control: withheld with probability
/// `control`, else each of its offers with the same probability. Its moment, segment and limits are
/// not played again: what is told is of the occasions that were decided about.
namespace raiten::app::ctl {

struct BacktestAction {
    std::string offer;  ///< empty: withheld
    std::size_t decisions{};
    std::size_t bought{};  ///< of them
    double asked{};        ///< probability that the campaign gives it
};

struct Backtest {
    std::string campaign;
    std::optional<Instant> from, to;  ///< of the decisions that are used
    std::size_t decisions{};          ///< that are used
    std::size_t members{};            ///< whose they are

    // Decisions that are not used:
    std::size_t not_over{};        ///< the coupon, or its visits and their receipts, may still come
    std::size_t uncertain{};       ///< bought, but not surely by this member
    std::size_t not_agreed{};      ///< of staff, or members who have not agreed
    std::size_t no_probability{};  ///< from before it was kept, or damaged

    std::vector<BacktestAction> actions;  ///< withheld, offers as the campaign has them, others
    std::optional<PolicyValue> bought;    ///< share of decisions followed by a purchase
    std::optional<PolicyValue> spend;     ///< in the currency's units
    std::optional<Problem> refused;       ///< why there are no values
    /// The mean weight lies further from 1 than chance explains: the logged probabilities are not
    /// those by which it was decided.
    bool doubtful_weights{};
};

/// A decision is over when its coupon has been invalid for so long: receipts come no later.
inline constexpr Millis receipts_awaited{std::chrono::hours{24}};

/// `now`: the ledger's own time.
Backtest backtest(const Campaign& campaign, const std::vector<ledger::DecisionOutcome>& outcomes,
                  Instant now);

}  // namespace raiten::app::ctl

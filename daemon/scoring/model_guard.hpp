#pragma once

#include "daemon/scoring/purchase_model.hpp"
#include "daemon/scoring/spend.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// A bad fit never replaces a good model: tonight's parameters are judged beside those in use, on
/// the same members, before they are used.
namespace raiten::scoring {

enum class Grounds : std::uint8_t {
    first,            ///< taken: there was no usable model
    as_good,          ///< taken: nothing speaks against it
    unusable,         ///< kept: parameters or likelihoods are no finite numbers
    absurd,           ///< kept: it foretells many times more or less than came
    shrunken,         ///< kept: many members are missing from tonight's data
    less_likely,      ///< kept: tonight's members speak for the parameters in use
    foretells_worse,  ///< kept: what came of late was foretold better by those in use
};
/// "first", "as_good", "unusable", "absurd", "shrunken", "less_likely", "foretells_worse".
std::string_view name_of(Grounds grounds);

/// Tonight's less that in use, a member on average.
struct Comparison {
    double mean{};
    double standard_error{};  ///< of the paired differences
};

struct Verdict {
    bool accepted{};
    Grounds grounds{};
    std::string reason;                  ///< for people: what spoke for or against, with numbers
    std::optional<Comparison> gain;      ///< in log-likelihood: more is better
    std::optional<Comparison> deviance;  ///< of what came of late: less is better
};

/// The parameters in use, and how many members carried them.
struct ModelInUse {
    PurchaseModel model;
    std::size_t members{};
};

/// A member as of a day in the near past, and the purchases of the span since then.
struct RecentPast {
    BuyingHistory then;
    double came{};
};

/// What is clearly worse lies beyond so many standard errors.
inline constexpr double guard_errors = 3;
/// Fewer members than this share of those before are a damaged history, not a change of habits.
inline constexpr double guard_members_share = 0.8;
/// Foretold against came, in sum, where at least guard_came_min purchases came.
inline constexpr double guard_times_max = 4;
inline constexpr double guard_came_min = 20;

/// `members` are tonight's data, at least one; `past` may be empty, then what came of late is not
/// looked at. Deviance is Poisson's, 2 Σ came · log(came / foretold) − (came − foretold) (McCullagh
/// & Nelder 1989, section 2.3): the mean is what makes it least, so neither all nor nothing pays.
Verdict judge(const PurchaseModel& tonight, const std::optional<ModelInUse>& in_use,
              std::span<const BuyingHistory> members, std::span<const RecentPast> past,
              double past_span);

/// The same for spend: parameters and likelihood only.
Verdict judge(const SpendModel& tonight, const std::optional<SpendModel>& in_use,
              std::span<const Spending> members);

}  // namespace raiten::scoring

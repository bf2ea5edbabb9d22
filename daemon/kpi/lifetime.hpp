#pragma once

#include "daemon/kpi/member_story.hpp"

#include <cstdint>
#include <optional>

/// Lifetime value by the three usual formulas. What the model of members' purchases says is
/// another thing (daemon/scoring/lifetime_value).
namespace raiten {

/// What the store was told of its costs; each may be unset.
struct LifetimeCosts {
    std::optional<double> gross_margin;  ///< share of revenue, 0 to 1
    std::optional<double> acquisition_cost;
    std::optional<double> retention_cost_per_year;
    std::optional<double> lifetime_years;
};

/// What members bought in the last year (365 days) before the period's end.
struct LifetimeValue {
    std::uint64_t customers{};  ///< members with a purchase in it
    std::uint64_t purchases{};  ///< their purchase visits
    Money revenue;
    std::optional<Instant> since;  ///< first visit of anybody: the year is no longer than the store

    void add(const MemberStory& member);

    /// In the currency's units; nothing while something it takes is unset, or before there were
    /// 30 days to measure a year by.
    struct Values {
        std::optional<double> average_spend;       ///< a purchase
        std::optional<double> purchases_per_year;  ///< of one customer
        std::optional<double> revenue;             ///< average spend × frequency × duration
        std::optional<double> margin;              ///< the same × gross margin
        std::optional<double> net;                 ///< revenue − cost of acquiring and of keeping
    };
    Values values(const LifetimeCosts& costs, Instant to) const;
};

}  // namespace raiten

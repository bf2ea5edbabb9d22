#pragma once

#include "daemon/kpi/member_story.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace raiten {

/// So many of so many.
struct Share {
    std::uint64_t part{};
    std::uint64_t whole{};

    std::optional<double> rate() const;
    friend bool operator==(const Share&, const Share&) = default;
};

/// Who came again.
struct Cohorts {
    static constexpr std::array<int, 3> retention_days{30, 60, 90};

    /// Of the members whose first visit was at least that many days before the period's end:
    /// those whose second visit followed within that many days of the first.
    std::array<Share, retention_days.size()> retention{};
    Share repeat_visits;  ///< of the members who came in the period: those who came twice or more
    Share repeat_purchases;  ///< of those who bought in it: those who bought on two visits or more

    void add(const MemberStory& member, const Period& period);
    friend bool operator==(const Cohorts&, const Cohorts&) = default;
};

}  // namespace raiten

#pragma once

#include "daemon/kpi/member_story.hpp"

#include <array>
#include <cstdint>

namespace raiten {

/// How many visits it takes, for those who buy and for those who do not.
struct Returning {
    /// Every purchase visit of the period: its streak + 1.
    VisitsTaken to_purchase;
    /// The very first purchase of each member who made it in the period: all visits up to it,
    /// itself included.
    VisitsTaken to_first_purchase;
    /// Members who came but bought nothing in the 90 days up to the period's end, by their visits
    /// in those days: 1, 2, 3, 4, 5 or more.
    std::array<std::uint64_t, 5> non_purchasers{};

    void add(const MemberStory& member);
    friend bool operator==(const Returning&, const Returning&) = default;
};

}  // namespace raiten

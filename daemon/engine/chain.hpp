#pragma once

#include "daemon/model/records.hpp"

#include <cstdint>
#include <functional>
#include <optional>

namespace raiten {

/// What a visit's streak follows from: the settled visit before it.
///
///     visit      1 none    2 none    3 bought   4 none    …91 days…   5 none
///     streak     0         1         2          0                     0
///
/// streak = the previous one's + 1 if that settled without a purchase and ended at most
/// `return_window` before this one opened; else 0.
std::optional<MemberRecord::Link> link_before(const MemberRecord& member, Instant opened_at);

std::uint32_t streak_after(const std::optional<MemberRecord::Link>& previous, Instant opened_at,
                           Millis return_window);

MemberRecord::Link link_of(const VisitRecord& visit);

/// Puts a settled visit in its place among the recent ones; its index.
std::size_t insert_recent(MemberRecord& member, VisitRecord visit);

/// Works out again the streaks of the recent visits from `first` on; tells each that changed,
/// with the streak it had.
void rechain(MemberRecord& member, std::size_t first, Millis return_window,
             const std::function<void(VisitRecord&, std::uint32_t was_streak)>& changed);

/// Lets go of visits that left before `amendable_from`; the last of them stays as a link.
void trim_recent(MemberRecord& member, Instant amendable_from);

}  // namespace raiten

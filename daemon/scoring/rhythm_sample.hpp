#pragma once

#include "daemon/scoring/rhythm.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

namespace raiten::scoring {

/// The visits of some of the store's members, as many as the bounds allow, for a fit that looks at
/// each member once: those with the smallest hashes of their numbers (bottom-k sampling: Cohen &
/// Kaplan 2007, PODC). Which ones is decided by the numbers alone, not by the order in which they
/// are told, so that the same members are looked at every night.
class RhythmSample {
 public:
    static constexpr std::size_t members_max = 10'000;
    static constexpr std::size_t visit_days_max = 100'000;     ///< of all together, 8 bytes each
    static constexpr std::size_t member_visit_days_max = 512;  ///< of one member, the latest

    /// A member's visits, ascending; what lies outside 1970 to 2149 is left out. The numbers are
    /// different.
    void note(std::uint64_t member_number, std::span<const WallTime> visits);

    std::size_t members() const { return by_hash_.size(); }
    std::size_t visit_days() const { return visit_days_; }
    /// Visit days of one sampled member, ascending, by the hash of its number.
    const std::map<std::uint64_t, std::vector<VisitDay>>& by_hash() const { return by_hash_; }

 private:
    void keep(std::uint64_t hash, std::vector<VisitDay> days);

    std::map<std::uint64_t, std::vector<VisitDay>> by_hash_;
    std::size_t visit_days_{};
    std::optional<std::uint64_t> least_dropped_;
};

}  // namespace raiten::scoring

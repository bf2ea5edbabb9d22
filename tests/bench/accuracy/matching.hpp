#pragma once

#include "daemon/base/instant.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

/// Visits that were found beside visits that were. A found visit is a true one when the two share
/// half of their union at least, one to one, measured in time in which a reader that could hear
/// the member was up.
namespace raiten::accuracy {

struct Stretch {
    Instant from;
    Instant to;
};

/// When nobody listened; ascending and disjoint.
class Deaf {
 public:
    Deaf() = default;
    /// Of any order, overlapping or not: when each of `readers` readers was down. Deaf is what all
    /// of them were down in.
    Deaf(std::size_t readers, std::vector<Stretch> down);

    /// How much of it somebody listened.
    Millis heard(Stretch stretch) const;
    bool at(Instant when) const;
    const std::vector<Stretch>& stretches() const { return deaf_; }

 private:
    std::vector<Stretch> deaf_;
};

struct Visit {
    std::uint32_t person{};
    Stretch span;
    /// Of a true visit: something was carried that readers hear. Of a found one: it was heard.
    /// A visit of check-ins and receipts alone says nothing of how long it was.
    bool audible{true};
};

/// For each true visit the found one that is it, and the other way round.
struct Matches {
    std::vector<std::optional<std::size_t>> found;
    std::vector<std::optional<std::size_t>> truth;
};

/// Visits of one person must not overlap on either side; the order is free. A found visit without
/// span belongs to the true one in which its acts lie, if no other does.
Matches match(const std::vector<Visit>& truth, const std::vector<Visit>& found, const Deaf& deaf);

}  // namespace raiten::accuracy

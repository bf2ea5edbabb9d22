#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace raiten {

/// A number that only mixes with its own kind: a MemberId is never a ReaderId.
template <class Tag, class Rep = std::uint64_t>
class Id {
 public:
    constexpr Id() = default;
    constexpr explicit Id(Rep value) : value_{value} {}

    constexpr Rep value() const { return value_; }
    friend constexpr auto operator<=>(Id, Id) = default;

 private:
    Rep value_{};
};

}  // namespace raiten

template <class Tag, class Rep>
struct std::hash<raiten::Id<Tag, Rep>> {
    std::size_t operator()(raiten::Id<Tag, Rep> id) const noexcept
    {
        return std::hash<Rep>{}(id.value());
    }
};

#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace raiten {

/// The three queues to HQ, most urgent first. Order holds within a lane only.
enum class Lane : std::uint8_t { coupon, summary, visit };

inline constexpr std::array<Lane, 3> lanes{Lane::coupon, Lane::summary, Lane::visit};
inline constexpr std::array<std::string_view, 3> lane_names{"coupon", "summary", "visit"};

constexpr std::string_view text_of(Lane lane)
{
    return lane_names[static_cast<std::size_t>(lane)];
}

}  // namespace raiten

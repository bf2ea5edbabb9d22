#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace raiten {

/// How a member stands with the store. Kept and sent by number: never renumber.
enum class Stage : std::uint8_t { fresh, light, middle, core, at_risk, dormant };

inline constexpr std::size_t stage_count = 6;

/// "new", "light", "middle", "core", "at_risk", "dormant".
std::string_view text_of(Stage stage);
std::optional<Stage> stage_named(std::string_view text);

}  // namespace raiten

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace raiten::drivers {

/// Which letters a scanner believes to be printed on the keys.
enum class KeyboardLayout : std::uint8_t { us, jp };

/// `us`, `jp`; nothing for any other name.
std::optional<KeyboardLayout> keyboard_layout(std::string_view name);

/// Numbers of keys, from linux/input-event-codes.h.
namespace key {
inline constexpr std::uint16_t tab = 15;
inline constexpr std::uint16_t enter = 28;
inline constexpr std::uint16_t left_ctrl = 29;
inline constexpr std::uint16_t left_shift = 42;
inline constexpr std::uint16_t right_shift = 54;
inline constexpr std::uint16_t left_alt = 56;
inline constexpr std::uint16_t caps_lock = 58;
inline constexpr std::uint16_t keypad_enter = 96;
inline constexpr std::uint16_t right_ctrl = 97;
inline constexpr std::uint16_t right_alt = 100;
}  // namespace key

/// The character that a key types; nothing for a key that types none.
std::optional<char> typed(KeyboardLayout layout, std::uint16_t key, bool shift, bool caps);

/// A keypad key's digit, whatever Num Lock says: scanners type digits.
std::optional<char> keypad_digit(std::uint16_t key);

}  // namespace raiten::drivers

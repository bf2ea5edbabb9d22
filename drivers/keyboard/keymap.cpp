#include "drivers/keyboard/keymap.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace raiten::drivers {
namespace {

/// One row of neighbouring keys: the number of its first, and what they type without and with
/// Shift. A blank stands for a key that types nothing.
struct Row {
    std::uint16_t first;
    std::string_view plain;
    std::string_view shifted;
};

constexpr std::array us{
    Row{2, "1234567890-=", "!@#$%^&*()_+"},
    Row{16, "qwertyuiop[]", "QWERTYUIOP{}"},
    Row{30, "asdfghjkl;'`", "ASDFGHJKL:\"~"},
    Row{43, "\\zxcvbnm,./", "|ZXCVBNM<>?"},
    Row{86, "\\", "|"},
};

/// JIS X 6002 with the usual 106 or 109 keys: 89 is Ro, 124 is Yen.
constexpr std::array jp{
    Row{2, "1234567890-^", "!\"#$%&'() =~"},
    Row{16, "qwertyuiop@[", "QWERTYUIOP`{"},
    Row{30, "asdfghjkl;: ", "ASDFGHJKL+* "},
    Row{43, "]zxcvbnm,./", "}ZXCVBNM<>?"},
    Row{86, "\\", "|"},
    Row{89, "\\", "_"},
    Row{124, "\\", "|"},
};

constexpr std::array keypad{
    Row{55, "*", "*"},    Row{71, "789-456+1230.", "789-456+1230."},
    Row{95, ",", ","},    Row{98, "/", "/"},
    Row{117, "=", "="},   Row{121, ",", ","},
    Row{179, "()", "()"},
};

constexpr std::uint16_t space = 57;

template <std::size_t n>
std::optional<char> in(const std::array<Row, n>& rows, std::uint16_t key, bool shift)
{
    for (const Row& row : rows) {
        if (key < row.first || key - row.first >= static_cast<int>(row.plain.size())) continue;
        const char c = (shift ? row.shifted : row.plain)[static_cast<std::size_t>(key - row.first)];
        return c == ' ' ? std::nullopt : std::optional{c};
    }
    return std::nullopt;
}

bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

}  // namespace

std::optional<KeyboardLayout> keyboard_layout(std::string_view name)
{
    if (name == "us") return KeyboardLayout::us;
    if (name == "jp") return KeyboardLayout::jp;
    return std::nullopt;
}

std::optional<char> typed(KeyboardLayout layout, std::uint16_t key, bool shift, bool caps)
{
    if (key == space) return ' ';
    const auto on_keypad = in(keypad, key, false);
    if (on_keypad) return on_keypad;
    auto c = layout == KeyboardLayout::us ? in(us, key, shift) : in(jp, key, shift);
    constexpr char other_case = 'a' ^ 'A';
    if (c && caps && is_letter(*c)) c = static_cast<char>(*c ^ other_case);
    return c;
}

std::optional<char> keypad_digit(std::uint16_t key)
{
    const auto c = in(keypad, key, false);
    return c && *c >= '0' && *c <= '9' ? c : std::nullopt;
}

}  // namespace raiten::drivers

#pragma once

#include <cstdint>
#include <string_view>

namespace raiten::drivers {

enum class TextKind : std::uint8_t { printable, blank, control, not_utf8 };

/// Whether a text is UTF-8 (RFC 3629) that people can read. Blank: nothing but blanks, or nothing.
TextKind kind_of_text(std::string_view text);

}  // namespace raiten::drivers

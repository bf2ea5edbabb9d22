#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace raiten {

/// Lower case, two digits a byte.
std::string to_hex(std::span<const std::byte> bytes);

/// Upper or lower case, an even number of digits, nothing else; otherwise nothing.
std::optional<std::vector<std::byte>> from_hex(std::string_view text);

inline std::span<const std::byte> bytes_of(std::string_view text)
{
    return std::as_bytes(std::span{text.data(), text.size()});
}

}  // namespace raiten

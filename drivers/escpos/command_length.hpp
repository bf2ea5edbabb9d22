#pragma once

#include <cstdint>
#include <span>

namespace raiten::drivers::escpos {

/// What the first bytes of a command say about its length.
struct CommandLength {
    enum class Kind : std::uint8_t {
        more,      ///< not known yet: give one more byte
        exact,     ///< `bytes` in all
        nul,       ///< up to and including the next 00
        pictures,  ///< FS q: `bytes` of head, then `sections` of xL xH yL yH and x * y * 8 bytes
        glyphs,    ///< ESC &: `bytes` of head, then `sections` of x and x * `rows` bytes
        unknown    ///< not in the table
    };
    Kind kind{Kind::unknown};
    std::uint64_t bytes{};
    std::uint32_t sections{};
    std::uint8_t rows{};
};

/// `head`: a command from its lead byte (DLE, DC2, ESC, FS, GS) on, at least the lead.
/// Pure: the same bytes always give the same answer, and no more than 10 are ever asked for.
CommandLength command_length(std::span<const std::uint8_t> head);

}  // namespace raiten::drivers::escpos

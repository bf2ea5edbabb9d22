#pragma once

#include "drivers/escpos/command.hpp"

#include <cstdint>

namespace raiten::drivers::escpos {

/// What FS C said the two-byte codes are.
enum class KanjiCode : std::uint8_t { unsaid, jis, shift_jis, shift_jis_2004 };

/// What FS & and FS . said.
enum class KanjiMode : std::uint8_t { unsaid, on, off };

/// Everything the printer was told about how its next printable bytes are to be read, and how
/// wide they come out. It changes by commands alone; ESC @ sets it back to this.
struct TextState {
    std::uint8_t page{0};  ///< ESC t
    bool page_said{false};
    std::uint8_t international{0};  ///< ESC R
    bool international_said{false};
    KanjiCode code{KanjiCode::unsaid};
    KanjiMode mode{KanjiMode::unsaid};
    bool page_last{false};        ///< ESC t came after FS C
    bool utf8{false};             ///< FS ( C fn 48, m 2
    bool small_font{false};       ///< ESC M, ESC ! bit 0
    std::uint8_t width_times{1};  ///< GS !, ESC ! bit 5

    bool operator==(const TextState&) const = default;

    /// Of one single-byte character, in dots: 12 in font A, 9 in font B.
    int dots() const { return (small_font ? 9 : 12) * width_times; }

    /// A command that says nothing about text leaves all as it is.
    void hear(const Command& command);
};

}  // namespace raiten::drivers::escpos

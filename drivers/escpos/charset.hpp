#pragma once

#include "drivers/escpos/code_pages.hpp"
#include "drivers/escpos/text_state.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace raiten::drivers::escpos {

/// How bytes are read that no command explains: a setting of the store. `code_page` takes ESC t
/// at its word and knows no two-byte codes; `automatic` looks at the bytes of the whole slip.
enum class Charset : std::uint8_t { automatic, code_page, shift_jis, gb18030, euc_kr, big5, utf8 };

/// "auto", "code_page", "shift_jis", "gb18030", "euc_kr", "big5", "utf8".
std::optional<Charset> find_charset(std::string_view name);

struct TextSettings {
    Charset charset{Charset::automatic};
    Dialect dialect{Dialect::epson};
};

/// Bytes printed under one state.
struct TextRun {
    TextState state;
    std::string_view bytes;
};

/// How the bytes of one slip are to be read where its commands leave it open.
struct Reading8Bit {
    enum class Kind : std::uint8_t {
        code_page,
        shift_jis,
        jis,  ///< seven bits between FS & and FS .
        gb18030,
        euc_kr,
        big5,
        utf8,
        utf8_of_euc_kr,  ///< EUC-KR that something on the way took for Latin-1 and wrote as UTF-8
        unclear          ///< two-byte codes of some kind: told as U+FFFD
    };
    /// Where it holds, beside the bytes that no command explains.
    enum class Reach : std::uint8_t {
        open,       ///< nowhere else
        pages,      ///< also where ESC t asked for a page: printers that put kanji first
        everywhere  ///< also after FS .
    };
    Kind kind{Kind::code_page};
    Reach reach{Reach::open};
};

/// The store's setting, or for `automatic` what the bytes themselves show. Conservative: UTF-8
/// only if every sequence is whole; a two-byte code only if every pair is one, there are enough
/// of them, and they sit where that language's common characters do.
Reading8Bit settle(Charset charset, std::span<const TextRun> runs);

/// UTF-8 with the place it takes on paper.
struct DecodedText {
    std::string text;
    int cells{};                 ///< single-byte character widths: kanji count two
    std::uint32_t unreadable{};  ///< characters told as U+FFFD
};

DecodedText decode(const TextRun& run, Reading8Bit reading, Dialect dialect);

}  // namespace raiten::drivers::escpos

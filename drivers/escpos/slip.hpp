#pragma once

#include "drivers/escpos/charset.hpp"
#include "drivers/escpos/command.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace raiten::drivers::escpos {

/// What came out of the printer between two cuts.
struct Slip {
    /// UTF-8, one a printed line, columns rebuilt with blanks; no blank lines at either end.
    std::vector<std::string> lines;
    /// The data of GS k barcodes, and of QR and other two-dimensional codes (GS ( k).
    std::vector<std::string> barcodes;
    bool drawer_kicked{false};
    bool cut{false};                   ///< by a cut, not by the end of the stream
    bool truncated{false};             ///< text did not fit into the limits below and is missing
    std::uint32_t barcodes_dropped{};  ///< too many, or too long
    std::uint32_t pictures{};
    std::uint32_t unreadable{};  ///< characters told as U+FFFD
    std::uint64_t bytes{};       ///< of the stream
};

/// The limits of one slip. What comes after them is dropped, and the slip says `truncated`.
constexpr std::size_t slip_text_bytes_max = 64 * 1024;  ///< printable bytes as sent
constexpr std::size_t slip_marks_max = 16 * 1024;       ///< line ends, moves, changes of state
constexpr std::size_t slip_lines_max = 4096;
constexpr std::size_t slip_line_cells_max = 512;
constexpr std::size_t slip_barcodes_max = 32;

struct SlipSink {
    std::function<void(Slip)> slip;
    std::function<void(std::string_view why, std::size_t bytes)> garbled;
};

/// Printer bytes in, slips out. A slip ends with a cut (GS V, ESC i, ESC m) or with `finish`,
/// which whoever owns the wire calls when the stream ends or has been silent for long. Cuts,
/// feeds and resets with nothing printed between them make no slip; a drawer kick between two
/// slips belongs to the one that follows. What the printer was told (code pages, kanji modes)
/// stays as it is over cuts and silences, as it does in the printer, until ESC @.
///
/// The bytes of a slip are kept until it ends, since only the whole of it can show a coding that
/// no command announces.
class SlipReader {
 public:
    explicit SlipReader(TextSettings settings);

    void feed(std::span<const std::byte> bytes, const SlipSink& sink);
    void finish(const SlipSink& sink);

 private:
    struct Mark {
        enum class Kind : std::uint8_t { state, line_end, tab, to_dot, by_dots };
        std::uint32_t at;  ///< in text_: it comes before the byte there
        Kind kind;
        TextState state;
        std::int32_t dots;
    };
    struct Line;
    class Hearing;

    void hear(const Command& command, const SlipSink& sink);
    void hear_control(std::uint8_t code);
    void hear_escape(const Command& command, const SlipSink& sink);
    void hear_group(const Command& command, const SlipSink& sink);
    void print(std::string_view bytes);
    void mark(Mark::Kind kind, std::int32_t dots = 0);
    void end_line();
    void keep_barcode(std::span<const std::uint8_t> data, bool whole);
    void end_slip(const SlipSink& sink, bool cut);
    void lay_out();
    void spoil(std::string_view why, std::size_t bytes);
    void tell_spoilt(const SlipSink& sink);
    std::vector<TextRun> runs() const;

    TextSettings settings_;
    CommandReader reader_;
    TextState state_;         ///< as of now
    TextState marked_state_;  ///< as of the last printed byte
    bool return_pending_{false};
    bool line_open_{false};  ///< printed since the last line end
    std::string text_;
    std::vector<Mark> marks_;
    Slip slip_;

    struct Spoilt {
        std::string_view why;
        std::size_t bytes;
    };
    /// Garbage is told once a feed and reason, not once a byte.
    std::vector<Spoilt> spoilt_;
};

}  // namespace raiten::drivers::escpos

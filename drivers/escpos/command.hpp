#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace raiten::drivers::escpos {

namespace lead {
constexpr std::uint8_t control = 0x00;  ///< a control character that stands alone
constexpr std::uint8_t dle = 0x10;
constexpr std::uint8_t dc2 = 0x12;
constexpr std::uint8_t esc = 0x1B;
constexpr std::uint8_t fs = 0x1C;
constexpr std::uint8_t gs = 0x1D;
}  // namespace lead

/// How many of a command's bytes are kept for whoever wants to look at them (a barcode is at
/// most 255, most QR codes are shorter than this); the rest are only counted.
constexpr std::size_t command_bytes_kept_max = 1024;

/// One command of the printer, complete.
struct Command {
    std::uint8_t lead;                      ///< one of `lead::…`
    std::uint8_t code;                      ///< the byte after the lead, or the control character
    std::span<const std::uint8_t> payload;  ///< what follows the code, as far as it was kept
    std::uint64_t bytes;                    ///< the exact length, lead and code included

    bool is(std::uint8_t wanted_lead, char wanted_code) const
    {
        return lead == wanted_lead && code == static_cast<std::uint8_t>(wanted_code);
    }
    std::uint8_t at(std::size_t n) const { return n < payload.size() ? payload[n] : 0; }
    bool payload_is_whole() const
    {
        return payload.size() + (lead == lead::control ? 1 : 2) == bytes;
    }
};

/// Hears what a CommandReader finds, in stream order.
class CommandSink {
 public:
    virtual ~CommandSink() = default;
    /// Some of the bytes that are printed one after the other: never empty, valid during the call.
    virtual void printable(std::string_view bytes) = 0;
    virtual void command(const Command& command) = 0;
    /// `why` is a literal.
    virtual void garbled(std::string_view why, std::size_t bytes) = 0;
};

/// Cuts a printer's byte stream into printable bytes (20..7E and 80..FF) and commands, each with
/// its exact length. Its state survives any cut of the stream; its memory does not depend on the
/// lengths that commands announce (up to 2^32 + 6 bytes are counted down, not kept). A command
/// that is not in the table is told as garbled and skipped as lead and code: the bytes behind it
/// are read as if nothing had happened.
class CommandReader {
 public:
    void feed(std::span<const std::byte> bytes, CommandSink& sink);

    /// The stream ended: half a command is told as garbled.
    void finish(CommandSink& sink);

 private:
    void take(std::uint8_t byte, CommandSink& sink);
    void begin(std::uint8_t byte, CommandSink& sink);
    void measure(CommandSink& sink);
    void keep(std::span<const std::byte> bytes);
    void end_section(CommandSink& sink);
    void end_command(CommandSink& sink);
    void refuse(CommandSink& sink, std::string_view why);
    void count_body(std::uint64_t bytes, CommandSink& sink);

    enum class Phase : std::uint8_t {
        text,      ///< between commands
        head,      ///< not yet enough of a command to know its length
        body,      ///< `body_left_` bytes to go
        until_nul  ///< ends with 00
    };

    Phase phase_{Phase::text};
    std::array<std::uint8_t, command_bytes_kept_max> kept_{};
    std::size_t kept_count_{};
    std::uint64_t bytes_{};  ///< of the command so far
    std::uint64_t body_left_{};
    /// FS q and ESC &: a head and a body for each picture or character.
    std::uint32_t sections_left_{};
    std::size_t section_at_{};  ///< where the current section's head begins in kept_
    std::uint8_t section_rows_{};
};

}  // namespace raiten::drivers::escpos

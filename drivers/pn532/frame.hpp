#pragma once

#include "drivers/noise.hpp"
#include "drivers/translator.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace raiten::drivers::pn532 {

using Bytes = std::span<const std::byte>;

enum class FrameKind : std::uint8_t {
    data,   ///< D5 (or D4 of a recording), command, parameters
    ack,    ///< the command arrived whole
    nack,   ///< it did not: say it again
    error,  ///< the command's syntax was refused
};

/// Cuts a high-speed UART stream (UM0701-02, 6.2.1) into frames:
///
///     normal     00 00 FF LEN LCS       data[LEN] DCS 00
///     extended   00 00 FF FF FF M L LCS data[256 M + L] DCS 00
///     ack        00 00 FF 00 FF 00      nack   00 00 FF FF 00 00
///     error      00 00 FF 01 FF 7F 81 00
///
/// A frame that does not add up costs its first byte: what lies behind is looked at again.
class Frames {
 public:
    static constexpr std::size_t data_max = 265;

    using OnFrame = std::function<void(FrameKind kind, Bytes data)>;

    void feed(Bytes bytes, const OnFrame& on_frame, const Tell& tell);

    /// What is half read will not be finished any more: the stream ended, or the module was silent.
    void give_up(const OnFrame& on_frame, const Tell& tell);

    void clear();

 private:
    bool take(bool at_end, const OnFrame& on_frame, const Tell& tell);
    void skip(const Tell& tell);
    bool taken(std::size_t size, FrameKind kind, Bytes data, const OnFrame& on_frame,
               const Tell& tell);

    std::vector<std::byte> held_;
    std::size_t at_{};
    bool in_noise_{};
    Noise noise_{"no frame of a PN532"};
};

/// A command in a frame, ready to be sent: `command` begins with D4.
std::vector<std::byte> framed(Bytes command);

}  // namespace raiten::drivers::pn532

#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace raiten::simulator {

using Micros = std::chrono::sys_time<std::chrono::microseconds>;

/// Writes a btsnoop capture of the kind H4 (datalink 1002):
///
///     "btsnoop\0" | BE32 version 1 | BE32 datalink 1002
///     per packet: BE32 original length | BE32 stored length | BE32 flags | BE32 drops |
///                 BE64 microseconds since the year 0 (1970 = 0x00DCDDB30F2F8000) | packet
///     flags: bit 0 from the controller, bit 1 command or event
class BtsnoopWriter {
 public:
    BtsnoopWriter();

    /// `packet` begins with its H4 type byte. Times must not fall.
    void add(Micros at, bool from_controller, std::span<const std::byte> packet);

    const std::vector<std::byte>& bytes() const { return bytes_; }
    /// What was written since the last time.
    std::vector<std::byte> take() { return std::exchange(bytes_, {}); }

 private:
    std::vector<std::byte> bytes_;
};

}  // namespace raiten::simulator

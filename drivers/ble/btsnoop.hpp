#pragma once

#include "drivers/ble/capture.hpp"

namespace raiten::drivers::ble {

/// btsnoop files, as Android and btmon write them; all numbers big endian:
///
///     "btsnoop\0" version[4] = 1 datalink[4], then records:
///     original[4] included[4] flags[4] drops[4] time[8] packet[included]
///
/// - datalink 1001 H1 (the flags tell the packet type), 1002 H4 (the first byte does),
///   2001 Linux monitor (flags = controller << 16 | opcode; 2 command, 3 event, 4-7 ACL and SCO;
///   other opcodes are no HCI packets and are passed over)
/// - flags: bit 0 from the controller, bit 1 command or event
/// - time: microseconds since the year 0; 1970 is 0x00DCDDB30F2F8000
class Btsnoop final : public CaptureReader {
 private:
    enum class Datalink : std::uint32_t { none = 0, h1 = 1001, h4 = 1002, monitor = 2001 };

    Judgement judge(Bytes start, bool doubtful) override;
    Opened open(Bytes record) override;

    Judgement judge_file(Bytes start) const;
    Judgement judge_content(Bytes record_start, bool doubtful) const;

    Datalink datalink_{Datalink::none};
    std::optional<Instant> last_;
};

}  // namespace raiten::drivers::ble

#pragma once

#include "drivers/ble/capture.hpp"

namespace raiten::drivers::ble {

/// Apple PacketLogger files (.pklg): records and nothing else, all numbers big endian, in newer
/// files little endian (the header of the first record tells):
///
///     length[4] seconds[4] microseconds[4] type packet[length - 9]
///
/// - type 00 command, 01 event, 02 ACL sent, 03 ACL received, 08 and 09 SCO; others are notes of
///   the logger and are passed over
class PacketLogger final : public CaptureReader {
 private:
    enum class Order : std::uint8_t { unknown, big, little };

    Judgement judge(Bytes start, bool doubtful) override;
    Opened open(Bytes record) override;

    std::string_view judge_header(Order order, Bytes start, bool doubtful) const;
    Judgement judge_content(Bytes start, bool doubtful) const;

    Order order_{Order::unknown};
    std::optional<Instant> last_;
};

}  // namespace raiten::drivers::ble

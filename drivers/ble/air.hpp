#pragma once

#include "drivers/ble/hci.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace raiten::drivers::ble {

inline constexpr std::uint32_t advertising_access_address = 0x8e89bed6;

/// One frame as an air sniffer heard it, without preamble and whitening:
///
///     PDU: HH LL payload[LL], then CRC[3]
struct AirFrame {
    std::uint32_t access_address{};
    Bytes pdu_and_crc;
    std::optional<int> rssi_dbm;
    bool cut_short{};  ///< the recorder kept only its beginning
};

/// What an air frame comes to: `report` is the HCI event that a controller would have sent for it.
struct AirFinding {
    bool report{};
    std::string_view refused{};  ///< why it was dropped; empty where it only is of no interest
};

/// Writes the LE (Extended) Advertising Report for an advertising PDU into `event` (Core 5.4,
/// Vol 6, Part B, 2.3): ADV_IND, ADV_DIRECT_IND, ADV_NONCONN_IND, ADV_SCAN_IND, SCAN_RSP, and
/// ADV_EXT_IND and its auxiliary PDUs as far as one frame tells them:
///
/// - A pointer to an auxiliary PDU that brings no data itself is of no interest.
/// - Data that goes on in a chain, or is longer than one report holds, is marked as truncated.
/// - One that does not name its sender may be the middle of a chain: it is refused.
///
/// Frames of other channels, and requests, are of no interest. A CRC that does not match is
/// refused.
AirFinding report_of(const AirFrame& frame, std::vector<std::byte>& event);

/// The CRC of a PDU on the advertising channels (Core 5.4, Vol 6, Part B, 3.1.1; start 555555),
/// as the number that its three bytes make, least significant first.
std::uint32_t advertising_crc(Bytes pdu);

}  // namespace raiten::drivers::ble

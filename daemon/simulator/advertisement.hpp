#pragma once

#include "daemon/simulator/store.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace raiten::simulator {

/// Bluetooth addresses as they stand in HCI: least significant byte first.
using AddressBytes = std::array<std::byte, 6>;

/// The advertising data (AD structures) of a tag: iBeacon, Eddystone-UID, AltBeacon, or what a
/// stranger's phone says (Apple's "nearby", with bytes that follow from its address).
std::vector<std::byte> advertising_data(const Tag& tag);

/// A legacy LE Advertising Report event with its H4 type byte: ADV_NONCONN_IND from a random
/// address (Core specification, Vol 4 Part E 7.7.65.2). At most 31 bytes of data.
std::vector<std::byte> advertising_report(const AddressBytes& address,
                                          std::span<const std::byte> data, int rssi_dbm);

}  // namespace raiten::simulator

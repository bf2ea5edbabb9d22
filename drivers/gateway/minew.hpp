#pragma once

#include "drivers/ble/hci.hpp"
#include "drivers/gateway/air.hpp"

namespace raiten::drivers::gateway {

/// The binary body that Minew gateways post over HTTP, whole:
///
///     BB 01 LLLLLLLL gggggggggggg NNNN, N times: aaaaaaaaaaaa PPPP, P times: ll dd..dd ff rr; DD
///
/// - L bytes of all, g the gateway, N devices, a a device's address, P its packets; big endian
/// - l, d AD structures; f flags, 06 of which mean a random address; r RSSI, signed
///
/// False where the rest could not be read, which is also told; what came before it stands.
bool hear_minew_body(ble::Bytes body, const Air& air, const Tell& tell);

}  // namespace raiten::drivers::gateway

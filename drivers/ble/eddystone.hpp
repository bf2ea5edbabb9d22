#pragma once

#include "drivers/ble/frame.hpp"

#include <string>

namespace raiten::drivers::ble {

inline constexpr std::size_t eddystone_url_bytes_max = 17;  ///< behind the scheme

/// Service data of FEAA, its two UUID bytes included (github.com/google/eddystone, protocol
/// specification 1.1): UID, URL, TLM, encrypted TLM and EID; other frame types are none of ours.
Recognised read_eddystone(Bytes data);

/// The address with its scheme and endings written out, as in "https://www.example.com/".
std::string url_of(const EddystoneUrl& frame);

}  // namespace raiten::drivers::ble

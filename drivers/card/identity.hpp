#pragma once

#include "drivers/refusal.hpp"

#include <cstddef>
#include <span>
#include <string>

namespace raiten::drivers::card {

using Bytes = std::span<const std::byte>;

inline constexpr std::size_t idm_bytes = 8;

/// `nfc:<hex>` for the number of an ISO 14443 or 15693 card: 4, 7, 8 or 10 bytes, as the reader
/// gave them. Numbers that are drawn anew at every touch are no identity.
Taken<std::string> uid_token(Bytes uid);

/// `felica:<hex>` for a FeliCa manufacture id. Its first half byte is the number of the system that
/// the reader happened to select, so that one card shows several; it is set to zero, and the card
/// has one token however it was read.
Taken<std::string> idm_token(Bytes idm);

}  // namespace raiten::drivers::card

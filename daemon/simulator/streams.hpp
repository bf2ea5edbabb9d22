#pragma once

#include "daemon/simulator/store.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace raiten::simulator {

/// What a day sounded like to the drivers: the bytes that one reader's device sent. Every event
/// once and in order of its time, however it arrived.
///
///     bluetooth  btsnoop (H4): LE advertising reports
///     till       ESC/POS: the slips, one after the other
///     desk       RDM6300: a frame a card, STX, twelve hex digits, ETX
///     scanner    a line a code, ended by CR
///     tap        none: smart cards come through pcscd
std::vector<std::byte> stream_of(const Store& store, const Day& day, std::uint16_t reader);

/// What stands once in front of a reader's days; empty for most.
std::vector<std::byte> stream_head(const Reader& reader);

/// "ent-1.btsnoop"; empty where there is no stream. What comes after the dot is the format of
/// raitenctl decode.
std::string stream_name(const Reader& reader);

}  // namespace raiten::simulator

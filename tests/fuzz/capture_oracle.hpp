#pragma once

#include "daemon/base/hex.hpp"
#include "drivers/ble/capture.hpp"
#include "tests/fuzz/oracle.hpp"

#include <algorithm>
#include <string>

namespace raiten::fuzz {

/// The packets of a capture, fed in pieces of this size.
template <class Reader>
std::string capture_text(Bytes input, std::size_t piece_bytes)
{
    Reader reader;
    std::string all;
    const auto take = [&](const drivers::ble::CapturedPacket& packet) {
        all += (packet.at ? std::to_string(packet.at->time_since_epoch().count()) : "-") + " "
               + std::to_string(static_cast<int>(packet.type)) + " "
               + std::to_string(packet.from_controller) + " " + std::to_string(packet.offset) + " "
               + to_hex(packet.packet) + "\n";
    };
    // Where damage is skipped, the same bytes may be told in one piece or in several.
    const auto damaged = [](const Problem&) {};
    for (auto rest = input; !rest.empty();) {
        const auto piece = rest.first(std::min(piece_bytes, rest.size()));
        reader.feed(piece, take, damaged);
        rest = rest.subspan(piece.size());
    }
    reader.finish(take, damaged);
    return all;
}

/// A capture file tells the same whole and in pieces.
template <class Reader>
Fault capture_fault(Bytes input)
{
    const auto size = input.empty() ? 1U : std::to_integer<unsigned>(input.back()) + 1U;
    const auto whole = capture_text<Reader>(input, std::max<std::size_t>(1, input.size()));
    const auto cut = capture_text<Reader>(input, size);
    if (whole == cut) return {};
    return "cut, it tells something else\n--- whole\n" + whole + "--- cut\n" + cut;
}

}  // namespace raiten::fuzz

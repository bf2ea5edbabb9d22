#pragma once

#include "daemon/base/hex.hpp"
#include "daemon/base/overloaded.hpp"
#include "drivers/translator.hpp"

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace raiten::test {

using Lines = std::vector<std::string>;
using Octets = std::vector<std::byte>;

/// Bytes from hex; blanks are for the reader.
inline Octets hex(std::string_view text)
{
    std::string digits;
    for (const char c : text)
        if (c != ' ' && c != '\n') digits.push_back(c);
    const auto bytes = from_hex(digits);
    if (!bytes) throw std::invalid_argument{"no hex: " + std::string{text}};
    return *bytes;
}

inline Octets joined(std::initializer_list<Octets> parts)
{
    Octets out;
    for (const Octets& part : parts) out.insert(out.end(), part.begin(), part.end());
    return out;
}

/// "seen ble:.. -60 rotating", "garbled 3: why".
inline std::string line(const Reading& reading)
{
    return std::visit(overloaded{
                          [](const TokenSeen& seen) {
                              return "seen " + seen.token + " "
                                     + (seen.rssi_dbm ? std::to_string(*seen.rssi_dbm) : "?")
                                     + (seen.rotating ? " rotating" : "");
                          },
                          [](const Garbled& garbled) {
                              return "garbled " + std::to_string(garbled.bytes) + ": "
                                     + std::string{garbled.why};
                          },
                          [](const TokenShown& shown) { return "shown " + shown.token; },
                          [](const ReceiptRead& receipt) { return "receipt " + receipt.number; },
                      },
                      reading);
}

/// All that is told about the bytes, fed in chunks of the given size.
inline Lines told(drivers::Translator& translator, std::span<const std::byte> bytes,
                  std::size_t chunk)
{
    Lines lines;
    const drivers::Tell tell = [&](const Reading& reading) { lines.push_back(line(reading)); };
    while (!bytes.empty()) {
        const std::size_t size = std::min(chunk, bytes.size());
        translator.feed(bytes.first(size), tell);
        bytes = bytes.subspan(size);
    }
    translator.finish(tell);
    return lines;
}

}  // namespace raiten::test

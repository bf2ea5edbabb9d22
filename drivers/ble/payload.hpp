#pragma once

#include "drivers/ble/advertisement.hpp"
#include "drivers/ble/frame.hpp"
#include "drivers/ble/token.hpp"

#include <optional>

namespace raiten::drivers::ble {

/// Hands over every whole structure up to the first zero length. Returns what is wrong with the
/// rest, if anything; what was handed over before stands.
template <class Take>
std::optional<Garbled> split(Bytes advertising_data, const Take& take)
{
    while (!advertising_data.empty()) {
        const std::size_t length = u8(advertising_data[0]);
        if (length == 0) return std::nullopt;
        if (length >= advertising_data.size())
            return Garbled{"AD structure longer than its advertisement", advertising_data.size()};
        take(AdStructure{u8(advertising_data[1]), advertising_data.subspan(2, length - 1)});
        advertising_data = advertising_data.subspan(1 + length);
    }
    return std::nullopt;
}

/// What an advertisement stands for: the first identity in it that is allowed; without one the
/// sender's address, `ble:<mac>`. Both are marked as rotating where they change by themselves.
/// Nothing if the sender is anonymous. What is malformed is refused; the structures before it
/// count.
std::optional<TokenSeen> sighting(const Advertisement& heard, const Refuse& refuse,
                                  const AllowList& allow = {});

}  // namespace raiten::drivers::ble

#pragma once

#include "drivers/refusal.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace raiten::drivers::wiegand {

/// The bits of one card as they came over the two wires; the first is the highest of `count`.
struct CardBits {
    std::size_t count{};
    std::uint64_t bits{};
};

/// Whether cards of so many bits are known: 26, 34, 35, 37, 40, 48.
bool is_known_size(std::size_t count);

/// `card:<facility><card number>`, in decimal, as wide as the README's table says; refused where
/// the size is unknown, bits lie above it, or the parity is wrong.
Taken<std::string> card_token(CardBits card);

}  // namespace raiten::drivers::wiegand

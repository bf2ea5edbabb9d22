#pragma once

#include "daemon/model/reading.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace raiten::simulator {

/// What somebody buys: one to eight kinds of goods, mostly from the categories that they like.
/// Amounts are whole yen. The same draw gives the same basket.
std::vector<ReceiptLine> basket(std::uint64_t seed, std::optional<std::uint32_t> person,
                                std::uint64_t draw);

Money total_of(const std::vector<ReceiptLine>& lines);

}  // namespace raiten::simulator

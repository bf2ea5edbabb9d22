#pragma once

#include "drivers/card/identity.hpp"

#include <array>
#include <cstddef>
#include <vector>

namespace raiten::drivers::card {

/// A FeliCa card's answer to Polling (JIS X 6319-4):
///
///     LL 01 IDm[8] PMm[8] [request data[2]] [trailing]     LL counts itself
///
/// `LL` may be missing where a reader has taken it off.
struct Polling {
    std::array<std::byte, 8> idm{};
    std::array<std::byte, 8> pmm{};
    std::vector<std::byte> request_data;  ///< the system code or the speeds, if they were asked for
    std::vector<std::byte> trailing;      ///< what a reader hung on behind
};

inline constexpr std::size_t polling_bytes_min = 17;  ///< code, IDm, PMm
inline constexpr std::size_t polling_bytes_max = 255;

Taken<Polling> read_polling(Bytes answer);

}  // namespace raiten::drivers::card

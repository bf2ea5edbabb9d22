#pragma once

#include "daemon/base/result.hpp"
#include "tests/support/btsnoop_writer.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace raiten::stage {

struct HciPacket {
    Micros at;
    bool from_controller{};
    std::vector<std::byte> h4;  ///< with its H4 type byte
};

/// Reads captures of the kinds H4 (1002) and monitor (2001; commands and events only).
/// Where the file is cut short, what came before is given.
Result<std::vector<HciPacket>> read_btsnoop(std::span<const std::byte> file);

}  // namespace raiten::stage

#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/base/result.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace raiten::stage {

/// Something that happens on stage.
struct Cue {
    Millis at;
    std::string what;
    std::vector<std::string> arguments;
};

/// Reads a timeline, one cue a line, in any order; `#` begins a comment:
///
///     at_ms  radio  NAME FILE.btsnoop    what the radio NAME hears from the scene's start on
///     at_ms  print  RECEIPT.bin          the register prints
///     at_ms  note   anything             shown as it is
///     at_ms  end                         the scene is over
///
/// Cues come back in order of time. At most 10,000 of them.
Result<std::vector<Cue>> parse_timeline(std::string_view text);

/// A whole file of at most 64 MiB.
Result<std::vector<std::byte>> read_file(const std::filesystem::path& path);

}  // namespace raiten::stage

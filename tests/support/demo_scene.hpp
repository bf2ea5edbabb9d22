#pragma once

#include "daemon/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace raiten::stage {

/// All members' iBeacons of the demo carry this UUID, major 1, and minors from 1.
inline constexpr const char* demo_uuid = "72616974-656e-4000-8000-000000000001";

/// Fifty seconds in a small shop, the same from the same seed: file name -> content.
///
///       0    5    10   15   20   25   30   35   40   45   50 s
///     A   |=======|                 |================|         leaves empty-handed, comes back
///     B     |=========$===|                                    buys at 14 s
///     C |================================================|     there all the time
///     D                    |==|                                passes by outside
///     E       |=============|            |=========|           leaves empty-handed, comes back
///     F                        |========$======|               buys at 33 s
///     G               |=========================|              an Eddystone badge
///
/// and 40 phones of nobody, with rotating addresses. Files: `scene.txt` (the timeline),
/// `entrance.btsnoop` and `floor.btsnoop` (what two radios hear; each alone is enough),
/// `receipt-b.bin`, `receipt-f.bin`, `members.csv` (`member,tokens,consent,birth_month`).
///
/// Meant for short spans: enter_dwell 2 s, enter_window 20 s, exit_timeout 5 s, settle_grace 8 s,
/// lateness 2 s.
Result<std::map<std::string, std::vector<std::byte>>> demo_scene(std::uint64_t seed);

/// Makes the folder where it is missing, and replaces files of the same names.
Result<void> write_scene(const std::map<std::string, std::vector<std::byte>>& files,
                         const std::filesystem::path& folder);

}  // namespace raiten::stage

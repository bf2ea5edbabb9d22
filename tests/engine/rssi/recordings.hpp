#pragma once

#include "daemon/base/instant.hpp"

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// Recorded signal strengths, as files of others bring them, in one form. A file that is not what
/// it should be throws.
namespace raiten::test {

using Place = std::array<double, 3>;  ///< metres

/// One tag heard by one reader.
struct Heard {
    Instant at;
    std::string reader;
    std::string tag;
    std::optional<std::int16_t> rssi_dbm;  ///< nothing for what no radio can have measured
    std::optional<Place> where;            ///< of the tag
    std::optional<double> metres;          ///< from tag to reader
};
using Recording = std::vector<Heard>;

/// −127 to 20 dBm as drivers let it through; anything else is "unknown".
std::optional<std::int16_t> level(long dbm);

/// Rows of fields without quotes; the header is a row too. Drops nothing.
std::vector<std::vector<std::string>> rows_of(const std::filesystem::path& file, char between);

/// tetam .mbd: `timestamp,sensor,beacon,rssi[,x,y,z,orientation*9]`; in the
/// order of the file.
Recording read_mbd(const std::filesystem::path& file);
/// tetam .dev: where the sensors hang, by MAC.
std::map<std::string, Place> read_sensors(const std::filesystem::path& file);

/// DP-3T: table `results`; in order of time. The file is not touched.
Recording read_dp3t(const std::filesystem::path& file);

/// uci: `spot,date` and a level for each of 13 beacons, −200 for "not heard"; in order of time. The
/// beacons are the readers, the tag is "phone".
Recording read_uci(const std::filesystem::path& file);

/// A member of a zip archive, unpacked (up to 64 MiB); throws where there is none.
std::string read_zipped(const std::filesystem::path& archive, const std::string& name);

/// The cameras' view of a DP-3T scenario: where each person stood in each frame, metres.
struct Camera {
    std::vector<Instant> frames;  ///< local time counted as if it were UTC
    std::map<std::string, std::vector<std::optional<Place>>> people;
};
Camera read_camera(const std::string& json);

/// The longest time between two neighbours that lie at or above `least_dbm`, in order of time.
Millis longest_silence(Recording heard, int least_dbm);

}  // namespace raiten::test

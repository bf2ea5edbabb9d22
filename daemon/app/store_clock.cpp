#include "daemon/app/store_clock.hpp"

#include "daemon/app/files.hpp"
#include "daemon/app/nearest.hpp"
#include "daemon/app/zone_file.hpp"

#include <algorithm>

namespace raiten::app {

namespace {
constexpr std::size_t zone_file_bytes_max = 64 * 1024;
}

Result<StoreClock> make_store_clock(const std::string& zone, std::chrono::minutes day_start)
{
    const auto& names = zone_names();
    if (!std::binary_search(names.begin(), names.end(), zone))
        return Problem{"unknown time zone '" + zone.substr(0, 64) + "'", "store.timezone",
                       names.empty() ? "install the package tzdata" : advice_for(zone, names)};
    const auto bytes = read_file("/usr/share/zoneinfo/" + zone, zone_file_bytes_max);
    if (!bytes) return bytes.error();
    auto offsets = parse_zone_file(bytes.value());
    if (!offsets) {
        auto problem = offsets.error();
        problem.where = "/usr/share/zoneinfo/" + zone;
        return problem;
    }
    StoreClock clock;
    clock.offsets = std::move(offsets).value();
    clock.day_start = day_start;
    return clock;
}

}  // namespace raiten::app

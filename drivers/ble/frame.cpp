#include "drivers/ble/frame.hpp"

#include "daemon/base/hex.hpp"
#include "drivers/ble/eddystone.hpp"

#include <algorithm>

namespace raiten::drivers::ble {
namespace {

constexpr unsigned service_data_16 = 0x16;
constexpr unsigned manufacturer_data = 0xff;
constexpr unsigned apple = 0x004c;
constexpr unsigned ibeacon_mark = 0x0215;
constexpr unsigned altbeacon_mark = 0xbeac;
constexpr unsigned eddystone = 0xfeaa;
constexpr unsigned exposure_notification = 0xfd6f;

/// What thermometers send in the shape of an iBeacon: major and minor are what they measure.
constexpr std::string_view govee_uuid = "INTELLI_ROCKS_HW";

Recognised ibeacon(Bytes data)
{
    if (data.size() != 25) return {.refused = "iBeacon of the wrong length"};
    const Bytes uuid = data.subspan(4, 16);
    if (std::equal(uuid.begin(), uuid.end(), bytes_of(govee_uuid).begin())) return {};
    return {.frame = IBeacon{cut<16>(data, 4), be16(data, 20), be16(data, 22), i8(data[24])}};
}

Recognised altbeacon(Bytes data)
{
    if (data.size() != 26 && data.size() != 25) return {.refused = "AltBeacon of the wrong length"};
    return {.frame = AltBeacon{le16(data, 0), cut<20>(data, 4), i8(data[24])}};
}

Recognised of_manufacturer(Bytes data)
{
    if (data.size() < 4) return {};
    const unsigned mark = be16(data, 2);
    if (mark == ibeacon_mark && le16(data, 0) == apple) return ibeacon(data);
    if (mark == altbeacon_mark) return altbeacon(data);
    return {};
}

Recognised of_service(Bytes data)
{
    if (data.size() < 2) return {};
    switch (le16(data, 0)) {
        case eddystone:
            return read_eddystone(data);
        case exposure_notification:
            return {.frame = ExposureNotification{}};
        default:
            return {};
    }
}

}  // namespace

Recognised recognise(const AdStructure& structure)
{
    switch (structure.type) {
        case manufacturer_data:
            return of_manufacturer(structure.data);
        case service_data_16:
            return of_service(structure.data);
        default:
            return {};
    }
}

}  // namespace raiten::drivers::ble

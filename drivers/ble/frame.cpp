#include "drivers/ble/frame.hpp"

#include "drivers/ble/eddystone.hpp"

#include <array>

namespace raiten::drivers::ble {
namespace {

constexpr unsigned service_data_16 = 0x16;
constexpr unsigned manufacturer_data = 0xff;
constexpr unsigned apple = 0x004c;
constexpr unsigned ibeacon_mark = 0x0215;
constexpr unsigned altbeacon_mark = 0xbeac;
constexpr unsigned eddystone = 0xfeaa;
constexpr unsigned exposure_notification = 0xfd6f;

/// Sensors in the shape of an iBeacon: their major and minor numbers are what they measure.
/// `compared`: one bit for every byte that counts, the first byte's being the lowest.
struct SensorUuid {
    std::array<std::uint8_t, 16> uuid;
    unsigned compared;
};
constexpr std::array sensor_uuids{
    // Govee thermometers, in answer to active scans: "INTELLI_ROCKS_HW", or with other bytes
    // behind the first word
    SensorUuid{{0x49, 0x4e, 0x54, 0x45, 0x4c, 0x4c, 0x49}, 0x007f},
    // Tilt hydrometers: temperature and gravity; the fourth byte is the colour
    SensorUuid{{0xa4, 0x95, 0xbb, 0x10, 0xc5, 0xb1, 0x4b, 0x44, 0xb5, 0x12, 0x13, 0x70, 0xf0, 0x2d,
                0x74, 0xde},
               0xfff7},
    // BM6 battery monitors: charge
    SensorUuid{{0x3b, 0xa2, 0x9c, 0xd9, 0xa4, 0x2c, 0x89, 0x48, 0x56, 0xba, 0xda, 0xf2, 0x60, 0x6e,
                0xf7, 0x77},
               0xffff},
};

bool is(const SensorUuid& sensor, Bytes uuid)
{
    for (std::size_t i = 0; i < sensor.uuid.size(); ++i)
        if ((sensor.compared >> i & 1U) != 0 && u8(uuid[i]) != sensor.uuid[i]) return false;
    return true;
}

Recognised ibeacon(Bytes data)
{
    if (data.size() != 25) return {.refused = "iBeacon of the wrong length"};
    for (const SensorUuid& sensor : sensor_uuids)
        if (is(sensor, data.subspan(4, 16))) return {};
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

#include "drivers/ble/eddystone.hpp"

#include <algorithm>

namespace raiten::drivers::ble {
namespace {

enum FrameType : unsigned { uid = 0x00, url = 0x10, tlm = 0x20, eid = 0x30 };

constexpr std::array<std::string_view, 4> schemes{"http://www.", "https://www.", "http://",
                                                  "https://"};
constexpr std::array<std::string_view, 14> endings{".com/", ".org/", ".edu/", ".net/", ".info/",
                                                   ".biz/", ".gov/", ".com",  ".org",  ".edu",
                                                   ".net",  ".info", ".biz",  ".gov"};

constexpr std::uint16_t no_temperature = 0x8000;

Recognised read_uid(Bytes data)
{
    if (data.size() != 22 && data.size() != 20)
        return {.refused = "Eddystone UID of the wrong length"};
    return {.frame = EddystoneUid{cut<10>(data, 4), cut<6>(data, 14), i8(data[3])}};
}

bool written(std::byte one)
{
    return u8(one) < endings.size() || (u8(one) > 0x20 && u8(one) < 0x7f);
}

Recognised read_url(Bytes data)
{
    if (data.size() < 5 || data.size() > 5 + eddystone_url_bytes_max)
        return {.refused = "Eddystone URL of the wrong length"};
    if (u8(data[4]) >= schemes.size()) return {.refused = "Eddystone URL of an unknown scheme"};
    const Bytes text = data.subspan(5);
    if (!std::all_of(text.begin(), text.end(), &written))
        return {.refused = "Eddystone URL with bytes that no address has"};
    return {.frame = EddystoneUrl{i8(data[3]), u8(data[4]), text}};
}

Recognised read_plain_tlm(Bytes data)
{
    if (data.size() != 16) return {.refused = "Eddystone TLM of the wrong length"};
    EddystoneTlm frame;
    if (const unsigned millivolts = be16(data, 4); millivolts != 0) frame.battery_mv = millivolts;
    if (be16(data, 6) != no_temperature)
        frame.temperature_c = static_cast<std::int16_t>(be16(data, 6)) / 256.0;
    frame.advertisements = be32(data, 8);
    frame.running = Millis{std::int64_t{be32(data, 12)} * 100};
    return {.frame = frame};
}

Recognised read_encrypted_tlm(Bytes data)
{
    if (data.size() != 20) return {.refused = "encrypted Eddystone TLM of the wrong length"};
    return {.frame = EddystoneEncryptedTlm{cut<12>(data, 4), be16(data, 16), be16(data, 18)}};
}

Recognised read_tlm(Bytes data)
{
    if (data.size() < 4) return {.refused = "Eddystone TLM of the wrong length"};
    switch (u8(data[3])) {
        case 0x00:
            return read_plain_tlm(data);
        case 0x01:
            return read_encrypted_tlm(data);
        default:
            return {.refused = "Eddystone TLM of an unknown version"};
    }
}

Recognised read_eid(Bytes data)
{
    if (data.size() != 12) return {.refused = "Eddystone EID of the wrong length"};
    return {.frame = EddystoneEid{cut<8>(data, 4), i8(data[3])}};
}

}  // namespace

Recognised read_eddystone(Bytes data)
{
    if (data.size() < 3) return {};
    switch (u8(data[2])) {
        case uid:
            return read_uid(data);
        case url:
            return read_url(data);
        case tlm:
            return read_tlm(data);
        case eid:
            return read_eid(data);
        default:
            return {};
    }
}

std::string url_of(const EddystoneUrl& frame)
{
    std::string out{schemes[frame.scheme]};
    for (const std::byte one : frame.text) {
        if (u8(one) < endings.size())
            out += endings[u8(one)];
        else
            out += static_cast<char>(u8(one));
    }
    return out;
}

}  // namespace raiten::drivers::ble

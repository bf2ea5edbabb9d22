#include "drivers/ble/air.hpp"

#include <algorithm>
#include <array>

namespace raiten::drivers::ble {
namespace {

constexpr std::size_t header_size = 2;
constexpr std::size_t crc_size = 3;
constexpr std::size_t address_size = 6;
constexpr std::size_t legacy_data_max = 31;
constexpr std::size_t extended_data_max = 229;  ///< that one report holds
constexpr unsigned rssi_not_available = 127;
constexpr unsigned not_available = 0xff;

enum Pdu : unsigned {
    adv_ind = 0,
    adv_direct_ind = 1,
    adv_nonconn_ind = 2,
    scan_rsp = 4,
    adv_scan_ind = 6,
    adv_ext_ind = 7
};

/// By bit-reversed polynomial x^24 + x^10 + x^9 + x^6 + x^4 + x^3 + x + 1: the radio sends the
/// least significant bit first.
constexpr std::array<std::uint32_t, 256> crc_table = [] {
    std::array<std::uint32_t, 256> out{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit) value = value >> 1U ^ ((value & 1U) != 0 ? 0xda6000U : 0);
        out[i] = value;
    }
    return out;
}();

std::byte byte(unsigned number)
{
    return static_cast<std::byte>(number & 0xffU);
}

std::byte rssi_byte(const AirFrame& frame)
{
    return frame.rssi_dbm ? byte(static_cast<unsigned>(*frame.rssi_dbm)) : byte(rssi_not_available);
}

std::optional<unsigned> report_type(unsigned pdu)
{
    switch (pdu) {
        case adv_ind:
            return 0U;
        case adv_direct_ind:
            return 1U;
        case adv_scan_ind:
            return 2U;
        case adv_nonconn_ind:
            return 3U;
        case scan_rsp:
            return 4U;
        default:
            return std::nullopt;
    }
}

void append(std::vector<std::byte>& to, Bytes bytes)
{
    to.insert(to.end(), bytes.begin(), bytes.end());
}

/// Payload: AdvA[6] data[0-31]; of ADV_DIRECT_IND: AdvA[6] TargetA[6], which is no data.
AirFinding legacy(unsigned type, bool random, Bytes payload, std::byte rssi,
                  std::vector<std::byte>& event)
{
    if (payload.size() < address_size || payload.size() > address_size + legacy_data_max)
        return {.refused = "air frame of an impossible length"};
    const Bytes data = type == 1 ? Bytes{} : payload.subspan(address_size);
    event.assign({byte(event_code::le_meta), byte(static_cast<unsigned>(12 + data.size())),
                  byte(subevent::advertising_report), byte(1), byte(type), byte(random ? 1 : 0)});
    append(event, payload.first(address_size));
    event.push_back(byte(static_cast<unsigned>(data.size())));
    append(event, data);
    event.push_back(rssi);
    return {.report = true};
}

/// The header of extended PDUs: LLLLLLmm flags, then the fields that the flags name, in order.
struct ExtendedHeader {
    unsigned mode{};  ///< bit 0 connectable, bit 1 scannable
    Bytes sender{};   ///< AdvA, empty if there is none
    bool directed{};
    unsigned set{not_available};  ///< SID
    bool goes_on{};               ///< there is an AuxPtr
    unsigned power{rssi_not_available};
    Bytes data{};
};

std::optional<ExtendedHeader> read_extended(Bytes payload)
{
    if (payload.empty()) return std::nullopt;
    const std::size_t length = u8(payload[0]) & 0x3fU;
    if (payload.size() < 1 + length) return std::nullopt;
    ExtendedHeader out;
    out.mode = u8(payload[0]) >> 6U;
    out.data = payload.subspan(1 + length);
    if (length == 0) return out;

    const unsigned flags = u8(payload[1]);
    Bytes rest = payload.subspan(2, length - 1);
    bool whole = true;
    const auto field = [&](unsigned bit, std::size_t bytes) -> Bytes {
        if ((flags >> bit & 1U) == 0 || !whole) return {};
        whole = rest.size() >= bytes;
        if (!whole) return {};
        const Bytes found = rest.first(bytes);
        rest = rest.subspan(bytes);
        return found;
    };
    out.sender = field(0, address_size);
    out.directed = !field(1, address_size).empty();
    field(2, 1);
    if (const Bytes info = field(3, 2); !info.empty()) out.set = u8(info[1]) >> 4U;
    out.goes_on = !field(4, 3).empty();
    field(5, 18);
    if (const Bytes power = field(6, 1); !power.empty()) out.power = u8(power[0]);
    if (!whole) return std::nullopt;
    return out;
}

AirFinding extended(bool random, Bytes payload, std::byte rssi, std::vector<std::byte>& event)
{
    const auto header = read_extended(payload);
    if (!header) return {.refused = "air frame of an impossible length"};
    if (header->goes_on && header->data.empty()) return {};
    if (header->sender.empty()) return {.refused = "extended advertisement without its sender"};

    const Bytes data = header->data.first(std::min(header->data.size(), extended_data_max));
    const bool truncated = header->goes_on || data.size() < header->data.size();
    const unsigned type =
        (header->mode & 3U) | (header->directed ? 4U : 0U) | (truncated ? 2U << 5U : 0U);
    const auto size = static_cast<unsigned>(data.size());
    event.assign({byte(event_code::le_meta), byte(26 + size),
                  byte(subevent::extended_advertising_report), byte(1), byte(type), byte(0),
                  byte(random ? 1 : 0)});
    append(event, header->sender);
    event.insert(event.end(), {byte(1), byte(0), byte(header->set), byte(header->power), rssi});
    event.insert(event.end(), 9, byte(0));  // no periodic advertising; whom it is directed at
    event.push_back(byte(size));
    append(event, data);
    return {.report = true};
}

}  // namespace

std::uint32_t advertising_crc(Bytes pdu)
{
    std::uint32_t value = 0xaaaaaa;  // 555555, reversed bit by bit
    for (const std::byte one : pdu) value = value >> 8U ^ crc_table[(value ^ u8(one)) & 0xffU];
    return value;
}

AirFinding report_of(const AirFrame& frame, std::vector<std::byte>& event)
{
    if (frame.access_address != advertising_access_address) return {};
    if (frame.cut_short) return {.refused = "air frame cut short by its recorder"};
    const Bytes bytes = frame.pdu_and_crc;
    if (bytes.size() < header_size + crc_size)
        return {.refused = "air frame with a wrong checksum"};
    const std::size_t length = u8(bytes[1]);
    if (bytes.size() < header_size + length + crc_size)
        return {.refused = "air frame with a wrong checksum"};
    const Bytes pdu = bytes.first(header_size + length);
    const Bytes crc = bytes.subspan(pdu.size(), crc_size);
    if (advertising_crc(pdu) != (le16(crc, 0) | u8(crc[2]) << 16U))
        return {.refused = "air frame with a wrong checksum"};

    const unsigned kind = u8(pdu[0]) & 0xfU;
    const bool random = (u8(pdu[0]) & 0x40U) != 0;
    const Bytes payload = pdu.subspan(header_size);
    if (const auto type = report_type(kind))
        return legacy(*type, random, payload, rssi_byte(frame), event);
    if (kind == adv_ext_ind) return extended(random, payload, rssi_byte(frame), event);
    return {};
}

}  // namespace raiten::drivers::ble

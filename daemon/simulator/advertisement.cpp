#include "daemon/simulator/advertisement.hpp"

#include "daemon/base/hex.hpp"

#include <charconv>
#include <initializer_list>

namespace raiten::simulator {
namespace {

using Bytes = std::vector<std::byte>;

constexpr unsigned power_at_1m = 0xC5;  // -59 dBm
constexpr unsigned power_at_0m = 0xEE;  // -18 dBm, 41 dB more than at 1 m
constexpr unsigned adv_nonconn_ind = 3;
constexpr unsigned random_address = 1;

void put(Bytes& out, std::initializer_list<unsigned> values)
{
    for (const unsigned v : values) out.push_back(static_cast<std::byte>(v & 0xFFU));
}

void put_all(Bytes& out, std::span<const std::byte> more)
{
    out.insert(out.end(), more.begin(), more.end());
}

void put_hex(Bytes& out, std::string_view digits)
{
    std::string plain{digits};
    std::erase(plain, '-');
    if (const auto bytes = from_hex(plain)) put_all(out, *bytes);
}

/// "12/345" at the end of an iBeacon's token, as two numbers of 16 bits.
void put_numbers(Bytes& out, std::string_view text)
{
    while (!text.empty()) {
        unsigned value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        put(out, {value >> 8U, value});
        text.remove_prefix(std::min(text.size(), static_cast<std::size_t>(end - text.data()) + 1));
    }
}

}  // namespace

std::vector<std::byte> advertising_data(const Tag& tag)
{
    Bytes out;
    const std::string_view body = std::string_view{tag.token}.substr(tag.token.find(':') + 1);
    switch (tag.kind) {
        case TokenKind::ibeacon: {
            const auto slash = body.find('/');
            put(out, {2, 1, 6, 0x1A, 0xFF, 0x4C, 0x00, 0x02, 0x15});
            put_hex(out, body.substr(0, slash));
            put_numbers(out, body.substr(slash + 1));
            put(out, {power_at_1m});
            break;
        }
        case TokenKind::eddystone_uid:
            put(out, {2, 1, 6, 3, 3, 0xAA, 0xFE, 0x17, 0x16, 0xAA, 0xFE, 0x00, power_at_0m});
            put_hex(out, body);
            put(out, {0, 0});
            break;
        case TokenKind::altbeacon:
            put(out, {2, 1, 6, 0x1B, 0xFF, 0xFF, 0xFF, 0xBE, 0xAC});
            put_hex(out, body);
            put(out, {power_at_1m, 0});
            break;
        default:
            put(out, {2, 1, 0x1A, 0x0A, 0xFF, 0x4C, 0x00, 0x10, 0x05});
            put_all(out, std::span{tag.address}.subspan(1));
            break;
    }
    return out;
}

std::vector<std::byte> advertising_report(const AddressBytes& address,
                                          std::span<const std::byte> data, int rssi_dbm)
{
    Bytes out;
    const auto size = static_cast<unsigned>(data.size());
    put(out, {0x04, 0x3E, 12 + size, 0x02, 1, adv_nonconn_ind, random_address});
    put_all(out, address);
    put(out, {size});
    put_all(out, data);
    put(out, {static_cast<unsigned>(rssi_dbm)});
    return out;
}

}  // namespace raiten::simulator

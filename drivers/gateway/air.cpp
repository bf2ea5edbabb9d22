#include "drivers/gateway/air.hpp"

#include "daemon/base/hex.hpp"
#include "drivers/ble/payload.hpp"
#include "drivers/escpos/utf8.hpp"

#include <algorithm>
#include <utility>

namespace raiten::drivers::gateway {
namespace {

constexpr unsigned service_data_16 = 0x16;
constexpr unsigned manufacturer_data = 0xff;
constexpr std::size_t structure_bytes_max = 254;
constexpr std::size_t gateway_id_bytes_max = 64;

std::string without(std::string_view text, std::string_view marks)
{
    std::string out;
    for (const char c : text)
        if (marks.find(c) == std::string_view::npos) out.push_back(c);
    return out;
}

std::byte high(unsigned number)
{
    return static_cast<std::byte>(number >> 8U & 0xffU);
}
std::byte low(unsigned number)
{
    return static_cast<std::byte>(number & 0xffU);
}

bool is_zero(const ble::Address& address)
{
    return std::all_of(address.begin(), address.end(),
                       [](std::byte b) { return b == std::byte{}; });
}

ble::Advertisement advertisement(const Report& report)
{
    ble::Advertisement heard;
    heard.address_type = ble::AddressType::anonymous;
    if (report.address && !is_zero(*report.address)) {
        heard.address = *report.address;
        heard.address_type = report.address_type.value_or(likely_type(heard.address));
    }
    heard.rssi_dbm = report.rssi_dbm;
    heard.data = report.data;
    return heard;
}

template <class Character>
bool is_plain(const Character& character)
{
    return character.valid && character.point >= 0x20
           && !(character.point >= 0x7f && character.point < 0xa0);
}

}  // namespace

std::optional<TokenSeen> Air::sighting(const Report& report, const Tell& tell) const
{
    const ble::Refuse refuse = [&](const Garbled& garbled) { tell(garbled); };
    auto seen = ble::sighting(advertisement(report), refuse, allow_);
    if (!seen) return std::nullopt;
    seen->heard_by = report.heard_by;
    seen->told_at = report.told_at;
    return seen;
}

void Air::hear(const Report& report, const Tell& tell) const
{
    if (auto seen = sighting(report, tell)) tell(std::move(*seen));
}

bool Air::hear_named(std::string token, const Report& report, const Tell& tell) const
{
    std::string lowered = token;
    for (char& c : lowered)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (!allow_.allows(lowered)) return false;
    tell(TokenSeen{std::move(token), report.rssi_dbm, false, report.heard_by, report.told_at});
    return true;
}

ble::AddressType likely_type(const ble::Address& address)
{
    const unsigned first = ble::u8(address[0]);
    const bool resolvable = (first & 0xc0U) == 0x40U;
    const bool nobodys = (first & 0x03U) != 0;
    return resolvable && nobodys ? ble::AddressType::random : ble::AddressType::public_;
}

std::optional<ble::Address> address_of(std::string_view text)
{
    constexpr std::size_t digits = 12;
    constexpr std::size_t with_marks = 17;
    std::string bare{text};
    if (text.size() == with_marks) {
        for (std::size_t at = 2; at < with_marks; at += 3)
            if (text[at] != ':' && text[at] != '-') return std::nullopt;
        bare = without(text, ":-");
    }
    if (bare.size() != digits) return std::nullopt;
    const auto bytes = from_hex(bare);
    if (!bytes) return std::nullopt;
    ble::Address address{};
    std::copy(bytes->begin(), bytes->end(), address.begin());
    return address;
}

std::string gateway_id(std::string_view text)
{
    if (const auto address = address_of(text)) return to_hex(*address);
    std::string id;
    for (std::size_t at = 0; at < text.size();) {
        const auto next = escpos::next_utf8(text, at);
        const auto part = is_plain(next) ? text.substr(at, next.bytes) : std::string_view{"?"};
        if (id.size() + part.size() > gateway_id_bytes_max) break;
        id += part;
        at += next.bytes;
    }
    return id;
}

bool is_plain_text(std::string_view text)
{
    for (std::size_t at = 0; at < text.size();) {
        const auto next = escpos::next_utf8(text, at);
        if (!is_plain(next)) return false;
        at += next.bytes;
    }
    return true;
}

void put_structure(AdBytes& to, unsigned type, std::span<const std::byte> data)
{
    if (data.size() > structure_bytes_max) return;
    to.push_back(static_cast<std::byte>(data.size() + 1));
    to.push_back(low(type));
    to.insert(to.end(), data.begin(), data.end());
}

std::optional<AdBytes> ibeacon_data(std::string_view uuid, unsigned major, unsigned minor)
{
    const auto id = from_hex(without(uuid, "-"));
    if (!id || id->size() != 16 || major > 0xffff || minor > 0xffff) return std::nullopt;
    AdBytes beacon{std::byte{0x4c}, std::byte{0x00}, std::byte{0x02}, std::byte{0x15}};
    beacon.insert(beacon.end(), id->begin(), id->end());
    beacon.insert(beacon.end(), {high(major), low(major), high(minor), low(minor), std::byte{}});
    AdBytes data;
    put_structure(data, manufacturer_data, beacon);
    return data;
}

std::optional<AdBytes> eddystone_uid_data(std::string_view name_space, std::string_view instance)
{
    const auto first = from_hex(name_space);
    const auto second = from_hex(instance);
    if (!first || first->size() != 10 || !second || second->size() != 6) return std::nullopt;
    AdBytes beacon{std::byte{0xaa}, std::byte{0xfe}, std::byte{}, std::byte{}};
    beacon.insert(beacon.end(), first->begin(), first->end());
    beacon.insert(beacon.end(), second->begin(), second->end());
    AdBytes data;
    put_structure(data, service_data_16, beacon);
    return data;
}

}  // namespace raiten::drivers::gateway

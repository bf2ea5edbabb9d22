#include "daemon/base/hex.hpp"
#include "drivers/ble/payload.hpp"
#include "drivers/gateway/ear.hpp"
#include "drivers/gateway/fields.hpp"
#include "drivers/gateway/gateway.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace raiten::drivers {
namespace gateway {
namespace {

using ble::Bytes;
using nlohmann::json;

/// What kind of identifier it is, as the format numbers them.
namespace id_type {
constexpr unsigned eui_48 = 2;
constexpr unsigned random_48 = 3;
}  // namespace id_type

constexpr std::uint32_t disappearance = 4;  ///< an event: not heard any more
constexpr std::size_t packets_max = 32;

/// An advertising PDU (Core 5.4, Vol 6, Part B, 2.3): TT LL aaaaaaaaaaaa dd..dd
struct Pdu {
    bool random{};
    AdBytes data;
};

bool is_its(Bytes sender, const ble::Address& address)
{
    return std::equal(sender.begin(), sender.end(), address.rbegin());
}

/// Some sources write only the AD structures: what does not begin as a PDU of this sender is taken
/// for them.
Pdu pdu_of(Bytes packet, const ble::Address& address)
{
    constexpr std::size_t header_bytes = 2;
    constexpr unsigned random_sender = 0x40;
    const bool whole = packet.size() >= header_bytes + address.size()
                       && ble::u8(packet[1]) == packet.size() - header_bytes
                       && is_its(packet.subspan(header_bytes, address.size()), address);
    if (!whole) return Pdu{false, AdBytes{packet.begin(), packet.end()}};
    const unsigned type = ble::u8(packet[0]) & 0x0fU;
    Pdu pdu{(ble::u8(packet[0]) & random_sender) != 0, {}};
    const bool has_data = type == 0 || type == 2 || type == 4 || type == 6;
    const auto data = packet.subspan(header_bytes + address.size());
    if (has_data) pdu.data.assign(data.begin(), data.end());
    return pdu;
}

bool is_gone(const json& told)
{
    const auto found = told.find("events");
    const json events = found == told.end() ? json::array() : *found;
    return std::any_of(events.begin(), events.end(),
                       [](const json& event) { return event == disappearance; });
}

/// The strongest receiver of all that decoded it; of equals the first.
void put_receiver(Report& report, const json& told)
{
    const json* strongest = &told;  // flattened: receiverId and rssi stand beside transmitterId
    const auto signature = told.find("rssiSignature");
    if (signature != told.end() && signature->is_array()) {
        std::optional<int> best;
        bool first = true;
        for (const json& receiver : *signature) {
            if (!receiver.is_object()) continue;
            const auto rssi = rssi_in(receiver, "rssi");
            if (!first && (!rssi || (best && *best >= *rssi))) continue;
            strongest = &receiver;
            best = rssi;
            first = false;
        }
    }
    report.rssi_dbm = rssi_in(*strongest, "rssi");
    std::string id;
    for (const char c : text_in(*strongest, "receiverId"))
        if (c != ':' && c != '-')
            id.push_back(c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c);
    report.heard_by = gateway_id(id);
}

std::optional<ToldTime> time_of(const Message& message, const json& told)
{
    for (const char* key : {"timestamp", "earliestDecodingTime"})
        if (const auto time = time_in(told, key, Ticks::milliseconds)) return time;
    return message.told_at;
}

/// Several packets of one sender are one observation: of the first that holds a beacon, else of
/// the sender itself.
void hear_packets(Report report, const std::vector<AdBytes>& packets, const Air& air,
                  const Tell& tell)
{
    if (packets.empty()) return air.hear(report, tell);
    std::optional<TokenSeen> seen;
    for (const AdBytes& packet : packets) {
        Pdu pdu = pdu_of(packet, *report.address);
        if (pdu.random) report.address_type = ble::AddressType::random;
        report.data = std::move(pdu.data);
        auto next = air.sighting(report, tell);
        const bool beacon = next && next->token.substr(0, 4) != "ble:";
        if (beacon) return tell(std::move(*next));
        if (!seen) seen = std::move(next);
    }
    if (seen) tell(std::move(*seen));
}

std::vector<AdBytes> packets_in(const json& told, const Tell& tell)
{
    std::vector<AdBytes> packets;
    const auto found = told.find("packets");
    if (found == told.end() || !found->is_array()) return packets;
    for (const json& packet : *found) {
        if (packets.size() == packets_max) break;
        const auto bytes =
            packet.is_string() ? from_hex(packet.get_ref<const std::string&>()) : std::nullopt;
        if (bytes)
            packets.push_back(*bytes);
        else
            tell(Garbled{"a packet that is no hex", 0});
    }
    return packets;
}

void understand_raddec(const json& told, const Message& message, const Air& air, const Tell& tell)
{
    if (!told.is_object()) return tell(Garbled{"no raddec", 0});
    Report report;
    report.address = address_of(text_in(told, "transmitterId"));
    const auto type = count_in(told, "transmitterIdType", 255);
    const bool bluetooth =
        !type || *type == 0 || *type == id_type::eui_48 || *type == id_type::random_48;
    if (!report.address || !bluetooth)
        return tell(Garbled{"a transmitter without a Bluetooth address", 0});
    if (is_gone(told)) return;
    if (type && *type == id_type::eui_48) report.address_type = ble::AddressType::public_;
    if (type && *type == id_type::random_48) report.address_type = ble::AddressType::random;
    put_receiver(report, told);
    report.told_at = time_of(message, told);
    hear_packets(std::move(report), packets_in(told, tell), air, tell);
}

/// What may stand behind the receivers: F0 and a time in ms[6]; F1, n, and n packets: ll dd..dd.
/// What is unknown ends it.
std::vector<AdBytes> read_options(Bytes rest, Report& report)
{
    std::vector<AdBytes> packets;
    while (rest.size() >= 7 && ble::u8(rest[0]) == 0xf0) {
        const double ms = static_cast<double>(ble::be16(rest, 1)) * 4'294'967'296.0
                          + static_cast<double>(ble::be32(rest, 3));
        if (const auto time = told_time(ms)) report.told_at = time;
        rest = rest.subspan(7);
    }
    if (rest.size() < 2 || ble::u8(rest[0]) != 0xf1) return packets;
    unsigned count = ble::u8(rest[1]);
    for (rest = rest.subspan(2); count > 0 && !rest.empty(); --count) {
        const std::size_t size = ble::u8(rest[0]);
        if (size >= rest.size() || packets.size() == packets_max) break;
        packets.emplace_back(rest.begin() + 1,
                             rest.begin() + 1 + static_cast<std::ptrdiff_t>(size));
        rest = rest.subspan(1 + size);
    }
    return packets;
}

/// The binary form, in hex: what a raddec is over UDP.
///
///     10 LLLL TT ii..ii nN, N times: rr nn tt jj..jj; options; CC
///
/// - L bytes of all, T type of the transmitter's identifier i, N receivers
/// - r RSSI + 127, n decodings, t type of the receiver's identifier j
/// - C the sum of all other bytes; some write it before the options
///
/// An identifier has 8 bytes where its type is 1, 6 where it is 2 or 3.
void understand_binary(Bytes bytes, const Message& message, const Air& air, const Tell& tell)
{
    constexpr std::size_t smallest = 12;
    const auto refuse = [&](std::string_view why) { tell(Garbled{why, bytes.size()}); };
    if (bytes.size() < smallest || ble::u8(bytes[0]) != 0x10 || ble::be16(bytes, 1) != bytes.size())
        return refuse("no raddec");
    const unsigned type = ble::u8(bytes[3]);
    if (type != id_type::eui_48 && type != id_type::random_48)
        return refuse("a transmitter without a Bluetooth address");

    Report report;
    ble::Address address{};
    std::copy_n(bytes.begin() + 4, address.size(), address.begin());
    report.address = address;
    report.address_type =
        type == id_type::random_48 ? ble::AddressType::random : ble::AddressType::public_;
    report.told_at = message.told_at;
    bool first = true;
    std::size_t at = 11;
    for (unsigned receivers = ble::u8(bytes[10]) & 0x0fU; receivers > 0; --receivers) {
        const std::size_t left = bytes.size() - 1 - at;
        const std::size_t id_bytes = left < 3 || ble::u8(bytes[at + 2]) == 1 ? 8 : 6;
        if (left < 3 + id_bytes) return refuse("a raddec with fewer receivers than it says");
        const auto rssi = believable_rssi(static_cast<int>(ble::u8(bytes[at])) - 127);
        if (first || (rssi && (!report.rssi_dbm || *report.rssi_dbm < *rssi))) {
            report.rssi_dbm = rssi;
            report.heard_by = to_hex(bytes.subspan(at + 3, id_bytes));
        }
        first = false;
        at += 3 + id_bytes;
    }
    unsigned sum = 0;
    for (const std::byte b : bytes) sum += ble::u8(b);
    const auto is_sum = [&](std::size_t where) {
        return ((sum - ble::u8(bytes[where])) & 0xffU) == ble::u8(bytes[where]);
    };
    const bool at_the_end = is_sum(bytes.size() - 1);
    if (!at_the_end && !is_sum(at)) return refuse("no raddec");
    const auto options =
        at_the_end ? bytes.subspan(at, bytes.size() - 1 - at) : bytes.subspan(at + 1);
    const auto packets = read_options(options, report);
    hear_packets(std::move(report), packets, air, tell);
}

void understand_text(const Message& message, const Air& air, const Tell& tell)
{
    if (is_sign_of_life(message.text)) return;
    const auto blank = message.text.rfind(' ');  // "TOPIC 1000…"
    const auto last =
        blank == std::string_view::npos ? message.text : message.text.substr(blank + 1);
    if (const auto bytes = from_hex(last)) return understand_binary(*bytes, message, air, tell);
    tell(Garbled{"no raddec", message.text.size()});
}

void understand(const Message& message, const Air& air, const Tell& tell)
{
    if (!message.json) return understand_text(message, air, tell);
    if (message.json->is_array()) {
        for (const json& told : *message.json) understand_raddec(told, message, air, tell);
    } else {
        understand_raddec(*message.json, message, air, tell);
    }
}

}  // namespace
}  // namespace gateway

std::unique_ptr<Translator> make_raddec(const Options& options)
{
    return gateway::make_ear(&gateway::understand, options);
}

}  // namespace raiten::drivers

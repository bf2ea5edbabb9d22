#include "tests/fuzz/targets.hpp"

#include "daemon/app/ndjson.hpp"
#include "daemon/app/settings.hpp"
#include "daemon/base/hex.hpp"
#include "daemon/wire/address.hpp"
#include "drivers/ble/btsnoop.hpp"
#include "drivers/ble/packetlogger.hpp"
#include "drivers/ble/pcap.hpp"

#include <algorithm>
#include <string_view>

namespace raiten::fuzz {
namespace {

std::string_view text_of(Bytes input)
{
    return {reinterpret_cast<const char*>(input.data()), input.size()};
}

template <class Reader>
std::string capture_text(Bytes input, std::size_t piece_bytes)
{
    Reader reader;
    std::string all;
    const auto take = [&](const drivers::ble::CapturedPacket& packet) {
        all += (packet.at ? std::to_string(packet.at->time_since_epoch().count()) : "-") + " "
               + std::to_string(static_cast<int>(packet.type)) + " "
               + std::to_string(packet.from_controller) + " " + std::to_string(packet.offset) + " "
               + to_hex(packet.packet) + "\n";
    };
    // Where damage is skipped, the same bytes may be told in one piece or in several.
    const auto damaged = [](const Problem&) {};
    for (auto rest = input; !rest.empty();) {
        const auto piece = rest.first(std::min(piece_bytes, rest.size()));
        reader.feed(piece, take, damaged);
        rest = rest.subspan(piece.size());
    }
    reader.finish(take, damaged);
    return all;
}

/// A capture file tells the same whole and in pieces.
template <class Reader>
Fault capture_fault(Bytes input)
{
    const auto size = input.empty() ? 1U : std::to_integer<unsigned>(input.back()) + 1U;
    const auto whole = capture_text<Reader>(input, std::max<std::size_t>(1, input.size()));
    const auto cut = capture_text<Reader>(input, size);
    if (whole == cut) return {};
    return "cut, it tells something else\n--- whole\n" + whole + "--- cut\n" + cut;
}

/// What was understood is written so that it reads the same again.
Fault ndjson_fault(Bytes input)
{
    const auto event = app::parse_line(text_of(input));
    if (!event) return {};
    const auto written = app::write_line(*event);
    auto again = app::parse_line(written);
    if (!again) return "what it wrote is refused: " + written + ": " + again.error().text();
    again->ignored_keys = event->ignored_keys;
    if (*again == *event) return {};
    return "what it wrote says something else: " + written;
}

Fault address_fault(Bytes input)
{
    const auto address = wire::parse_address(text_of(input));
    if (!address) return {};
    const auto written = wire::text_of(*address);
    const auto again = wire::parse_address(written);
    if (again && *again == *address) return {};
    return "what it wrote says something else: " + written;
}

/// Whatever the file says, every problem has words.
Fault settings_fault(Bytes input)
{
    const app::SettingsFile file{"raiten.toml", std::string{text_of(input)}};
    const auto read = app::parse_settings(std::span{&file, 1}, app::Places{});
    for (const auto& problem : read.problems)
        if (problem.what.empty()) return "a problem without words";
    return {};
}

}  // namespace

std::vector<Target> targets()
{
    std::vector<Target> all;
    for (const auto& driver : drivers::catalog()) {
        all.push_back({std::string{driver.format},
                       [&driver](Bytes input) { return listen_fault(driver, input); }});
        if (driver.converse != nullptr)
            all.push_back({std::string{driver.format} + "-live",
                           [&driver](Bytes input) { return converse_fault(driver, input); }});
    }
    all.push_back({"btsnoop", capture_fault<drivers::ble::Btsnoop>});
    all.push_back({"pklg", capture_fault<drivers::ble::PacketLogger>});
    all.push_back({"pcap", capture_fault<drivers::ble::Pcap>});
    all.push_back({"ndjson-line", ndjson_fault});
    all.push_back({"address", address_fault});
    all.push_back({"settings", settings_fault});
    return all;
}

}  // namespace raiten::fuzz

#include "daemon/simulator/streams.hpp"

#include "daemon/base/hex.hpp"
#include "daemon/simulator/advertisement.hpp"
#include "daemon/simulator/btsnoop_writer.hpp"
#include "daemon/simulator/receipt_paper.hpp"

#include <algorithm>
#include <charconv>
#include <tuple>

namespace raiten::simulator {
namespace {

constexpr unsigned em_version = 0x2A;  // any issuer's byte

std::string rdm6300_frame(std::string_view ten_digits)
{
    std::uint32_t number = 0;
    std::from_chars(ten_digits.data(), ten_digits.data() + ten_digits.size(), number);
    std::vector<std::byte> bytes{std::byte{em_version}};
    for (unsigned n = 4; n-- > 0;)
        bytes.push_back(static_cast<std::byte>(number >> (8 * n) & 0xFFU));
    std::byte sum{};
    for (const std::byte b : bytes) sum ^= b;
    bytes.push_back(sum);
    auto hex = to_hex(bytes);
    std::transform(hex.begin(), hex.end(), hex.begin(),
                   [](char c) { return c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c; });
    return "\x02" + hex + "\x03";
}

/// The reader's arrivals by their own times, each once.
std::vector<Arrival> heard_by(const Day& day, std::uint16_t reader)
{
    std::vector<Arrival> heard;
    for (const auto& arrival : day.arrivals) {
        using Kind = Arrival::Kind;
        const bool state = arrival.kind == Kind::reader_up || arrival.kind == Kind::reader_down;
        if (arrival.reader == reader && !state) heard.push_back(arrival);
    }
    const auto key = [](const Arrival& a) { return std::tuple{a.at, a.number, a.rssi_dbm}; };
    std::sort(heard.begin(), heard.end(),
              [&](const Arrival& a, const Arrival& b) { return key(a) < key(b); });
    const auto same = [&](const Arrival& a, const Arrival& b) { return key(a) == key(b); };
    heard.erase(std::unique(heard.begin(), heard.end(), same), heard.end());
    return heard;
}

std::vector<std::byte> bluetooth(const Store& store, const Day& day, std::uint16_t reader)
{
    BtsnoopWriter out;
    out.take();  // its head stands in front of the first day
    for (const auto& one : heard_by(day, reader)) {
        const auto& tag = store.tag(day, one.number);
        AddressBytes address = tag.address;
        std::reverse(address.begin(), address.end());
        out.add(Micros{one.at}, true,
                advertising_report(address, advertising_data(tag), one.rssi_dbm));
    }
    return out.take();
}

}  // namespace

std::vector<std::byte> stream_of(const Store& store, const Day& day, std::uint16_t reader)
{
    const auto kind = store.plan().readers[reader].kind;
    if (kind == Reader::Kind::bluetooth) return bluetooth(store, day, reader);
    if (kind == Reader::Kind::tap) return {};
    std::string text;
    for (const auto& one : heard_by(day, reader)) {
        if (kind == Reader::Kind::till) {
            const auto& slip = day.slips[one.number];
            const auto card = slip.card ? store.tag(day, *slip.card).token : std::string{};
            text += receipt_paper(slip, card, store.scenario().clock.offset_at(slip.at));
            continue;
        }
        const auto& token = store.tag(day, one.number).token;
        const auto number = std::string_view{token}.substr(token.find(':') + 1);
        if (kind == Reader::Kind::desk)
            text += rdm6300_frame(number);
        else
            text.append(number).append("\r");
    }
    const auto bytes = bytes_of(text);
    return {bytes.begin(), bytes.end()};
}

std::vector<std::byte> stream_head(const Reader& reader)
{
    return reader.kind == Reader::Kind::bluetooth ? BtsnoopWriter{}.take()
                                                  : std::vector<std::byte>{};
}

std::string stream_name(const Reader& reader)
{
    switch (reader.kind) {
        case Reader::Kind::bluetooth:
            return reader.name + ".btsnoop";
        case Reader::Kind::till:
            return reader.name + ".escpos";
        case Reader::Kind::desk:
            return reader.name + ".rdm6300";
        case Reader::Kind::scanner:
            return reader.name + ".scanner";
        case Reader::Kind::tap:
            return {};
    }
    return {};
}

}  // namespace raiten::simulator

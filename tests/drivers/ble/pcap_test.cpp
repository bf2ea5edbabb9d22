#include "tests/drivers/ble/pcap_writer.hpp"

#include "drivers/ble/listener.hpp"
#include "drivers/ble/pcap.hpp"

#include <catch2/catch.hpp>

#include <random>

using namespace raiten;
using namespace raiten::test;
using namespace raiten::drivers::ble;

namespace {

/// "+120 seen ble:.. -61" with milliseconds after second zero, and "byte 40: why".
Lines read(std::span<const std::byte> bytes, std::size_t chunk)
{
    Lines lines;
    Pcap reader;
    Listener listener;
    const TakePacket take = [&](const CapturedPacket& packet) {
        std::string when = "?";
        if (packet.at)
            when = std::to_string(packet.at->time_since_epoch().count()
                                  - static_cast<std::int64_t>(pcap_second_zero) * 1000);
        const auto tell = [&](const Reading& reading) {
            lines.push_back("+" + when + " " + line(reading));
        };
        if (packet.type == PacketType::event)
            listener.take(packet.packet, tell);
        else
            lines.push_back("+" + when + " other " + to_hex(packet.packet));
    };
    const TellDamage damaged = [&](const Problem& problem) { lines.push_back(problem.text()); };
    for (; !bytes.empty(); bytes = bytes.subspan(std::min(chunk, bytes.size())))
        reader.feed(bytes.first(std::min(chunk, bytes.size())), take, damaged);
    reader.finish(take, damaged);
    return lines;
}

std::string address(unsigned number)
{
    return "c00000000" + std::string(1, "0123456789abcdef"[number >> 8U & 15U])
           + to_hex(Octets{byte_of(number)});
}

std::string seen(unsigned number, std::uint64_t millis, const std::string& rssi = "-61")
{
    std::string mac = address(number);
    for (std::size_t at = 2; at < mac.size(); at += 3) mac.insert(at, ":");
    return "+" + std::to_string(millis) + " seen ble:" + mac + " " + rssi;
}

struct Sample {
    Octets bytes;
    Lines lines;
    std::size_t header{};
};

Sample sample(const PcapKind& kind, unsigned records)
{
    Sample out;
    out.bytes = file_header(kind);
    out.header = out.bytes.size();
    const bool without_rssi = kind.link == 251 || kind.link == 147;
    for (unsigned i = 0; i < records; ++i) {
        const Octets one =
            record(kind, frame_of(kind.link, address(i), hex("02010605090102030a")), i * 120);
        out.bytes.insert(out.bytes.end(), one.begin(), one.end());
        out.lines.push_back(seen(i, i * 120, without_rssi ? "?" : "-61"));
    }
    return out;
}

std::vector<PcapKind> all_kinds()
{
    std::vector<PcapKind> out;
    for (const unsigned link : {147U, 157U, 187U, 192U, 201U, 251U, 254U, 256U, 272U})
        out.push_back(PcapKind{.link = link});
    for (const bool blocks : {false, true})
        for (const Order order : {Order::little, Order::big})
            for (const bool nanoseconds : {false, true})
                for (const unsigned link : {187U, 256U})
                    out.push_back(PcapKind{blocks, order, nanoseconds, link});
    return out;
}

std::string name(const PcapKind& kind)
{
    return std::string{kind.blocks ? "pcapng" : "pcap"}
           + (kind.order == Order::big ? " big" : " little") + (kind.nanoseconds ? " ns " : " us ")
           + std::to_string(kind.link);
}

std::size_t found(const Lines& lines, const Lines& expected)
{
    std::size_t count = 0;
    for (const auto& line : expected)
        if (std::find(lines.begin(), lines.end(), line) != lines.end()) ++count;
    return count;
}

}  // namespace

TEST_CASE("pcap: packets of every kind come out with their times, however the file is cut",
          "[drivers][ble]")
{
    for (const PcapKind& kind : all_kinds()) {
        INFO(name(kind));
        const Sample file = sample(kind, 5);
        for (std::size_t chunk = 1; chunk <= file.bytes.size(); ++chunk)
            CHECK(read(file.bytes, chunk) == file.lines);
    }
}

TEST_CASE("pcap: after any damaged byte at most the damaged record is lost", "[drivers][ble]")
{
    for (const PcapKind& kind : all_kinds()) {
        const Sample file = sample(kind, 6);
        for (std::size_t at = file.header; at < file.bytes.size(); ++at) {
            for (const unsigned flip : {0x01U, 0x40U, 0x80U, 0xffU}) {
                Octets damaged = file.bytes;
                damaged[at] ^= byte_of(flip);
                const Lines lines = read(damaged, damaged.size());
                INFO(name(kind) << " byte " << at << " xor " << flip);
                CHECK(found(lines, file.lines) >= file.lines.size() - 1);
                if (at % 17 == 0) CHECK(lines == read(damaged, 1 + at % 11));
            }
        }
    }
}

TEST_CASE("pcap: damage in a file's header or anything behind it never breaks", "[drivers][ble]")
{
    const unsigned seed = 20261122;
    std::mt19937 dice{seed};
    INFO("seed " << seed);
    for (const PcapKind& kind : all_kinds()) {
        const Sample file = sample(kind, 3);
        for (std::size_t at = 0; at < file.header; ++at) {
            Octets damaged = file.bytes;
            damaged[at] ^= byte_of(1U + dice() % 255);
            CHECK(read(damaged, damaged.size()) == read(damaged, 7));
        }
        Octets noise = file.bytes;
        for (int i = 0; i < 2000; ++i) noise.push_back(byte_of(dice() & dice()));
        CHECK(read(noise, 100) == read(noise, 3));
    }
}

TEST_CASE("pcap: what was skipped is told with its place", "[drivers][ble]")
{
    const PcapKind kind{};
    const Octets first = record(kind, frame_of(187, address(1), {}), 0);
    const Octets second = record(kind, frame_of(187, address(2), {}), 120);
    const Octets file = joined({file_header(kind), first, hex("ffffffffffff"), second});
    const std::string behind_first = std::to_string(24 + first.size());
    CHECK(read(file, 7)
          == Lines{
              seen(1, 0),
              "byte " + behind_first + ": record longer than any Bluetooth packet; skipped 6 bytes",
              seen(2, 120)});
    const Octets half(second.begin(), second.begin() + 20);
    CHECK(read(joined({file_header(kind), first, half}), 7)
          == Lines{seen(1, 0),
                   "byte " + behind_first + ": the file ends within a record; skipped 20 bytes"});
}

TEST_CASE("pcap: damaged air is not a damaged file", "[drivers][ble]")
{
    for (const bool blocks : {false, true}) {
        const PcapKind kind{.blocks = blocks, .link = 256};
        Octets frame = frame_of(256, address(1), hex("020106"));
        frame[15] ^= std::byte{0x04};  // the PDU's length
        const Octets good = record(kind, frame_of(256, address(2), hex("020106")), 0);
        const Octets bad = record(kind, frame, 5);
        const Octets head = file_header(kind);
        const std::string told = ": air frame with a wrong checksum";
        CHECK(read(joined({head, bad, good, bad}), 30)
              == Lines{"byte " + std::to_string(head.size()) + told, seen(2, 0),
                       "byte " + std::to_string(head.size() + bad.size() + good.size()) + told});

        // The sniffer saw it: checksum checked and not valid.
        Octets known = frame_of(256, address(1), hex("020106"));
        known[9] = std::byte{0x04};
        CHECK(read(joined({head, record(kind, known, 5)}), 30)
              == Lines{"byte " + std::to_string(head.size()) + told});
        Octets white = frame_of(256, address(1), hex("020106"));
        white[8] = std::byte{0x12};
        CHECK(
            read(joined({head, record(kind, white, 5)}), 30)
            == Lines{"byte " + std::to_string(head.size()) + ": air frame that is still whitened"});
        // No strength was measured.
        Octets faint = frame_of(256, address(1), hex("020106"));
        faint[8] = std::byte{0x11};
        CHECK(read(joined({head, record(kind, faint, 5)}), 30) == Lines{seen(1, 5, "?")});
    }
}

TEST_CASE("pcap: packets that their recorder cut short are not taken for whole", "[drivers][ble]")
{
    for (const bool blocks : {false, true}) {
        for (const unsigned link : {187U, 256U}) {
            const PcapKind kind{.blocks = blocks, .link = link};
            const Octets head = file_header(kind);
            const Octets cut = record(kind, frame_of(link, address(1), hex("020106")), 0, 2);
            const Octets good = record(kind, frame_of(link, address(2), hex("020106")), 120);
            CHECK(read(joined({head, cut, good}), 30)
                  == Lines{"byte " + std::to_string(head.size())
                               + (link == 187 ? ": packet cut short by its recorder"
                                              : ": air frame cut short by its recorder"),
                           seen(2, 120)});
        }
    }
}

TEST_CASE("pcap: a file of another kind is refused at once", "[drivers][ble]")
{
    const Octets text(100000, std::byte{'x'});
    CHECK(read(text, 1000) == Lines{"byte 0: not a pcap or pcapng file"});
    CHECK(read(file_header({.link = 1}), 16)
          == Lines{"byte 0: pcap of a link type that is not Bluetooth"});
    CHECK(read(hex("0a0d0d0a 1c000000 11223344 01000000 ffffffffffffffff 1c000000"), 16)
          == Lines{"byte 0: pcapng section of an unknown byte order"});
    CHECK(read({}, 1).empty());
}

TEST_CASE("pcapng: interfaces count time each in their own way", "[drivers][ble]")
{
    const Order order = Order::little;
    const Octets frame = frame_of(187, address(1), {});
    const std::uint64_t seconds = pcap_second_zero;
    const Octets file = joined({
        section_block(order),
        interface_block(order, 187),                     // microseconds
        interface_block(order, 187, 3),                  // milliseconds
        interface_block(order, 187, 0),                  // seconds
        interface_block(order, 187, 0x80U | 10U),        // 1,024 parts
        interface_block(order, 187, 12, 1'600'000'000),  // picoseconds, and an offset
        interface_block(order, 187, 6, -60),
        packet_block(order, 0, seconds * 1'000'000 + 5'999, frame),
        packet_block(order, 1, seconds * 1'000 + 6, frame),
        packet_block(order, 2, seconds + 1, frame),
        packet_block(order, 3, (seconds << 10U) + 512, frame),
        packet_block(order, 4, 1'000'000'000'007'000, frame),
        packet_block(order, 5, (seconds + 60) * 1'000'000, frame),
    });
    CHECK(read(file, 11)
          == Lines{seen(1, 5), seen(1, 6), seen(1, 1000), seen(1, 500),
                   "+-99999000000 seen ble:c0:00:00:00:00:01 -61", seen(1, 0)});
}

TEST_CASE("pcapng: sections, other blocks, packets without a time", "[drivers][ble]")
{
    const Octets frame = frame_of(187, address(1), {});
    Octets simple;
    put(simple, frame.size(), 4, Order::big);
    simple.insert(simple.end(), frame.begin(), frame.end());
    Octets old;
    put(old, 0, 2, Order::big);
    put(old, 7, 2, Order::big);
    put(old, (pcap_second_zero * 1'000'000) >> 32U, 4, Order::big);
    put(old, pcap_second_zero * 1'000'000 & 0xffffffffU, 4, Order::big);
    put(old, frame.size(), 4, Order::big);
    put(old, frame.size(), 4, Order::big);
    old.insert(old.end(), frame.begin(), frame.end());

    const auto little = [&](unsigned link) {
        return joined({section_block(Order::little), interface_block(Order::little, link)});
    };
    const Octets file = joined({
        little(1),
        block(Order::little, 4, Octets(40)),            // names
        packet_block(Order::little, 0, 5, Octets(60)),  // Ethernet
        block(Order::little, 0x0bad, Octets(200'000)),  // larger than any packet
        section_block(Order::big),
        interface_block(Order::big, 187),
        block(Order::big, 3, simple),
        block(Order::big, 2, old),
        block(Order::big, 5, Octets(12)),  // statistics
        packet_block(Order::big, 0, pcap_second_zero * 1'000'000, frame),
    });
    const std::size_t ethernet = little(1).size() + 52;
    const Lines expected{
        "byte " + std::to_string(ethernet) + ": packet of a link type that is not Bluetooth",
        "+? seen ble:c0:00:00:00:00:01 -61", seen(1, 0), seen(1, 0)};
    for (const std::size_t chunk : {1U, 50U, 70'000U, 300'000U})
        CHECK(read(file, chunk) == expected);
}

TEST_CASE("pcapng: a packet of an interface that was not described is damage", "[drivers][ble]")
{
    const PcapKind kind{.blocks = true};
    const Octets head = file_header(kind);
    const Octets stray = packet_block(Order::little, 3, 5, frame_of(187, address(1), {}));
    CHECK(read(joined({head, stray, record(kind, frame_of(187, address(2), {}), 0)}), 30)
          == Lines{"byte " + std::to_string(head.size())
                       + ": packet of an interface that was not described; skipped "
                       + std::to_string(stray.size()) + " bytes",
                   seen(2, 0)});
}

TEST_CASE("pcapng: no more interfaces are kept than a section may have", "[drivers][ble]")
{
    Octets file = section_block(Order::little);
    for (std::size_t i = 0; i <= PcapngBlocks::interfaces_max; ++i)
        file = joined({file, interface_block(Order::little, 187)});
    const Lines lines = read(file, 1000);
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].ends_with(": too many interfaces"));
}

#pragma once

#include "drivers/ble/scanner.hpp"
#include "tests/drivers/ble/reports.hpp"

#include <catch2/catch.hpp>

#include <deque>
#include <map>
#include <set>

namespace raiten::test {

inline const Octets commands_4_2 = Octets(64, std::byte{0});

inline Octets commands_5()
{
    Octets out(64, std::byte{0});
    out[37] = byte_of(0x60);
    return out;
}

inline Octets features(bool extended)
{
    Octets out(8, std::byte{0});
    if (extended) out[1] = byte_of(0x10);
    return out;
}

/// A controller that behaves as told, at the other end of the scanner's wire. It answers when
/// `run` is called, never from within `say`.
struct Controller {
    drivers::ble::Scanner scanner;
    std::deque<Octets> inbox;
    Lines asked;  ///< opcodes, "2041"
    Lines told;
    std::map<std::string, unsigned> fails_complete;  ///< opcode -> error in Command Complete
    std::map<std::string, unsigned> fails_status;    ///< opcode -> error in Command Status
    std::set<std::string> silent;                    ///< "all" or opcodes
    std::map<std::string, Octets> answers{{"1002", commands_5()}, {"2003", features(true)}};
    unsigned credits{1};
    std::size_t chunk{1000};
    unsigned outstanding{};
    unsigned outstanding_max{};

    drivers::Say say = [this](std::span<const std::byte> bytes) {
        inbox.emplace_back(bytes.begin(), bytes.end());
        outstanding_max = std::max(outstanding_max, ++outstanding);
    };
    drivers::Tell tell = [this](const Reading& reading) { told.push_back(line(reading)); };

    void start()
    {
        scanner.start(say);
        run();
    }
    void send(const Octets& bytes)
    {
        std::span<const std::byte> left{bytes};
        for (; !left.empty(); left = left.subspan(std::min(chunk, left.size())))
            scanner.feed(left.first(std::min(chunk, left.size())), tell, say);
        run();
    }
    void run()
    {
        while (!inbox.empty()) {
            const Octets command = inbox.front();
            inbox.pop_front();
            --outstanding;
            answer(command);
        }
    }
    void answer(const Octets& command)
    {
        REQUIRE(command.size() >= 4);
        REQUIRE(command[0] == byte_of(1));
        REQUIRE(command.size() == 4 + std::to_integer<std::size_t>(command[3]));
        const std::string opcode = to_hex(Octets{command[2], command[1]});
        asked.push_back(opcode);
        if (silent.contains("all") || silent.contains(opcode)) return;
        const Octets written{command[1], command[2]};
        if (fails_status.contains(opcode))
            return send(joined(
                {hex("040f04"), {byte_of(fails_status[opcode]), byte_of(credits)}, written}));
        Octets values{byte_of(fails_complete[opcode])};
        values.insert(values.end(), answers[opcode].begin(), answers[opcode].end());
        send(
            joined({hex("040e"), {byte_of(3 + values.size()), byte_of(credits)}, written, values}));
    }
    void expire()
    {
        REQUIRE(scanner.time_limit().has_value());
        scanner.expired(tell, say);
        run();
    }
    drivers::DevicePhase phase() const { return scanner.state().phase; }
    std::string reason() const { return scanner.state().reason; }
};

inline const Lines before_scan{"0c03", "1001", "1002", "2003", "0c01", "2001"};

inline Lines with(Lines lines, std::initializer_list<const char*> more)
{
    lines.insert(lines.end(), more.begin(), more.end());
    return lines;
}

inline Lines extended_start()
{
    return with(before_scan, {"2041", "2042"});
}

inline const Octets report = h4_event(le_event(13, {extended_report("e645001b2c3d", 1, {}, -67)}));
inline const std::string report_line = "seen ble:e6:45:00:1b:2c:3d -67";

}  // namespace raiten::test

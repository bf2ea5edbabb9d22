#include "drivers/ble/scanner.hpp"
#include "tests/drivers/ble/scripted_controller.hpp"

#include <catch2/catch.hpp>

#include <deque>
#include <map>
#include <set>

using namespace raiten;
using namespace raiten::test;
using drivers::DevicePhase;
using drivers::ble::Scanner;

TEST_CASE("scanner: a modern controller is brought to extended scanning, one command at a time",
          "[drivers][ble]")
{
    for (const std::size_t chunk : {1U, 2U, 1000U}) {
        Controller controller;
        controller.chunk = chunk;
        controller.answers["1001"] = hex("0900000b0f000000");
        CHECK(controller.phase() == DevicePhase::down);
        controller.start();
        CHECK(controller.asked == extended_start());
        CHECK(controller.outstanding_max == 1);
        CHECK(controller.phase() == DevicePhase::ready);
        CHECK(controller.reason() == "scanning, extended, HCI version 9, maker 15");
        controller.send(report);
        CHECK(controller.told == Lines{report_line});
    }
}

TEST_CASE("scanner: it scans passively, without gaps, and does not filter repetitions",
          "[drivers][ble]")
{
    using namespace drivers::ble::command;
    CHECK(to_hex(packet(Opcode::reset)) == "01030c00");
    CHECK(to_hex(packet(Opcode::set_event_mask)) == "01010c08fffffbff07f8bf3d");
    CHECK(to_hex(packet(Opcode::le_set_event_mask)) == "010120080210000000000000");
    CHECK(to_hex(packet(Opcode::le_set_scan_parameters)) == "010b200700600060000000");
    CHECK(to_hex(packet(Opcode::le_set_scan_enable)) == "010c20020100");
    CHECK(to_hex(packet(Opcode::le_set_extended_scan_parameters)) == "014120080000010060006000");
    CHECK(to_hex(packet(Opcode::le_set_extended_scan_enable)) == "01422006010000000000");
}

TEST_CASE("scanner: a controller without extended scanning is asked for legacy at once",
          "[drivers][ble]")
{
    Controller controller;
    SECTION("its commands say so")
    {
        controller.answers["1002"] = commands_4_2;
    }
    SECTION("its features say so")
    {
        controller.answers["2003"] = features(false);
    }
    controller.start();
    CHECK(controller.asked == with(before_scan, {"200b", "200c"}));
    CHECK(controller.reason() == "scanning, legacy");
}

TEST_CASE("scanner: whichever way extended scanning is refused, legacy follows after a reset",
          "[drivers][ble]")
{
    Controller controller;
    Lines expected = with(before_scan, {"2041"});
    bool limit = false;
    SECTION("Command Status, unknown command")
    {
        controller.fails_status["2041"] = 0x01;
    }
    SECTION("Command Complete, unknown command")
    {
        controller.fails_complete["2041"] = 0x01;
    }
    SECTION("Command Complete, disallowed")
    {
        controller.fails_complete["2041"] = 0x0c;
    }
    SECTION("Command Complete, unsupported")
    {
        controller.fails_complete["2041"] = 0x11;
    }
    SECTION("the enabling is refused")
    {
        controller.fails_complete["2042"] = 0x0c;
        expected.push_back("2042");
    }
    SECTION("silence")
    {
        controller.silent = {"2041"};
        limit = true;
    }
    // Answers without a list of commands and features: only trying tells.
    controller.answers.clear();
    controller.start();
    if (limit) {
        CHECK(controller.phase() == DevicePhase::starting);
        controller.expire();
    }
    for (const auto& opcode : with(before_scan, {"200b", "200c"})) expected.push_back(opcode);
    CHECK(controller.asked == expected);
    CHECK(controller.phase() == DevicePhase::ready);
    CHECK(controller.reason() == "scanning, legacy");
}

TEST_CASE("scanner: what is only good to know may be refused or not answered", "[drivers][ble]")
{
    Controller controller;
    SECTION("refused")
    {
        for (const auto* opcode : {"1001", "1002", "2003", "0c01", "2001"})
            controller.fails_status[opcode] = 0x01;
        controller.start();
        CHECK(controller.asked == extended_start());
    }
    SECTION("not answered: left out after the next reset")
    {
        controller.silent = {"1002"};
        controller.start();
        controller.expire();
        CHECK(controller.asked
              == Lines{"0c03", "1001", "1002", "0c03", "1001", "2003", "0c01", "2001", "2041",
                       "2042"});
    }
    CHECK(controller.phase() == DevicePhase::ready);
}

TEST_CASE("scanner: without credit it waits, and asks all the same when none ever comes",
          "[drivers][ble]")
{
    Controller controller;
    controller.credits = 0;
    controller.start();
    CHECK(controller.asked == Lines{"0c03"});
    SECTION("the credit comes in an event of its own")
    {
        controller.credits = 1;
        controller.send(hex("040e03010000"));
    }
    SECTION("the credit never comes")
    {
        for (int i = 0; i < 7; ++i) controller.expire();
    }
    CHECK(controller.asked == extended_start());
    CHECK(controller.phase() == DevicePhase::ready);
}

TEST_CASE("scanner: Command Status 0 means the answer is still to come", "[drivers][ble]")
{
    Controller controller;
    controller.silent = {"0c03"};
    controller.start();
    controller.send(hex("040f04 00 01 030c"));
    CHECK(controller.asked == Lines{"0c03"});
    controller.send(hex("040e04 01 030c 00"));
    CHECK(controller.phase() == DevicePhase::ready);
}

TEST_CASE("scanner: after a hardware error the controller is started again", "[drivers][ble]")
{
    Controller controller;
    controller.start();
    controller.asked.clear();
    controller.silent = {"0c03"};
    controller.send(hex("04 10 01 42"));
    CHECK(controller.phase() == DevicePhase::starting);
    CHECK(controller.reason() == "hardware error 0x42");
    controller.silent.clear();
    controller.send(hex("040e04 01 030c 00"));
    CHECK(controller.asked == extended_start());
    CHECK(controller.phase() == DevicePhase::ready);
}

TEST_CASE("scanner: a controller that keeps failing is left alone for longer and longer",
          "[drivers][ble]")
{
    Controller controller;
    controller.silent = {"all"};
    controller.start();
    Lines spans;
    for (int i = 0; i < 20; ++i) {
        spans.push_back(std::to_string(controller.scanner.time_limit()->span.count()));
        controller.expire();
    }
    CHECK(spans == Lines{"2000",  "2000", "2000",  "2000", "1000",  "2000",  "2000",
                         "2000",  "4000", "2000",  "8000", "2000",  "16000", "2000",
                         "32000", "2000", "60000", "2000", "60000", "2000"});
    CHECK(controller.phase() == DevicePhase::down);
    CHECK(controller.reason() == "no answer to Reset");

    controller.silent.clear();
    controller.expire();
    CHECK(controller.phase() == DevicePhase::ready);
}

TEST_CASE("scanner: a thread lost and found within one read was lost all the same",
          "[drivers][ble]")
{
    Controller controller;
    controller.start();
    controller.asked.clear();
    // Somebody's answer to Reset ends the hunt at once, but what the controller does now is
    // unknown.
    controller.send(joined({hex("99"), hex("040e04 01 030c 00"), report}));
    REQUIRE_FALSE(controller.asked.empty());
    CHECK(controller.asked.front() == "0c03");
    CHECK(controller.told.back() == report_line);
}

TEST_CASE("scanner: a lost stream is found again through Reset, and nothing else is believed",
          "[drivers][ble]")
{
    Controller controller;
    controller.start();
    controller.asked.clear();
    controller.silent = {"0c03"};
    controller.send(joined({report, hex("99"), report}));
    CHECK(controller.asked == Lines{"0c03"});
    CHECK(controller.phase() == DevicePhase::starting);
    CHECK(controller.reason() == "lost the thread of the byte stream");
    controller.send(report);
    CHECK(controller.told == Lines{report_line});
    controller.silent.clear();
    controller.send(joined({report, hex("040e04 01 030c 00")}));
    CHECK(controller.phase() == DevicePhase::ready);
    controller.send(report);
    CHECK(controller.told
          == Lines{report_line,
                   "garbled " + std::to_string(1 + 3 * report.size()) + ": unknown packet type",
                   report_line});
}

TEST_CASE("scanner: bytes from before the reset are noise", "[drivers][ble]")
{
    Controller controller;
    controller.silent = {"0c03"};
    controller.start();
    const Octets rest(report.begin() + 9, report.end());
    controller.silent.clear();
    controller.send(joined({rest, report, hex("040e04 01 030c 00"), report}));
    CHECK(controller.told
          == Lines{"garbled " + std::to_string(rest.size() + report.size())
                       + ": bytes before the controller was reset",
                   report_line});
    CHECK(controller.phase() == DevicePhase::ready);
}

TEST_CASE("scanner: a quiet radio is asked, then started anew; a busy one is left alone",
          "[drivers][ble]")
{
    Controller controller;
    controller.start();
    controller.asked.clear();

    SECTION("busy")
    {
        for (unsigned i = 0; i < 3 * Scanner::quiet_checkups_max; ++i) {
            controller.send(report);
            CHECK(controller.scanner.time_limit()->span == Scanner::checkup_span);
            controller.expire();
        }
        CHECK(controller.asked.empty());
    }
    SECTION("quiet, but it answers")
    {
        for (unsigned i = 0; i + 1 < Scanner::quiet_checkups_max; ++i) controller.expire();
        CHECK(controller.asked == Lines(Scanner::quiet_checkups_max - 1, "1001"));
        CHECK(controller.phase() == DevicePhase::ready);
        controller.asked.clear();
        controller.expire();
        CHECK(controller.asked
              == with({"1001"}, {"0c03", "1001", "1002", "2003", "0c01", "2001", "2041", "2042"}));
    }
    SECTION("gone")
    {
        controller.silent = {"all"};
        controller.expire();
        controller.expire();
        CHECK(controller.asked == Lines{"1001", "0c03"});
        CHECK(controller.phase() == DevicePhase::starting);
        CHECK(controller.reason() == "no answer to Read Local Version");
    }
    SECTION("reports do not postpone a time limit")
    {
        const auto limit = controller.scanner.time_limit();
        for (int i = 0; i < 100; ++i) controller.send(report);
        CHECK(controller.scanner.time_limit()->number == limit->number);
    }
}

TEST_CASE("scanner: answers that nobody asked for change nothing", "[drivers][ble]")
{
    Controller controller;
    controller.start();
    controller.asked.clear();
    const auto limit = controller.scanner.time_limit()->number;
    for (const auto* event :
         {"040e04 01 030c 00", "040e04 01 4220 0c", "040f04 01 01 4220", "040e03 01 0000",
          "04ff03 010203", "040f00", "040e00", "041000", "043e00", "0413 05 01 0100 0100"})
        controller.send(hex(event));
    CHECK(controller.asked.empty());
    CHECK(controller.phase() == DevicePhase::ready);
    CHECK(controller.scanner.time_limit()->number == limit);
}

TEST_CASE("scanner: a closed link is down and waits for nothing; opened again it starts afresh",
          "[drivers][ble]")
{
    Controller controller;
    controller.fails_status["2041"] = 0x01;
    controller.start();
    CHECK(controller.reason() == "scanning, legacy");
    controller.scanner.finish(controller.tell);
    CHECK(controller.phase() == DevicePhase::down);
    CHECK_FALSE(controller.scanner.time_limit().has_value());

    controller.fails_status.clear();
    controller.asked.clear();
    controller.start();
    CHECK(controller.asked == extended_start());
}

TEST_CASE("scanner: as a plain translator it only listens", "[drivers][ble]")
{
    const auto driver = drivers::make_ble_h4();
    CHECK(told(*driver, report, 3) == Lines{report_line});
}

TEST_CASE("scanner: with any byte of a session damaged it ends up scanning again", "[drivers][ble]")
{
    // Everything the controller says in a session, then one byte of it changed.
    Octets session;
    for (const auto* opcode : {"030c", "0110", "0210", "0320", "010c", "0120", "4120", "4220"})
        session = joined({session, hex("040e0401"), hex(opcode), hex("00")});
    session = joined({session, report, report});

    for (std::size_t at = 0; at < session.size(); ++at) {
        for (const unsigned flip : {0x01U, 0x80U, 0xffU}) {
            Octets damaged = session;
            damaged[at] ^= byte_of(flip);
            Controller controller;
            controller.silent = {"all"};
            controller.start();
            controller.send(damaged);
            controller.silent.clear();
            INFO("byte " << at << " xor " << flip);
            for (int i = 0; i < 40 && controller.phase() != DevicePhase::ready; ++i)
                controller.expire();
            CHECK(controller.phase() == DevicePhase::ready);
        }
    }
}

#include "tests/app/ctl/tool.hpp"
#include "tests/devices/shop_floor.hpp"
#include "tests/devices/terminal.hpp"
#include "tests/support/dice.hpp"

#include <catch2/catch.hpp>

#include <sys/stat.h>

#include <fstream>
#include <iostream>

/// `raitenctl doctor` at a store whose readers are ill, each in its own way.
using namespace raiten;
using namespace raiten::test;
using nlohmann::json;

namespace {

constexpr std::uint64_t seed = 20'261'122;

/// What it says about one reader: [{"check":…,"grade":…,"what":…,"advice":…}, …]
std::vector<json> findings(const Ran& ran, const std::string& about)
{
    std::vector<json> found;
    for (const auto& line : ran.lines()) {
        const auto finding = json::parse(line, nullptr, false);
        INFO(line);
        REQUIRE(finding.is_object());
        for (const char* part : {"check", "grade", "what", "advice"})
            CHECK(finding[part].is_string());
        if (finding["check"] == about) found.push_back(finding);
    }
    return found;
}

bool says(const json& finding, const std::string& grade, const std::string& what,
          const std::string& advice)
{
    INFO(finding.dump());
    return finding["grade"] == grade
           && finding["what"].get<std::string>().find(what) != std::string::npos
           && finding["advice"].get<std::string>().find(advice) != std::string::npos;
}

std::string line_section(const std::string& name, const std::string& path)
{
    return reader_section(name, "checkin-serial",
                          "format = \"rdm6300\"\ndevice = \"serial:" + path + "@9600\"\n");
}

}  // namespace

TEST_CASE("the doctor names the reader that is down, the one that garbles and the one that floods",
          "[devices][doctor]")
{
    std::cout << "doctor: seed " << seed << '\n';
    const TempFolder folder;
    const Terminal wrong_rate{folder.file("wrong-rate")};
    const auto script = folder.file("flood.sh");
    const auto go = folder.file("go");
    const auto enough = folder.file("enough");
    REQUIRE(::mkfifo(go.c_str(), 0600) == 0);
    std::ofstream{script} << "read line <" << go << "\nwhile [ ! -e " << enough << " ]; do\n"
                          << "awk 'BEGIN { for (i = 0; i < 20000; i++) print "
                          << R"("{\"type\":\"sighting\",\"reader\":\"flood\",)"
                          << R"(\"token\":\"ble:c0:00:00:00:00:01\"}" }')"
                          << "\ndone\nexec sleep 1000\n";
    ShopFloor floor{floor_rules() + line_section("gone", folder.file("gone"))
                    + line_section("mad", folder.file("wrong-rate"))
                    + reader_section("flood", "exec",
                                     "passive = true\nlines_a_second = 100000\n"
                                     "command = [\"/bin/sh\", \""
                                         + script + "\"]\n")};
    REQUIRE(floor.until_state("mad", "up"));
    stage::Dice dice{seed};
    std::string noise(100'000, '\0');
    for (char& c : noise) c = static_cast<char>(dice.below(256));
    wrong_rate.say(noise);
    REQUIRE(floor.until([&] { return floor.reader_metric("garbled_total", "mad") >= 10; }));
    // 5,001 in a second: a busy machine needs a while until it can hear so many.
    std::ofstream{go} << "go" << std::endl;
    REQUIRE(run_until(
        floor.io, [&] { return floor.reader_metric("flooded_total", "flood") > 0; },
        std::chrono::seconds{150}));
    std::ofstream{enough} << "\n";

    const auto ran = raitenctl({"doctor", "--json", "--config", floor.box.config()});
    CAPTURE(ran.out, ran.err);
    CHECK(ran.code == 1);

    const auto gone = findings(ran, "reader gone");
    REQUIRE(gone.size() == 1);
    CHECK(says(gone[0], "fail", "down", "plugged in"));
    CHECK(gone[0]["what"].get<std::string>().find("No such file") != std::string::npos);

    const auto mad = findings(ran, "reader mad");
    REQUIRE(mad.size() == 2);
    CHECK(says(mad[0], "warn", "nothing read since raitend started", "hold a known tag to it"));
    CHECK(says(mad[1], "warn", "garbling", "baud rate"));
    CHECK(says(mad[1], "warn", "mostly: no frame of a tag", "raitenctl decode"));

    const auto flood = findings(ran, "reader flood");
    REQUIRE(flood.size() == 2);
    CHECK(says(flood[0], "ok", "up", ""));
    CHECK(says(flood[1], "warn", "flooding", "jammer"));
    // The flood costs itself only: the store goes on.
    CHECK(floor.box.get("/readyz").status == 200);
    floor.box.enrol("ann", "card:1");
    CHECK(floor.box.post("/api/v1/checkins", R"({"token":"card:1"})").status == 200);
    CHECK(floor.box.stop() == 0);
}

TEST_CASE("the doctor finds nothing to fail where every reader is well", "[devices][doctor]")
{
    const TempFolder folder;
    const Terminal line{folder.file("line")};
    ShopFloor floor{floor_rules() + line_section("desk", folder.file("line"))};
    REQUIRE(floor.until_state("desk", "up"));
    const std::string frame =
        "\x02"
        "420012D68701\x03";
    line.say(frame);
    REQUIRE(floor.until_readings("desk", 1));
    const auto ran = raitenctl({"doctor", "--json", "--config", floor.box.config()});
    CAPTURE(ran.out, ran.err);
    CHECK(ran.code == 0);
    const auto desk = findings(ran, "reader desk");
    REQUIRE(desk.size() == 1);
    CHECK(says(desk[0], "ok", "up: the line is open", ""));
    CHECK(floor.box.stop() == 0);
}

#include "tests/devices/shop_floor.hpp"

#include <catch2/catch.hpp>

#include <sys/stat.h>
#include <fstream>

/// A store's own program as a reader, and a recording.
using namespace raiten;
using namespace raiten::test;

namespace {

std::string program_section(const std::string& script, const std::string& more = {})
{
    return reader_section("feed", "exec", "command = [\"/bin/sh\", \"" + script + "\"]\n" + more);
}

std::string content_of(const std::string& path)
{
    std::ifstream in{path};
    std::string text;
    std::getline(in, text);
    return text;
}

/// Gone, or dead and not yet buried by whoever inherited it.
bool is_over(const std::string& pid)
{
    std::ifstream stat{"/proc/" + pid + "/stat"};
    std::string text;
    if (!std::getline(stat, text)) return true;
    const auto name_end = text.rfind(") ");
    return name_end != text.npos && (text[name_end + 2] == 'Z' || text[name_end + 2] == 'X');
}

const std::string checkin = R"({"type":"checkin","reader":"feed","token":"card:)";

/// Writes its number into `pid` and stays.
std::string stay(const TempFolder& folder)
{
    return "echo $$ >" + folder.file("pid.new") + "\nmv " + folder.file("pid.new") + " "
           + folder.file("pid") + "\nexec sleep 1000\n";
}

}  // namespace

TEST_CASE("a program as a reader: its events count, its crash is told, it is started again",
          "[devices][exec]")
{
    const TempFolder folder;
    const auto script = folder.file("feed.sh");
    const auto ran = folder.file("ran");
    std::ofstream{script} << "echo 'the reader answers' >&2\n"
                          << "if [ ! -e " << ran << " ]; then\n"
                          << "  touch " << ran << "\n"
                          << "  echo '" << checkin << "1\"}'\n"
                          << "  echo 'no event at all'\n"
                          << "  echo '{\"type\":\"checkin\",\"reader\":\"feed\"}'\n"
                          << "  exit 3\n"
                          << "fi\n"
                          << "echo '" << checkin << "2\"}'\n"
                          << stay(folder);
    ShopFloor floor{floor_rules() + program_section(script)};
    floor.box.enrol("ann", "card:1");
    floor.box.enrol("ben", "card:2");

    // Before they were enrolled the cards were nobody's; what matters is what came through.
    REQUIRE(floor.until_readings("feed", 2));
    REQUIRE(floor.until_state("feed", "up"));
    CHECK(floor.counted("checkins") == 2);
    CHECK(floor.reader_metric("garbled_total", "feed") == 2);
    CHECK(reader_of(floor.box, "feed")["garbled"]["a line that is no event"] == 2);
    CHECK(floor.reader_metric("down_total", "feed") == 1);
    const auto log = floor.box.log();
    CHECK(log.find("ended with exit status 3") != log.npos);
    CHECK(log.find("the reader answers") != log.npos);
    CHECK(floor.box.stop() == 0);
}

TEST_CASE("a program's check-in opens a visit, and the program ends with raitend",
          "[devices][exec]")
{
    const TempFolder folder;
    const auto script = folder.file("feed.sh");
    const auto go = folder.file("go");
    const bool stubborn = GENERATE(false, true);
    const bool killed = GENERATE(false, true);
    CAPTURE(stubborn, killed);
    // Its events come through a pipe that the test holds the other end of.
    REQUIRE(::mkfifo(go.c_str(), 0600) == 0);
    std::ofstream{script} << (stubborn ? "trap '' TERM\n" : "") << "read line <" << go << "\n"
                          << "echo \"$line\"\n"
                          << stay(folder);
    ShopFloor floor{floor_rules() + program_section(script)};
    floor.box.enrol("ann", "card:1");
    REQUIRE(floor.until_state("feed", "up"));
    std::ofstream{go} << checkin << "1\"}" << std::endl;
    REQUIRE(floor.until_visit("ann"));
    CHECK(is_open_alone(visits_of(floor.box, "ann")));
    REQUIRE(floor.until([&] { return !content_of(folder.file("pid")).empty(); }));
    const auto pid = content_of(folder.file("pid"));
    CHECK_FALSE(is_over(pid));

    if (killed)
        floor.box.kill();
    else
        CHECK(floor.box.stop() == 0);
    CHECK(floor.until([&] { return is_over(pid); }));
}

TEST_CASE("a recording plays as it was, and says when it is over", "[devices][replay]")
{
    const TempFolder folder;
    const auto file = folder.file("tape.ndjson");
    std::ofstream out{file};
    const std::string sighting =
        R"(,"reader":"tape","token":"ibeacon:f7826da6-4fa2-4e98-8024-bc5b71e0893e/1/7","rssi":-60})";
    // The first second gives the test the time to enrol her.
    for (const char* at : {"00.000", "02.000", "02.400", "03.000"})
        out << R"({"type":"sighting","at":"2020-02-29T10:00:)" << at << "+09:00\"" << sighting
            << "\n";
    out << "torn li\n"
        << R"({"type":"receipt","at":"2020-02-29T10:00:03.500+09:00","pos":"reg-1",)"
        << R"("number":"7","kind":"sale","token":"card:1","total":"1280","currency":"JPY"})"
        << "\n";
    out.close();
    ShopFloor floor{
        floor_rules(soon_settled)
        + reader_section("tape", "replay",
                         "zone = \"entrance\"\npassive = true\nfile = \"" + file + "\"\n")};
    const auto began = floor.started_at();
    floor.box.enrol("ann", "ibeacon:f7826da6-4fa2-4e98-8024-bc5b71e0893e/1/7");
    REQUIRE(
        floor.until([&] { return reader_of(floor.box, "tape")["reason"] == "played to its end"; }));
    CHECK(reader_of(floor.box, "tape")["state"] == "down");
    CHECK(floor.counted("sightings") == 4);
    CHECK(floor.counted("receipts") == 1);
    CHECK(reader_of(floor.box, "tape")["garbled"]["a line that is no event with a time"] == 1);
    const auto visits = visits_of(floor.box, "ann");
    REQUIRE(visits.size() == 1);
    CHECK(visits[0]["zone"] == "entrance");
    // Now, and not when it was recorded; the same zone writes both times.
    CHECK(visits[0]["opened_at"].get<std::string>() >= began);
    CHECK(floor.box.stop() == 0);
}

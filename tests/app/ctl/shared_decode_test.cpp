#include "tests/app/ctl/tool.hpp"
#include "tests/drivers/ble/shared_data.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <set>

using namespace raiten::test;
using Json = nlohmann::json;

namespace {

bool is_blank(std::string_view text, std::size_t at, std::size_t& bytes)
{
    bytes = 1;
    if (static_cast<unsigned char>(text[at]) <= 0x20) return true;
    for (const std::string_view blank : {"\xc2\xa0", "\xe3\x80\x80"}) {
        if (text.substr(at, blank.size()) != blank) continue;
        bytes = blank.size();
        return true;
    }
    return false;
}

/// Without white space; of receiptline files also without rules and boxes, which the expected
/// texts draw with other characters than the streams.
std::string bare(std::string_view text, bool rules_too)
{
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t bytes = 0;
        if (is_blank(text, at, bytes)) {
            at += bytes;
            continue;
        }
        const auto three = text.substr(at, 3);
        const bool box = three.size() == 3 && three[0] == '\xe2'
                         && (three[1] == '\x94' || three[1] == '\x95' || three[1] == '\x96')
                         && three != "□";
        if (rules_too && (text[at] == '-' || text[at] == '|' || text[at] == '+')) {
            ++at;
        } else if (rules_too && box) {
            at += 3;
        } else {
            out += text[at++];
        }
    }
    return out;
}

/// The payload bytes that the expected row tells of must be in the report's data.
bool payload_agrees(const std::map<std::string, std::string>& row, const std::string& data)
{
    for (const auto* column :
         {"btcommon.eir_ad.entry.data", "btcommon.eir_ad.entry.service_data"}) {
        std::string part;
        for (const char c : row.at(column) + ";") {
            if (c != ';') {
                part += c;
            } else if (data.find(std::exchange(part, {})) == std::string::npos) {
                return false;
            }
        }
    }
    return true;
}

}  // namespace

TEST_CASE("decode --raw: recorded captures as tshark reads them", "[shared][decode]")
{
    const auto folder = shared_folder("data/captures/ble/captures");
    if (!folder) return;
    std::size_t captures = 0;
    for (const auto& entry : std::filesystem::directory_iterator{*folder}) {
        const auto kind = entry.path().extension();
        if (kind != ".btsnoop" && kind != ".pklg") continue;
        ++captures;
        const auto name = entry.path().filename().string();
        CAPTURE(name);
        const auto rows = read_csv(read_gz(entry.path().string() + ".expected.csv.gz"));
        const auto ran = raitenctl(
            {"decode", "--raw", kind == ".pklg" ? "pklg" : "btsnoop", entry.path().string()});
        CHECK(ran.code == 0);
        CHECK(ran.err.empty());
        const auto lines = ran.lines();
        REQUIRE(lines.size() == rows.size());
        std::size_t differ = 0;
        std::size_t not_reached = 0;
        for (std::size_t i = 0; i < lines.size(); ++i) {
            const auto line = Json::parse(lines[i]);
            const auto& row = rows[i];
            const auto rssi = line["rssi"].is_null() ? "127" : line["rssi"].dump();
            // Two reports with a list that claims more than there is: tshark runs past the RSSI.
            const bool malformed = row.at("bthci_evt.rssi").empty();
            if (malformed) ++not_reached;
            const bool same =
                line["address"] == row.at("bthci_evt.bd_addr")
                && (malformed
                    || (rssi == row.at("bthci_evt.rssi") && payload_agrees(row, line["data"])));
            if (!same) UNSCOPED_INFO("report " << i << ": " << lines[i]);
            if (!same) ++differ;
        }
        CHECK(differ == 0);
        CHECK(not_reached == (name.starts_with("android_scan_microsoft_h2o") ? 2 : 0));
        std::printf("%-42s %6zu reports, %zu differ\n", name.c_str(), lines.size(), differ);
    }
    CHECK(captures >= 8);
}

TEST_CASE("decode --raw: recorded air as tshark reads it, without the damaged frames",
          "[shared][decode]")
{
    const auto folder = shared_folder("data/captures/ble/captures");
    if (!folder) return;
    std::size_t captures = 0;
    for (const auto& entry : std::filesystem::directory_iterator{*folder}) {
        const auto kind = entry.path().extension();
        if (kind != ".pcap" && kind != ".pcapng") continue;
        ++captures;
        const auto name = entry.path().filename().string();
        CAPTURE(name);
        // What each sound frame must say; either format's name reads both kinds of file.
        std::multiset<std::string> expected;
        for (const auto& row : read_csv(read_gz(entry.path().string() + ".expected.csv.gz"))) {
            const auto& nordic = row.at("nordic_ble.rssi");
            expected.insert(row.at("btle.advertising_address") + " "
                            + (nordic.empty() ? row.at("btle_rf.signal_dbm") : nordic));
        }
        const auto ran = raitenctl({"decode", "--raw", "pcap", entry.path().string()});
        CHECK(ran.code == 0);
        CHECK(raitenctl({"decode", "--raw", "pcapng", entry.path().string()}).out == ran.out);
        const auto lines = ran.lines();
        CHECK_FALSE(lines.empty());
        std::size_t strange = 0;
        for (const auto& text : lines) {
            const auto line = Json::parse(text);
            const auto found =
                expected.find(line["address"].get<std::string>() + " " + line["rssi"].dump());
            if (found == expected.end()) {
                UNSCOPED_INFO(text);
                ++strange;
            } else {
                expected.erase(found);
            }
            // A name with a damaged letter, "TesuPhone9", must not come through.
            CHECK(line["data"].get<std::string>().find("5465737550686f6e6539")
                  == std::string::npos);
        }
        CHECK(strange == 0);
        const bool damaged = ran.err.find("air frame with a wrong checksum") != std::string::npos;
        CHECK(damaged == name.starts_with("mitll"));
        std::printf("%-62s %5zu reports\n", name.c_str(), lines.size());
    }
    CHECK(captures >= 3);
}

TEST_CASE("decode --raw escpos: the text on recorded paper", "[shared][decode]")
{
    const auto folder = shared_folder("data/captures/escpos");
    if (!folder) return;
    std::size_t files = 0;
    std::size_t alike = 0;
    for (const auto& entry : std::filesystem::directory_iterator{*folder}) {
        if (entry.path().extension() != ".bin") continue;
        const auto name = entry.path().stem().string();
        // Its expected text has Vietnamese and Thai as the CP437 that its maker fell back to.
        if (name == "php_character-encodings") continue;
        ++files;
        CAPTURE(name);
        const auto ran = raitenctl({"decode", "--raw", "escpos", entry.path().string()});
        CHECK(ran.code == 0);
        std::string text;
        for (const auto& line : ran.lines()) {
            const auto slip = Json::parse(line);
            for (const auto& printed : slip["text"]) text += printed.get<std::string>() + "\n";
        }
        const bool rules = name.starts_with("receiptline_");
        const auto expected = Scratch::content(entry.path().string() + ".expected.txt");
        CHECK(bare(text, rules) == bare(expected, rules));
        if (bare(text, rules) == bare(expected, rules)) ++alike;
    }
    std::printf("escpos: %zu of %zu texts alike\n", alike, files);
    CHECK(files >= 31);
}

#include "tests/drivers/gateway/heard.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

using namespace raiten;
using namespace raiten::drivers;
using namespace raiten::test;

namespace {

const std::map<std::string, Make> formats{
    {"openmqttgateway", &make_openmqttgateway},
    {"espresense", &make_espresense},
    {"minew", &make_minew},
    {"raddec", &make_raddec},
    {"ingics", &make_ingics},
};

/// What stands in the fuzzers' corpus: small inputs made by hand.
std::vector<std::string> corpus(const std::string& format)
{
    namespace fs = std::filesystem;
    std::vector<std::string> inputs;
    for (const auto& entry :
         fs::directory_iterator{fs::path{RAITEN_SOURCE_DIR} / "tests/fuzz/corpus" / format}) {
        std::ifstream file{entry.path(), std::ios::binary};
        inputs.emplace_back(std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{});
    }
    return inputs;
}

std::size_t count(const Lines& lines, const std::string& one)
{
    return static_cast<std::size_t>(std::count(lines.begin(), lines.end(), one));
}

}  // namespace

TEST_CASE("gateways tell the same wherever the stream is cut")
{
    for (const auto& [format, make] : formats) {
        const auto inputs = corpus(format);
        CHECK(inputs.size() >= 5);
        std::size_t seen = 0;
        for (const auto& input : inputs) {
            const auto whole = heard(make, input);
            seen += seen_only(whole).size();
            for (const std::size_t chunk : {1U, 2U, 3U, 7U, 16U, 61U}) {
                INFO(format << " in pieces of " << chunk << ": " << input);
                CHECK(heard(make, input, {}, chunk) == whole);
            }
        }
        CHECK(seen >= 5);
    }
}

TEST_CASE("gateways survive damage to any byte, and go on after it")
{
    const std::string after =
        "\n$GPRP,C0FFEEC0FFEE,C82B96AE3B04,-50,020106\n"
        "z/devices/C0FFEEC0FFEE/z {\"id\":\"C0FFEEC0FFEE\",\"mac\":"
        "\"C0FFEEC0FFEE\",\"transmitterId\":\"C0FFEEC0FFEE\"}\n";
    std::size_t tried = 0;
    for (const auto& [format, make] : formats) {
        for (const auto& input : corpus(format)) {
            if (input.size() > 2'000) continue;
            const auto translator = make({});
            for (std::size_t at = 0; at < input.size(); ++at) {
                for (const char bad : {'\0', '\n', '"', '{', ']', '\\', '\xff', ','}) {
                    std::string damaged = input;
                    damaged[at] = bad;
                    ++tried;
                    Lines lines;
                    const Tell tell = [&](const Reading& reading) {
                        lines.push_back(line(reading));
                    };
                    translator->feed(bytes_of(damaged + after + after), tell);
                    translator->finish(tell);
                    const bool found = count(lines, "seen ble:c0:ff:ee:c0:ff:ee ?")
                                           + count(lines, "seen ble:c0:ff:ee:c0:ff:ee -50")
                                       >= 1;
                    if (!found) {
                        CAPTURE(format, at, static_cast<int>(bad), input, lines);
                        REQUIRE(found);
                    }
                }
            }
        }
    }
    CHECK(tried > 10'000);
}

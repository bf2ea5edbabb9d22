#include "drivers/ble/btsnoop.hpp"
#include "drivers/ble/packetlogger.hpp"
#include "drivers/ble/pcap.hpp"
#include "tests/fuzz/capture_oracle.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

using namespace raiten;

namespace {

/// Every file of a capture's corpus tells the same packets, in pieces of every size.
template <class Reader>
void check(const std::string& target)
{
    const auto folder =
        std::filesystem::path{RAITEN_SOURCE_DIR} / "tests" / "fuzz" / "corpus" / target;
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator{folder}) {
        std::ifstream file{entry.path(), std::ios::binary};
        const std::string text{std::istreambuf_iterator<char>{file}, {}};
        const auto bytes = std::as_bytes(std::span{text.data(), text.size()});
        const auto whole = fuzz::capture_text<Reader>(bytes, bytes.size());
        for (std::size_t piece = 1; piece < std::min<std::size_t>(bytes.size(), 400); ++piece) {
            INFO(entry.path().filename() << " in pieces of " << piece);
            if (fuzz::capture_text<Reader>(bytes, piece) != whole) FAIL();
        }
        ++files;
    }
    CHECK(files > 0);
}

}  // namespace

TEST_CASE("capture: the corpus tells the same however it is cut, damaged files too",
          "[drivers][ble]")
{
    check<drivers::ble::Btsnoop>("btsnoop");
    check<drivers::ble::PacketLogger>("pklg");
    check<drivers::ble::Pcap>("pcap");
}

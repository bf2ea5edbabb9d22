#include "drivers/translator.hpp"

#include <catch2/catch.hpp>

#include <vector>

namespace raiten::drivers {
namespace {

/// A device that says one byte for each card, and has nothing half read when it ends.
class OneByte : public Translator {
 public:
    void feed(std::span<const std::byte> bytes, const Tell& tell) override
    {
        for (const auto byte : bytes)
            tell(TokenShown{"card:" + std::to_string(std::to_integer<int>(byte)), {}});
    }
};

}  // namespace

TEST_CASE("translator: the end of a stream tells nothing unless something was half read",
          "[drivers]")
{
    std::vector<Reading> told;
    OneByte device;
    device.feed(std::vector{std::byte{7}},
                [&](const Reading& reading) { told.push_back(reading); });
    REQUIRE(told.size() == 1);
    CHECK(std::get<TokenShown>(told[0]).token == "card:7");
    device.finish([&](const Reading& reading) { told.push_back(reading); });
    CHECK(told.size() == 1);
}

}  // namespace raiten::drivers

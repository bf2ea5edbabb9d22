#include "tests/faults/quick_store.hpp"
#include "tests/faults/shop_script.hpp"
#include "tests/support/controller.hpp"

#include <catch2/catch.hpp>

#include <csignal>
#include <map>
#include <optional>

/// A deaf reader is not a departure, and neither is a restart.
///
///     badge    ===================================  (never leaves the radio)
///     radio    ======            ================   or raitend itself
///     visit    ===== frozen .....================   one visit, opened once
using namespace raiten;
using namespace raiten::test;

namespace {

/// A shop with one radio, beside which a member's badge lies.
struct Shop {
    Shop() : box{StoreBox::Clock::system, quick_rules + radio_section()}
    {
        box.start();
        box.enrol("m", badge);
        put_radio();
    }

    void put_radio()
    {
        stage::ControllerSettings settings;
        settings.loop = true;
        radio.emplace(io.get_executor(), settings, badge_at_the_radio(std::chrono::seconds{3}));
        const auto listening = radio->listen(wire::UnixAddress{socket_folder.file("radio.sock")});
        if (!listening) FAIL(listening.error().text());
    }
    void take_radio()
    {
        radio->stop();
        radio.reset();
    }

    bool until(const std::function<bool()>& condition)
    {
        return run_until(io, condition, std::chrono::seconds{40});
    }
    std::size_t readings() const { return reader_of(box, "radio")["readings"]; }
    std::string radio_state() const { return reader_of(box, "radio")["state"]; }
    /// Until something new was heard of the badge.
    bool heard_again()
    {
        const auto before = readings();
        return until([&] { return readings() > before + 5; });
    }

    /// How often each type of effect came in all of the store's life.
    std::map<std::string, int> effects()
    {
        box.enrol("last", "card:1");
        const auto shown = box.post("/api/v1/checkins", R"({"token":"card:1"})");
        REQUIRE(shown.status == 200);
        std::map<std::string, int> times;
        const auto last = [&](const std::string& data) {
            const auto effect = nlohmann::json::parse(data);
            const bool theirs = effect["data"].value("member", "") == "m";
            if (theirs) ++times[effect["type"]];
            return effect["data"].value("member", "") == "last";
        };
        box.stream(0, last);
        return times;
    }

    std::string radio_section() const
    {
        return "[[reader]]\nname = \"radio\"\nzone = \"entrance\"\ndriver = \"ble-h4\"\n"
               "device = \"unix:"
               + socket_folder.file("radio.sock") + "\"\n";
    }

    TempFolder socket_folder;
    boost::asio::io_context io;
    StoreBox box;
    std::optional<stage::Controller> radio;
};

bool is_open(const nlohmann::json& visits)
{
    return visits.size() == 1 && visits[0]["state"] == "open";
}

}  // namespace

TEST_CASE("a radio that is away for longer than exit_timeout freezes the visit", "[faults]")
{
    Shop shop;
    REQUIRE(shop.until([&] { return is_open(visits_of(shop.box, "m")); }));
    const auto visit = visits_of(shop.box, "m")[0]["visit"];

    shop.take_radio();
    REQUIRE(shop.until([&] { return shop.radio_state() != "up"; }));
    let_pass(shop.io, longer_than_exit_timeout);
    CHECK(is_open(visits_of(shop.box, "m")));

    shop.put_radio();
    REQUIRE(shop.until([&] { return shop.radio_state() == "up"; }));
    REQUIRE(shop.heard_again());
    const auto now = visits_of(shop.box, "m");
    CHECK(is_open(now));
    CHECK(now[0]["visit"] == visit);
    auto effects = shop.effects();
    CHECK(effects["raiten.visit.opened.v1"] == 1);
    CHECK(effects["raiten.visit.ended.v1"] == 0);
    CHECK(effects["raiten.return.detected.v1"] == 0);

    // And who really goes is seen going: the radio is there, the badge is not.
    shop.take_radio();
    shop.radio.emplace(shop.io.get_executor(), stage::ControllerSettings{},
                       badge_at_the_radio(std::chrono::seconds{1}));
    const auto listening =
        shop.radio->listen(wire::UnixAddress{shop.socket_folder.file("radio.sock")});
    REQUIRE(listening.has_value());
    CHECK(shop.until([&] { return visits_of(shop.box, "m")[0]["state"] == "settled"; }));
    CHECK(visits_of(shop.box, "m").size() == 1);
    CHECK(shop.box.stop() == 0);
}

TEST_CASE("raitend away for longer than exit_timeout: the same visit goes on", "[faults]")
{
    Shop shop;
    REQUIRE(shop.until([&] { return is_open(visits_of(shop.box, "m")); }));
    REQUIRE(shop.heard_again());
    const auto visit = visits_of(shop.box, "m")[0]["visit"];

    SECTION("stopped in good order")
    {
        // The controller is served by this thread, so it is only asked to end here.
        shop.box.signal(SIGTERM);
        CHECK(shop.box.stop() == 0);
    }
    SECTION("killed")
    {
        shop.box.kill();
    }
    let_pass(shop.io, longer_than_exit_timeout);
    shop.box.start();
    CHECK(is_open(visits_of(shop.box, "m")));
    REQUIRE(shop.until([&] { return shop.radio_state() == "up"; }));
    REQUIRE(shop.heard_again());
    let_pass(shop.io, longer_than_exit_timeout);

    const auto now = visits_of(shop.box, "m");
    REQUIRE(now.size() == 1);
    CHECK(now[0]["state"] == "open");
    CHECK(now[0]["visit"] == visit);
    auto effects = shop.effects();
    CHECK(effects["raiten.visit.opened.v1"] == 1);
    CHECK(effects["raiten.visit.ended.v1"] == 0);
    CHECK(effects["raiten.return.detected.v1"] == 0);
    CHECK(shop.box.stop() == 0);
}

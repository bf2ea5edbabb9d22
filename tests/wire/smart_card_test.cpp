#include "daemon/wire/smart_card.hpp"

#include "daemon/base/hex.hpp"
#include "tests/wire/card_room.hpp"
#include "tests/wire/loop.hpp"

#include <catch2/catch.hpp>

#include <signal.h>

#include <algorithm>
#include <vector>

using namespace raiten;
using namespace raiten::wire;
using raiten::test::CardRoom;
using raiten::test::run_until;
using raiten::test::VirtualCard;
namespace net = boost::asio;

namespace {

/// What happened at the readers, in order, as words.
struct Told {
    std::vector<std::string> all;
    std::string atr;

    SmartCardCallbacks callbacks()
    {
        SmartCardCallbacks on;
        on.on_up = [this](const auto& reader) { all.push_back("up " + reader); };
        on.on_card = [this](const auto&, auto atr_bytes, auto answer) {
            atr = to_hex(atr_bytes);
            all.push_back("card " + to_hex(answer));
        };
        on.on_unread = [this](const auto&, const auto& why) { all.push_back("unread " + why); };
        on.on_removed = [this](const auto&) { all.push_back("removed"); };
        on.on_down = [this](const auto& reason) { all.push_back("down " + reason); };
        return on;
    }
    bool has(std::string_view beginning, std::ptrdiff_t times = 1) const
    {
        return std::count_if(all.begin(), all.end(),
                             [&](const auto& word) { return word.starts_with(beginning); })
               >= times;
    }
    /// As everywhere, but a failure says what was told.
    bool run_until(net::io_context& io, const std::function<bool()>& done) const
    {
        const bool good = raiten::test::run_until(io, done);
        if (!good) WARN("told so far:\n" << text());
        return good;
    }
    std::string text() const
    {
        std::string lines;
        for (const auto& word : all) lines += word + '\n';
        return lines;
    }
    std::string last() const { return all.empty() ? "" : all.back(); }
};

SmartCardLimits quick()
{
    SmartCardLimits limits;
    limits.back_off_min = Millis{5};
    limits.back_off_max = Millis{50};
    return limits;
}

VirtualCard::Manners felica()
{
    return {{0x01, 0x2E, 0x48, 0xC1, 0x5A, 0x00, 0x7B, 0x11, 0x90, 0x00}};
}

/// The room, for one story: pcscd is gone when it ends.
struct Shop {
    Shop()
    {
        if (!one().why_not().empty())
            WARN("skipped: this machine cannot have a pcscd of its own: " << one().why_not());
    }
    ~Shop() { one().stop_pcscd(SIGKILL); }
    explicit operator bool() const { return one().why_not().empty(); }
    CardRoom* operator->() const { return &one(); }

 private:
    static CardRoom& one()
    {
        static CardRoom room;
        return room;
    }
};

}  // namespace

TEST_CASE("cards: a card is read once, while it lies there, and again when it comes again",
          "[wire][cards]")
{
    const Shop shop;
    if (!shop) return;
    net::io_context io;
    shop->start_pcscd();
    Told told;
    SmartCard reader{io.get_executor(), "virtual pcd 00 00", quick(), told.callbacks()};
    REQUIRE(reader.start().has_value());
    REQUIRE(told.run_until(io, [&] { return reader.up(); }));
    CHECK(told.last() == "up Virtual PCD 00 00");
    for (unsigned visit = 1; visit <= 2; ++visit) {
        const auto card = shop->lay_down(felica());
        REQUIRE(card);
        REQUIRE(told.run_until(io, [&] { return told.has("card", visit); }));
        CHECK(told.last() == "card 012e48c15a007b119000");
        CHECK(told.atr == "3b8f8001804f0ca000000306030001000000006a");
        CHECK(card->asked() == 1);
    }
    REQUIRE(told.run_until(io, [&] { return told.has("removed", 2); }));
    CHECK(reader.counters().cards == 2);
    reader.stop();
    shop->stop_pcscd(SIGTERM);
    io.restart();
    io.run();  // ends: nothing is left waiting
}

TEST_CASE("cards: a card without a number, and one that leaves too soon", "[wire][cards]")
{
    const Shop shop;
    if (!shop) return;
    net::io_context io;
    shop->start_pcscd();
    Told told;
    SmartCard reader{io.get_executor(), "", quick(), told.callbacks()};
    REQUIRE(reader.start().has_value());
    REQUIRE(
        told.run_until(io, [&] { return told.has("up", 2); }));  // the virtual one has two slots
    {
        const auto contact = shop->lay_down({{0x6A, 0x81}});
        REQUIRE(told.run_until(io, [&] { return told.has("card 6a81"); }));
    }
    REQUIRE(told.run_until(io, [&] { return told.has("removed", 1); }));
    {
        auto hasty = felica();
        hasty.leave_when_asked = true;
        const auto card = shop->lay_down(hasty);
        REQUIRE(told.run_until(io, [&] { return told.has("unread"); }));
        REQUIRE(told.run_until(io, [&] { return told.has("removed", 2); }));
    }
    {
        const auto good = shop->lay_down(felica());
        REQUIRE(told.run_until(io, [&] { return told.has("card 012e"); }));
    }
    CHECK(reader.counters().unread == 1);
    reader.stop();
}

TEST_CASE("cards: pcscd absent, started, killed, and started again", "[wire][cards]")
{
    const Shop shop;
    if (!shop) return;
    net::io_context io;
    Told told;
    SmartCard reader{io.get_executor(), "Virtual PCD 00 00", quick(), told.callbacks()};
    REQUIRE(reader.start().has_value());
    REQUIRE(told.run_until(io, [&] { return told.has("down"); }));
    CHECK(told.last().starts_with("down pcscd does not run"));
    for (unsigned life = 1; life <= 3; ++life) {
        shop->start_pcscd();
        REQUIRE(told.run_until(io, [&] { return told.has("up", life); }));
        const auto card = shop->lay_down(felica());
        REQUIRE(told.run_until(io, [&] { return told.has("card", life); }));
        shop->stop_pcscd(life == 2 ? SIGTERM : SIGKILL);
        REQUIRE(told.run_until(io, [&] { return told.has("down", life + 1); }));
        CHECK_FALSE(reader.up());
    }
    // The reason may change while pcscd goes ("does not run"), but it is not told at each attempt.
    CHECK(reader.counters().downs <= 10);
}

TEST_CASE("cards: a reader of another name is named in the reason", "[wire][cards]")
{
    const Shop shop;
    if (!shop) return;
    net::io_context io;
    shop->start_pcscd();
    Told told;
    SmartCard reader{io.get_executor(), "ACR122", quick(), told.callbacks()};
    REQUIRE(reader.start().has_value());
    REQUIRE(told.run_until(io, [&] { return told.has("down no card reader has 'ACR122'"); }));
    CHECK(told.last().find("there is 'Virtual PCD") != std::string::npos);
    reader.stop();
}

TEST_CASE("cards: a pcscd that hangs is told, and holds up neither the loop nor the end",
          "[wire][cards]")
{
    const Shop shop;
    if (!shop) return;
    net::io_context io;
    shop->start_pcscd();
    Told told;
    auto limits = quick();
    limits.answer_max = Millis{400};
    limits.stop_wait = Millis{50};
    SmartCard reader{io.get_executor(), "Virtual PCD 00 00", limits, told.callbacks()};
    REQUIRE(reader.start().has_value());
    REQUIRE(told.run_until(io, [&] { return reader.up(); }));
    ::kill(shop->pcscd(), SIGSTOP);
    REQUIRE(told.run_until(io, [&] { return told.has("down pcscd does not answer"); }));
    CHECK_FALSE(reader.up());
    ::kill(shop->pcscd(), SIGCONT);
    REQUIRE(told.run_until(io, [&] { return told.has("up", 2); }));
    ::kill(shop->pcscd(), SIGSTOP);
    REQUIRE(told.run_until(io, [&] { return told.has("down pcscd does not answer", 2); }));
    const auto begin = std::chrono::steady_clock::now();
    reader.stop();
    CHECK(std::chrono::steady_clock::now() - begin < Millis{2'000});
    shop->stop_pcscd(SIGKILL);
}

TEST_CASE("cards: it may be destroyed from within any of its callbacks", "[wire][cards]")
{
    const Shop shop;
    if (!shop) return;
    for (const int when : {0, 1, 2, 3}) {
        net::io_context io;
        shop->start_pcscd();
        std::unique_ptr<SmartCard> reader;
        unsigned after = 0;
        const auto destroy = [&](int moment) {
            if (!reader) ++after;
            if (moment == when) reader.reset();
        };
        SmartCardCallbacks on;
        on.on_up = [&](const auto&) { destroy(0); };
        on.on_card = [&](const auto&, auto, auto) { destroy(1); };
        on.on_removed = [&](const auto&) { destroy(2); };
        bool killed = false;
        on.on_down = [&](const auto&) {
            if (killed) destroy(3);
        };
        reader = std::make_unique<SmartCard>(io.get_executor(), "Virtual PCD 00 00", quick(),
                                             std::move(on));
        REQUIRE(reader->start().has_value());
        if (when == 1 || when == 2) {
            auto card = shop->lay_down(felica());
            REQUIRE(run_until(io, [&] { return !reader || reader->counters().cards == 1; }));
            card.reset();
        }
        if (when == 3) {
            REQUIRE(run_until(io, [&] { return reader->up(); }));
            killed = true;
            shop->stop_pcscd(SIGKILL);
        }
        REQUIRE(run_until(io, [&] { return !reader; }));
        io.restart();
        io.run();  // ends: nothing of it is left waiting
        CHECK(after == 0);
        shop->stop_pcscd(SIGTERM);
    }
}

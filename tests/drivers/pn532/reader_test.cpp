#include "drivers/pn532/reader.hpp"

#include "drivers/pn532/presence.hpp"
#include "tests/drivers/pn532/framed.hpp"

#include <deque>
#include <map>
#include <set>

using namespace raiten;
using namespace raiten::test;
using drivers::DevicePhase;
using drivers::pn532::Presence;
using drivers::pn532::Reader;

namespace {

const std::string poll_a = "4a0100";
const std::string poll_212 = "4a010100ffff0100";
const std::string poll_424 = "4a010200ffff0100";
const Octets nobody = hex("00");
const Octets anna = hex("0101004400070416c6c2d73881");
const Octets bert_212 = hex("010114010140111111 11b660 01188b868fbecbff 8008");
const Octets bert_424 = hex("010114012140111111 11b660 01188b868fbecbff 8008");

/// A module at the other end of the reader's wire: it answers as it is told, when `run` is called,
/// never from within `say`.
struct Module {
    Reader reader;
    std::deque<Octets> inbox;
    Lines asked;  ///< commands in hex, from behind D4
    Lines told;
    std::map<std::string, Octets> answers{{"140100"
                                           "00",
                                           {}},
                                          {"02", hex("32010607")},
                                          {"320500"
                                           "0102",
                                           {}},
                                          {"5200", hex("00")},
                                          {poll_a, nobody},
                                          {poll_212, nobody},
                                          {poll_424, nobody}};
    std::set<std::string> silent;   ///< "all", or commands
    std::set<std::string> refuses;  ///< with an error frame
    unsigned nacks{};               ///< how many commands it does not get whole
    std::size_t chunk{1000};

    drivers::Say say = [this](std::span<const std::byte> bytes) {
        inbox.emplace_back(bytes.begin(), bytes.end());
    };
    drivers::Tell tell = [this](const Reading& reading) { told.push_back(line(reading)); };

    void start()
    {
        reader.start(say);
        run();
    }
    void run()
    {
        while (!inbox.empty()) {
            const Octets said = inbox.front();
            inbox.pop_front();
            if (said[0] == std::byte{0x55}) continue;  // waking up
            hear(said);
        }
    }
    void hear(const Octets& said)
    {
        REQUIRE(said.size() >= 8);
        const Octets command(said.begin() + 5, said.end() - 2);
        REQUIRE(said == framed(command));
        REQUIRE(command[0] == std::byte{0xD4});
        const std::string name = to_hex(std::span{command}.subspan(1));
        asked.push_back(name);
        if (silent.contains("all") || silent.contains(name)) return;
        if (nacks > 0) {
            --nacks;
            return send(hex("0000ffff0000"));
        }
        send(ack());
        if (refuses.contains(name)) return send(hex("0000ff01ff7f8100"));
        const Octets code{std::byte{0xD5},
                          static_cast<std::byte>(std::to_integer<unsigned>(command[1]) + 1)};
        REQUIRE(answers.contains(name));
        send(framed(joined({code, answers[name]})));
    }
    void send(const Octets& bytes)
    {
        std::span<const std::byte> left{bytes};
        for (; !left.empty(); left = left.subspan(std::min(chunk, left.size())))
            reader.feed(left.first(std::min(chunk, left.size())), tell, say);
    }
    void expire()
    {
        REQUIRE(reader.time_limit().has_value());
        reader.expired(tell, say);
        run();
    }
    /// A whole round of polls, from the rest before the first to the rest before the next.
    void round()
    {
        for (int i = 0; i < 3; ++i) expire();
    }
    Lines news()
    {
        Lines out;
        std::swap(out, told);
        return out;
    }
    DevicePhase phase() const { return reader.state().phase; }
    std::string reason() const { return reader.state().reason; }
};

const Lines opening{"14010000", "02",
                    "320500"
                    "0102",
                    poll_a};
const Lines with_release{"14010000", "02",
                         "320500"
                         "0102",
                         poll_a, "5200"};
const std::string anna_shown = "shown nfc:0416c6c2d73881";
const std::string bert_shown = "shown felica:014011111111b660";

/// A module that was opened and stands before the first poll of a round.
void open(Module& module)
{
    module.start();
    module.expire();
    module.expire();
    module.asked.clear();
    module.told.clear();
}

}  // namespace

TEST_CASE("pn532: a module is woken, set up and polled in turn", "[drivers][pn532]")
{
    for (const std::size_t chunk : {1U, 2U, 1000U}) {
        Module module;
        module.chunk = chunk;
        CHECK(module.phase() == DevicePhase::down);
        module.start();
        CHECK(module.asked == opening);
        CHECK(module.phase() == DevicePhase::ready);
        CHECK(module.reason() == "polling, PN532 firmware 1.6");
        CHECK(module.reader.time_limit()->span == Reader::rest_span);
        module.asked.clear();
        module.round();
        CHECK(module.asked == Lines{poll_212, poll_424, poll_a});
        CHECK(module.told.empty());
    }
}

TEST_CASE("pn532: the first thing said wakes a module that sleeps", "[drivers][pn532]")
{
    Module module;
    module.reader.start(module.say);
    REQUIRE(module.inbox.size() == 2);
    CHECK(module.inbox[0][0] == std::byte{0x55});
    CHECK(module.phase() == DevicePhase::starting);
    CHECK(module.reader.time_limit()->span == Reader::answer_span);
}

TEST_CASE("pn532: a card is told when it comes, and again only after it was away",
          "[drivers][pn532]")
{
    Module module;
    open(module);
    module.answers[poll_a] = anna;
    module.expire();
    CHECK(module.asked == Lines{poll_a, "5200"});  // released, so that it answers the next poll
    CHECK(module.news() == Lines{anna_shown});
    for (int i = 0; i < 20; ++i) module.round();
    CHECK(module.news().empty());

    // It misses some rounds, as resting cards do.
    module.answers[poll_a] = nobody;
    for (unsigned i = 1; i < Presence::absent_rounds; ++i) module.round();
    module.answers[poll_a] = anna;
    module.round();
    CHECK(module.news().empty());

    module.answers[poll_a] = nobody;
    for (unsigned i = 0; i <= Presence::absent_rounds; ++i) module.round();
    module.answers[poll_a] = anna;
    module.round();
    CHECK(module.news() == Lines{anna_shown});
}

TEST_CASE("pn532: a FeliCa card is one card, at whatever speed and system it answers",
          "[drivers][pn532]")
{
    Module module;
    open(module);
    module.answers[poll_212] = bert_212;
    module.answers[poll_424] = bert_424;
    module.answers[poll_a] = anna;
    module.round();
    module.round();
    CHECK(module.news() == Lines{anna_shown, bert_shown});
}

TEST_CASE("pn532: a phone that draws its number anew is told once while it lies there",
          "[drivers][pn532]")
{
    Module module;
    open(module);
    for (unsigned i = 0; i < 10; ++i) {
        module.answers[poll_a] =
            joined({hex("01010004200408a1b2"), {static_cast<std::byte>(i)}, hex("0578807002")});
        module.round();
    }
    CHECK(module.news() == Lines{"garbled 4: a random card number"});
}

TEST_CASE("pn532: a module that does not answer is woken again, then after growing pauses",
          "[drivers][pn532]")
{
    Module module;
    module.silent = {"all"};
    module.start();
    for (unsigned i = 0; i < Reader::quick_tries; ++i) {
        CHECK(module.phase() == DevicePhase::starting);
        module.expire();
    }
    CHECK(module.asked == Lines(1 + Reader::quick_tries, "14010000"));
    Millis pause = Reader::pause_min;
    for (int i = 0; i < 8; ++i) {
        module.expire();
        CHECK(module.phase() == DevicePhase::down);
        CHECK(module.reason() == "no answer from the module");
        CHECK(module.reader.time_limit()->span == std::min(pause, Reader::pause_max));
        pause *= 2;
        module.expire();
        CHECK(module.phase() == DevicePhase::starting);
    }
    module.silent.clear();
    module.expire();
    module.expire();
    CHECK(module.phase() == DevicePhase::ready);
}

TEST_CASE("pn532: unplugged in the middle, it comes back, and a resting card is not news",
          "[drivers][pn532]")
{
    Module module;
    open(module);
    module.answers[poll_a] = anna;
    module.round();
    CHECK(module.news() == Lines{anna_shown});
    module.silent = {"all"};
    module.expire();
    module.expire();
    CHECK(module.phase() == DevicePhase::starting);
    module.silent.clear();
    module.expire();
    CHECK(module.phase() == DevicePhase::ready);
    module.round();
    CHECK(module.news().empty());
}

TEST_CASE("pn532: refusals and nonsense begin anew, nacks repeat", "[drivers][pn532]")
{
    Module module;
    SECTION("a refused command")
    {
        open(module);
        module.refuses = {poll_a};
        module.reader.expired(module.tell, module.say);
        module.hear(module.inbox.front());
        module.refuses.clear();
        module.inbox.pop_front();
        CHECK(module.reason() == "the module refused a command");
        module.run();
        CHECK(module.phase() == DevicePhase::ready);
    }
    SECTION("an answer that makes no sense")
    {
        open(module);
        module.answers[poll_a] = hex("05");
        module.reader.expired(module.tell, module.say);
        module.hear(module.inbox.front());
        module.inbox.pop_front();
        module.answers[poll_a] = nobody;
        CHECK(module.news() == Lines{"garbled 1: a PN532 answer with more cards than it can hold"});
        CHECK(module.phase() == DevicePhase::starting);
        module.run();
        CHECK(module.phase() == DevicePhase::ready);
    }
    SECTION("nacks")
    {
        module.nacks = 2;
        module.start();
        CHECK(module.phase() == DevicePhase::ready);
        CHECK(module.asked[2] == "14010000");
    }
    SECTION("nothing but nacks")
    {
        module.nacks = 1'000'000;
        module.start();
        CHECK(module.asked == Lines(1 + Reader::repeats_max, "14010000"));
        CHECK(module.phase() == DevicePhase::starting);
    }
}

TEST_CASE("pn532: answers that nobody asked for change nothing", "[drivers][pn532]")
{
    Module module;
    open(module);
    const auto limit = module.reader.time_limit()->number;
    for (const auto* data : {"d54b0101004400070416c6c2d73881", "d515", "d44a0100", "d5", "7f"})
        module.send(framed(hex(data)));
    CHECK(module.told.empty());
    CHECK(module.phase() == DevicePhase::ready);
    CHECK(module.reader.time_limit()->number == limit);
    module.reader.expired(module.tell, module.say);
    module.send(framed(hex("d503320106 07")));
    CHECK(module.told.empty());
    CHECK(module.reader.time_limit()->number == limit + 1);
}

TEST_CASE("pn532: a closed line is down and waits for nothing; opened again it starts afresh",
          "[drivers][pn532]")
{
    Module module;
    open(module);
    module.answers[poll_a] = anna;
    module.round();
    module.send(hex("0000ff05"));
    module.news();
    module.reader.finish(module.tell);
    CHECK(module.news() == Lines{"garbled 2: no frame of a PN532"});
    CHECK(module.phase() == DevicePhase::down);
    CHECK_FALSE(module.reader.time_limit().has_value());
    module.asked.clear();
    module.start();
    CHECK(module.asked == with_release);
    CHECK(module.news() == Lines{anna_shown});
}

TEST_CASE("pn532: with any byte of a session damaged it ends up polling again", "[drivers][pn532]")
{
    Octets session;
    for (const auto* answer :
         {"d515", "d50332010607", "d533", "d54b0101004400070416c6c2d73881", "d55300"})
        session = joined({session, ack(), framed(hex(answer))});
    for (std::size_t at = 0; at < session.size(); ++at) {
        for (const unsigned flip : {0x01U, 0x80U, 0xFFU}) {
            Octets damaged = session;
            damaged[at] ^= static_cast<std::byte>(flip);
            Module module;
            module.silent = {"all"};
            module.start();
            module.send(damaged);
            module.run();
            module.silent.clear();
            for (int i = 0; i < 20; ++i) module.expire();
            INFO("byte " << at << " xor " << flip);
            CHECK(module.phase() == DevicePhase::ready);
            for (const std::string& told : module.told)
                if (told.starts_with("shown")) CHECK(told == anna_shown);
        }
    }
}

TEST_CASE("pn532: only so many cards are remembered", "[drivers][pn532]")
{
    Presence presence;
    for (int i = 0; i < 100; ++i) CHECK(presence.arrived("nfc:" + std::to_string(i)));
    CHECK_FALSE(presence.arrived("nfc:99"));
    CHECK(presence.arrived("nfc:0"));
}

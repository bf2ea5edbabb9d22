#include "drivers/keyboard/keyboard.hpp"

#include "drivers/keyboard/keymap.hpp"
#include "tests/drivers/checkin.hpp"

#include <map>

using namespace raiten;
using namespace raiten::test;
using namespace raiten::drivers;

namespace {

constexpr std::uint16_t f8 = 66;
constexpr std::uint16_t backspace = 14;

/// A scanner's typing as the kernel records it: each event with its time, MSC_SCAN before each key,
/// SYN_REPORT behind.
struct Typing {
    Octets bytes;
    std::uint64_t microseconds{1'700'000'000'000'000};

    void number(std::uint64_t value, std::size_t size)
    {
        for (std::size_t i = 0; i < size; ++i)
            bytes.push_back(static_cast<std::byte>(value >> (8 * i) & 0xFFU));
    }
    Typing& event(std::uint16_t type, std::uint16_t code, std::int32_t value)
    {
        bytes.reserve(bytes.size() + 24);
        number(microseconds / 1'000'000, 8);
        number(microseconds % 1'000'000, 8);
        number(type, 2);
        number(code, 2);
        number(static_cast<std::uint32_t>(value), 4);
        microseconds += 1'250;
        return *this;
    }
    Typing& key(std::uint16_t code, std::int32_t value)
    {
        return event(4, 4, 0x70004).event(1, code, value).event(0, 0, 0);
    }
    Typing& press(std::uint16_t code) { return key(code, 1).key(code, 0); }
    Typing& with(std::uint16_t modifier, std::uint16_t code)
    {
        return key(modifier, 1).press(code).key(modifier, 0);
    }

    /// Types a text as a scanner set to this layout does.
    Typing& text(std::string_view text, KeyboardLayout layout = KeyboardLayout::us)
    {
        for (const char c : text) {
            if (c == '\n') {
                press(key::enter);
                continue;
            }
            if (c == '\x1d') {
                with(key::left_ctrl, layout == KeyboardLayout::us ? 27 : 43);
                continue;
            }
            bool found = false;
            for (std::uint16_t code = 2; code < 128 && !found; ++code) {
                for (const bool shift : {false, true}) {
                    const bool keypad = code == 55 || (code >= 71 && code <= 83) || code >= 95;
                    if (keypad && code != 124) continue;
                    if (found || typed(layout, code, shift, false) != c) continue;
                    found = true;
                    if (shift)
                        with(key::left_shift, code);
                    else
                        press(code);
                }
            }
            INFO("no key for " << c);
            REQUIRE(found);
        }
        return *this;
    }
};

std::unique_ptr<Translator> us()
{
    return std::move(*make_keyboard("us"));
}
std::unique_ptr<Translator> jp()
{
    return std::move(*make_keyboard("jp"));
}

Lines told_of(const Typing& typing)
{
    return told_whole(us, typing.bytes);
}

const std::string shown = "shown card:2900000000018";

}  // namespace

TEST_CASE("keyboard: what a scanner types is read like what it sends", "[drivers][keyboard]")
{
    CHECK(told_of(Typing{}.text("2900000000018\n]E02900000000018\nmember-42\n4901234567893\n"))
          == Lines{shown, shown, "shown qr:member-42",
                   "garbled 13: a code with a wrong check digit"});
    CHECK(told_of(Typing{}.text("https://id.gs1.org/8018/952012345678901233?99=X\n"))
          == Lines{"shown card:952012345678901233"});
    CHECK(told_of(Typing{}.text("]C110A\x1d"
                                "8018952012345678901233\n"))
          == Lines{"shown card:952012345678901233"});
}

TEST_CASE("keyboard: every sign comes out in both layouts", "[drivers][keyboard]")
{
    std::string signs;
    for (char c = '!'; c <= '~'; ++c) signs.push_back(c);
    CHECK(told_of(Typing{}.text(signs + "\n")) == Lines{"shown qr:" + signs});
    CHECK(told_whole(jp, Typing{}.text(signs + "\n", KeyboardLayout::jp).bytes)
          == Lines{"shown qr:" + signs});

    // Written out once, so that the tables do not only agree with themselves.
    const auto keys = [](KeyboardLayout layout, bool shift) {
        std::string out;
        for (const std::uint16_t code : std::initializer_list<std::uint16_t>{
                 3, 7, 8, 9, 10, 11, 12, 13, 26, 27, 39, 40, 41, 43, 89, 124})
            out.push_back(typed(layout, code, shift, false).value_or(' '));
        return out;
    };
    CHECK(keys(KeyboardLayout::us, false) == "26789" "0-=[];'`\\  ");
    CHECK(keys(KeyboardLayout::us, true) == "@^&*()_+{}:\"~|  ");
    CHECK(keys(KeyboardLayout::jp, false) == "26789" "0-^@[;: ]\\\\");
    CHECK(keys(KeyboardLayout::jp, true) == "\"&'() =~`{+* }_|");
}

TEST_CASE("keyboard: keypad, Caps Lock, Alt and the ends of a code", "[drivers][keyboard]")
{
    Typing keypad;
    for (const std::uint16_t code :
         std::initializer_list<std::uint16_t>{79, 80, 81, 75, 76, 77, 71, 72, 73, 82})
        keypad.press(code);
    CHECK(told_of(keypad.press(key::keypad_enter)) == Lines{"shown card:1234567890"});

    CHECK(told_of(Typing{}.press(key::caps_lock).text("aB1!").press(key::caps_lock).text("c\n"))
          == Lines{"shown qr:Ab1!c"});
    CHECK(told_of(Typing{}
                      .text("123456")
                      .press(key::tab)
                      .text("234567")
                      .with(key::right_ctrl, 50)
                      .text("345678")
                      .with(key::left_ctrl, 36))
          == Lines{"shown card:123456", "shown card:234567", "shown card:345678"});
    CHECK(told_of(Typing{}
                      .text("a")
                      .key(key::left_alt, 1)
                      .press(82)
                      .press(77)
                      .press(76)
                      .key(key::left_alt, 0)
                      .text("b\n"))
          == Lines{"shown qr:aAb"});  // Alt+065
    CHECK(told_of(Typing{}
                      .key(key::left_alt, 1)
                      .press(80)
                      .press(76)
                      .press(76)
                      .press(76)
                      .press(76)
                      .press(76)
                      .key(key::left_alt, 0)
                      .text("b\n123456\n"))
          == Lines{"garbled 2: a character that a keyboard cannot type for certain",
                   "shown card:123456"});
}

TEST_CASE("keyboard: a key held too long is typed once, and Enter alone is nobody",
          "[drivers][keyboard]")
{
    Typing typing;
    typing.text("12345").key(7, 1).key(7, 2).key(7, 2).key(7, 0).text("\n\n");
    CHECK(told_of(typing) == Lines{"shown card:123456"});
    CHECK(told_of(Typing{}.press(f8).press(key::enter)).empty());
    CHECK(told_of(Typing{}.text("1").press(backspace).text("23456\n123456\n"))
          == Lines{"garbled 7: a key that types nothing in this layout", "shown card:123456"});
    CHECK(
        told_of(Typing{}.text("1").with(key::left_ctrl, 2).with(key::left_alt, 30).text("23456\n"))
        == Lines{"garbled 8: a key that types nothing in this layout"});
}

TEST_CASE("keyboard: a code of which the kernel dropped a part is not taken", "[drivers][keyboard]")
{
    // Shift was held when the release was lost.
    Typing typing;
    typing.text("29000").key(key::left_shift, 1).event(0, 3, 0).text("00000018\n2900000000018\n");
    CHECK(told_of(typing) == Lines{"garbled 37: key presses that the kernel dropped", shown});
}

TEST_CASE("keyboard: a stream that ends within a code", "[drivers][keyboard]")
{
    CHECK(told_of(Typing{}.text("2900000000018")) == Lines{shown});
    CHECK(told_of(Typing{}.text("290000000001"))
          == Lines{"garbled 12: a scan cut off before its end"});
    Typing typing;
    typing.text("123456\n").bytes.resize(typing.bytes.size() - 5);
    CHECK(told_of(typing)
          == Lines{"shown card:123456", "garbled 19: bytes that are no input event"});
}

TEST_CASE("keyboard: lost bytes cost one code, not the next", "[drivers][keyboard]")
{
    const Typing first = Typing{}.text("123456\n");
    const Typing then = Typing{}.text("\n2900000000018\n");
    for (std::size_t from = 0; from < 120; from += 7) {
        for (const std::size_t size : {1U, 8U, 16U, 23U, 25U}) {
            Octets bytes = first.bytes;
            bytes.erase(bytes.begin() + static_cast<std::ptrdiff_t>(from),
                        bytes.begin() + static_cast<std::ptrdiff_t>(from + size));
            const Lines lines = told_whole(us, joined({bytes, then.bytes}));
            INFO("without " << size << " bytes from " << from);
            REQUIRE_FALSE(lines.empty());
            CHECK(lines.back() == shown);
        }
    }
}

TEST_CASE("keyboard: cut and damaged anywhere", "[drivers][keyboard]")
{
    const Typing day = Typing{}.text("29000\n(01)4\n").event(0, 3, 0).text("\n123456\n7");
    check_cut_anywhere(us, joined({day.bytes, hex("00ff00ff"), Typing{}.text("1\n").bytes}));
    check_damage_anywhere(us, Typing{}.text("Ab1\n").bytes,
                          Typing{}.press(key::left_shift).text("\n2900000000018\n").bytes, shown);
}

TEST_CASE("keyboard: layouts have names", "[drivers][keyboard]")
{
    CHECK(make_keyboard("us").has_value());
    CHECK(make_keyboard("jp").has_value());
    const auto other = make_keyboard("de");
    REQUIRE_FALSE(other.has_value());
    CHECK(other.error().text() == "keyboard: no such keyboard layout: de (use us or jp)");
}

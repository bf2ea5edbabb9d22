#include "drivers/keyboard/keyboard.hpp"

#include "drivers/keyboard/input_event.hpp"
#include "drivers/keyboard/keymap.hpp"
#include "drivers/scanner/code_line.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace raiten::drivers {
namespace {

constexpr std::string_view types_nothing = "a key that types nothing in this layout";

/// Keys in, one code a line out. Releases count for Shift, Ctrl and Alt only; repetitions by the
/// kernel, of a key whose release came late, are not typed again.
class Keyboard final : public Translator {
 public:
    explicit Keyboard(KeyboardLayout layout) : layout_{layout} {}

    void feed(std::span<const std::byte> bytes, const Tell& tell) override
    {
        events_.feed(
            bytes, [&](const InputEvent& event) { take(event, tell); },
            [&](std::size_t lost) { lose("bytes that are no input event", lost); });
    }

    void finish(const Tell& tell) override
    {
        events_.finish([&](const InputEvent& event) { take(event, tell); },
                       [&](std::size_t lost) { lose("bytes that are no input event", lost); });
        line_.cut(tell);
        release_all();
        caps_ = false;
    }

 private:
    void take(const InputEvent& event, const Tell& tell)
    {
        const bool dropped = event.type == input::type_sync && event.code == input::sync_dropped;
        if (dropped) return lose("key presses that the kernel dropped", InputEvents::record_bytes);
        if (event.type != input::type_key) return;
        if (take_modifier(event)) return;
        if (event.value == input::value_pressed) press(event.code, tell);
    }

    /// What was held may have been released unseen. Caps Lock stays: it is pressed seldom.
    void lose(std::string_view why, std::size_t bytes)
    {
        line_.spoil(why, bytes);
        release_all();
    }

    void release_all()
    {
        held_ = {};
        alt_digits_.reset();
    }

    bool take_modifier(const InputEvent& event)
    {
        constexpr std::array<std::uint16_t, 6> modifiers{key::left_shift, key::right_shift,
                                                         key::left_ctrl,  key::right_ctrl,
                                                         key::left_alt,   key::right_alt};
        const auto* found = std::find(modifiers.begin(), modifiers.end(), event.code);
        if (found == modifiers.end()) return false;
        const bool alt_before = alt();
        held_[static_cast<std::size_t>(found - modifiers.begin())] =
            event.value != input::value_released;
        if (alt_before && !alt()) end_alt();
        return true;
    }

    bool shift() const { return held_[0] || held_[1]; }
    bool ctrl() const { return held_[2] || held_[3]; }
    bool alt() const { return held_[4] || held_[5]; }

    void press(std::uint16_t code, const Tell& tell)
    {
        if (code == key::caps_lock) {
            caps_ = !caps_;
            return;
        }
        if (alt()) return press_with_alt(code);
        if (code == key::enter || code == key::keypad_enter || code == key::tab) return end(tell);
        const auto c = typed(layout_, code, shift(), caps_);
        if (!c) return press_silent(code);
        if (!ctrl()) return line_.add(*c);
        press_with_ctrl(*c, tell);
    }

    /// No scanner holds Shift or Ctrl from one code to the next: a release that was lost, or
    /// damaged, must not spoil all that follow.
    void end(const Tell& tell)
    {
        line_.end(tell);
        release_all();
    }

    /// Alt and digits on the keypad: the number of a character, typed when Alt is released.
    void press_with_alt(std::uint16_t code)
    {
        constexpr unsigned number_max = 9'999;
        const auto digit = keypad_digit(code);
        if (!digit) return line_.spoil(types_nothing, 1);
        const unsigned number = alt_digits_.value_or(0) * 10 + static_cast<unsigned>(*digit - '0');
        alt_digits_ = std::min(number, number_max);
    }

    void end_alt()
    {
        if (!alt_digits_) return;
        constexpr unsigned ascii_end = 128;  // behind it the code page is anybody's guess
        if (*alt_digits_ < ascii_end)
            line_.add(static_cast<char>(*alt_digits_));
        else
            line_.spoil("a character that a keyboard cannot type for certain", 1);
        alt_digits_.reset();
    }

    /// Ctrl and @ to _ are the control characters: Ctrl+] is GS, Ctrl+M is CR.
    void press_with_ctrl(char c, const Tell& tell)
    {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        if (c < '@' || c > '_') return line_.spoil(types_nothing, 1);
        const char control = static_cast<char>(c - '@');
        if (control == '\r' || control == '\n' || control == '\t') {
            return end(tell);
        }
        line_.add(control);
    }

    /// Keys of the typing block must type something; function keys and others are left alone.
    void press_silent(std::uint16_t code)
    {
        constexpr std::uint16_t typing_block_begin = 2;
        constexpr std::uint16_t typing_block_end = 57;
        constexpr std::uint16_t backspace = 14;
        const bool typing =
            code == backspace || (code >= typing_block_begin && code <= typing_block_end);
        if (typing) line_.spoil(types_nothing, 1);
    }

    KeyboardLayout layout_;
    InputEvents events_;
    CodeLine line_;
    std::array<bool, 6> held_{};
    bool caps_{};
    std::optional<unsigned> alt_digits_;
};

}  // namespace

Result<std::unique_ptr<Translator>> make_keyboard(std::string_view layout)
{
    const auto known = keyboard_layout(layout);
    if (!known)
        return Problem{"no such keyboard layout: " + std::string{layout}, "keyboard",
                       "use us or jp"};
    return std::unique_ptr<Translator>{std::make_unique<Keyboard>(*known)};
}

}  // namespace raiten::drivers

#include "drivers/escpos/text_state.hpp"

namespace raiten::drivers::escpos {
namespace {

/// Parameters come as numbers or as digits: FS C 1 and FS C "1" are the same.
constexpr std::uint8_t plain(std::uint8_t n)
{
    return n >= '0' && n <= '9' ? static_cast<std::uint8_t>(n - '0') : n;
}

void hear_escape(TextState& state, const Command& command)
{
    const std::uint8_t n = command.at(0);
    switch (command.code) {
        case '@':
            state = TextState{};
            return;
        case 't':
            state.page = n;
            state.page_said = true;
            state.page_last = true;
            return;
        case 'R':
            state.international = n;
            state.international_said = true;
            return;
        case 'M':
            state.small_font = plain(n) == 1;
            return;
        case '!':
            state.small_font = (n & 0x01U) != 0;
            state.width_times = (n & 0x20U) != 0 ? 2 : 1;
            return;
        default:
            return;
    }
}

void hear_kanji(TextState& state, const Command& command)
{
    switch (command.code) {
        case '&':
            state.mode = KanjiMode::on;
            return;
        case '.':
            state.mode = KanjiMode::off;
            return;
        case 'C':
            state.page_last = false;
            if (plain(command.at(0)) == 0) state.code = KanjiCode::jis;
            if (plain(command.at(0)) == 1) state.code = KanjiCode::shift_jis;
            if (plain(command.at(0)) == 2) state.code = KanjiCode::shift_jis_2004;
            return;
        case '(':  // FS ( C pL pH fn m
            if (command.at(0) == 'C' && command.at(3) == 48) state.utf8 = plain(command.at(4)) == 2;
            return;
        default:
            return;
    }
}

}  // namespace

void TextState::hear(const Command& command)
{
    if (command.lead == lead::esc) return hear_escape(*this, command);
    if (command.lead == lead::fs) return hear_kanji(*this, command);
    if (command.is(lead::gs, '!'))
        width_times = static_cast<std::uint8_t>((command.at(0) >> 4 & 7U) + 1);
}

}  // namespace raiten::drivers::escpos

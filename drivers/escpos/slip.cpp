#include "drivers/escpos/slip.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace raiten::drivers::escpos {
namespace {

constexpr int dots_a_cell = 12;

std::int32_t u16(const Command& command)
{
    return command.at(0) + 256 * command.at(1);
}

/// ESC \ moves by a signed number.
std::int32_t i16(const Command& command)
{
    const std::int32_t n = u16(command);
    return n < 0x8000 ? n : n - 0x1'0000;
}

void trim_right(std::string& line)
{
    line.erase(line.find_last_not_of(' ') + 1);
}

bool is_picture(const Command& command)
{
    if (command.is(lead::esc, '*') || command.is(lead::gs, 'v') || command.is(lead::gs, 'Q')
        || command.is(lead::gs, '/') || command.is(lead::fs, 'p') || command.is(lead::dc2, '*')
        || command.is(lead::dc2, 'V') || command.is(lead::dc2, 'v'))
        return true;
    return command.is(lead::gs, '(') && command.at(0) == 'L'
           && (command.at(4) == 2 || command.at(4) == 50);
}

}  // namespace

/// One line while it is laid out: text so far, and how far to the right it reaches.
struct SlipReader::Line {
    std::string text;
    int cells{};
    int dots{};
    std::optional<int> move_to;  ///< dots; the next text starts there
    bool separate{false};        ///< a blank is due before the next text

    bool full() const { return cells >= static_cast<int>(slip_line_cells_max); }

    void pad()
    {
        if (move_to) {
            const int wanted =
                std::min(*move_to / dots_a_cell, static_cast<int>(slip_line_cells_max));
            if (cells < wanted) blank(wanted - cells);
            dots = std::max(*move_to, 0);
        }
        if (separate && !text.empty() && text.back() != ' ') blank();
        move_to.reset();
        separate = false;
    }

    void blank(int count = 1)
    {
        text.append(static_cast<std::size_t>(count), ' ');
        cells += count;
    }

    void add(const DecodedText& piece, const TextState& state)
    {
        pad();
        text += piece.text;
        cells += piece.cells * state.width_times;
        dots += piece.cells * state.dots();
    }

    void tab()
    {
        pad();
        blank(8 - cells % 8);
        dots = cells * dots_a_cell;
    }

    void to_dot(int target)
    {
        separate = true;
        move_to = target;
    }

    void by_dots(int distance)
    {
        // Less than half a character is fine adjustment of the print, not a column.
        if (distance >= dots_a_cell / 2 || distance <= -dots_a_cell / 2) separate = true;
        move_to = move_to.value_or(dots) + distance;
    }
};

/// Passes what the tokenizer finds to the slip.
class SlipReader::Hearing final : public CommandSink {
 public:
    Hearing(SlipReader& slips, const SlipSink& sink) : slips_{slips}, sink_{sink} {}

    void printable(std::string_view bytes) override
    {
        slips_.slip_.bytes += bytes.size();
        slips_.print(bytes);
    }
    void command(const Command& command) override
    {
        slips_.slip_.bytes += command.bytes;
        slips_.hear(command, sink_);
    }
    void garbled(std::string_view why, std::size_t bytes) override
    {
        slips_.slip_.bytes += bytes;
        slips_.spoil(why, bytes);
    }

 private:
    SlipReader& slips_;
    const SlipSink& sink_;
};

SlipReader::SlipReader(TextSettings settings) : settings_{settings} {}

void SlipReader::feed(std::span<const std::byte> bytes, const SlipSink& sink)
{
    Hearing hearing{*this, sink};
    reader_.feed(bytes, hearing);
    tell_spoilt(sink);
}

void SlipReader::finish(const SlipSink& sink)
{
    Hearing hearing{*this, sink};
    reader_.finish(hearing);
    end_slip(sink, false);
    slip_ = {};
    tell_spoilt(sink);
}

void SlipReader::hear(const Command& command, const SlipSink& sink)
{
    state_.hear(command);
    if (is_picture(command)) ++slip_.pictures;
    if (command.lead == lead::control) return hear_control(command.code);
    if (command.lead == lead::esc) return hear_escape(command, sink);
    if (command.lead == lead::gs) return hear_group(command, sink);
    // DLE DC4 fn 1: the drawer, at once.
    if (command.lead == lead::dle && command.code == 0x14 && command.at(0) == 1)
        slip_.drawer_kicked = true;
}

void SlipReader::hear_control(std::uint8_t code)
{
    switch (code) {
        case 0x0A:
        case 0x0C:
            return end_line();
        case 0x0D:
            return_pending_ = line_open_;
            return;
        case 0x09:
            return mark(Mark::Kind::tab);
        default:
            return;
    }
}

void SlipReader::hear_escape(const Command& command, const SlipSink& sink)
{
    switch (command.code) {
        case '@':
        case 'd':
        case 'e':
        case 'J':
        case 'K':
        case 'L':
        case 'S':
        case 'T':  // page mode: another direction, another area
        case 'W':
        case 0x0C:
            if (line_open_) end_line();
            return;
        case '$':
            return mark(Mark::Kind::to_dot, u16(command));
        case '\\':
            return mark(Mark::Kind::by_dots, i16(command));
        case 'i':
        case 'm':
            return end_slip(sink, true);
        case 'p':
            slip_.drawer_kicked = true;
            return;
        default:
            return;
    }
}

void SlipReader::hear_group(const Command& command, const SlipSink& sink)
{
    switch (command.code) {
        case 'V':
            return end_slip(sink, true);
        case '$':
        case '\\':  // up or down a page: another line
            if (line_open_) end_line();
            return;
        case 'k': {
            const bool counted = command.at(0) >= 65;
            if (command.payload.size() < 2) return;
            const auto data = counted ? command.payload.subspan(2)
                                      : command.payload.subspan(1, command.payload.size() - 2);
            return keep_barcode(data, command.payload_is_whole());
        }
        case '(':  // GS ( k pL pH cn 80 48 data: stores the data of a two-dimensional code
            if (command.at(0) == 'k' && command.at(4) == 80 && command.payload.size() > 6)
                keep_barcode(command.payload.subspan(6), command.payload_is_whole());
            return;
        default:
            return;
    }
}

void SlipReader::keep_barcode(std::span<const std::uint8_t> data, bool whole)
{
    if (!whole || slip_.barcodes.size() == slip_barcodes_max) {
        ++slip_.barcodes_dropped;
        return;
    }
    slip_.barcodes.emplace_back(data.begin(), data.end());
}

void SlipReader::print(std::string_view bytes)
{
    // CR alone between two texts: a printer with automatic line feed takes it for LF.
    if (return_pending_) end_line();
    const auto room = slip_text_bytes_max - text_.size();
    if (bytes.size() > room) slip_.truncated = true;
    if (room == 0) return;
    if (state_ != marked_state_) {
        marked_state_ = state_;
        mark(Mark::Kind::state);
    }
    text_.append(bytes.substr(0, room));
    line_open_ = true;
}

void SlipReader::mark(Mark::Kind kind, std::int32_t dots)
{
    if (marks_.size() == slip_marks_max) {
        slip_.truncated = true;
        return;
    }
    marks_.push_back({static_cast<std::uint32_t>(text_.size()), kind, state_, dots});
}

void SlipReader::end_line()
{
    return_pending_ = false;
    line_open_ = false;
    mark(Mark::Kind::line_end);
}

void SlipReader::end_slip(const SlipSink& sink, bool cut)
{
    lay_out();
    text_.clear();
    marks_.clear();
    marked_state_ = {};
    return_pending_ = false;
    line_open_ = false;

    const bool printed = !slip_.lines.empty() || !slip_.barcodes.empty() || slip_.pictures > 0;
    if (!printed && !slip_.truncated) return;
    slip_.cut = cut;
    sink.slip(std::exchange(slip_, {}));
}

std::vector<TextRun> SlipReader::runs() const
{
    std::vector<TextRun> runs;
    TextState state;
    std::size_t from = 0;
    const std::string_view text = text_;
    const auto add = [&](std::size_t to) {
        if (to > from) runs.push_back({state, text.substr(from, to - from)});
        from = to;
    };
    for (const auto& each : marks_) {
        add(each.at);
        if (each.kind == Mark::Kind::state) state = each.state;
    }
    add(text.size());
    return runs;
}

/// Text and marks become lines.
void SlipReader::lay_out()
{
    const auto pieces = runs();
    const auto reading = settle(settings_.charset, pieces);
    auto piece = pieces.begin();
    Line line;

    const auto print_until = [&](std::size_t at) {
        for (; piece != pieces.end() && piece->bytes.data() < text_.data() + at; ++piece) {
            const auto fits = piece->bytes.substr(0, line.full() ? 0 : slip_line_cells_max);
            if (fits.size() < piece->bytes.size()) slip_.truncated = true;
            const auto decoded = decode({piece->state, fits}, reading, settings_.dialect);
            slip_.unreadable += decoded.unreadable;
            line.add(decoded, piece->state);
        }
    };
    const auto end = [&] {
        trim_right(line.text);
        if (slip_.lines.empty() && line.text.empty()) {
            // Blank lines at the top are the gap to the slip before.
        } else if (slip_.lines.size() < slip_lines_max) {
            slip_.lines.push_back(std::move(line.text));
        } else {
            slip_.truncated = true;
        }
        line = {};
    };

    for (const auto& each : marks_) {
        print_until(each.at);
        switch (each.kind) {
            case Mark::Kind::state:
                break;
            case Mark::Kind::line_end:
                end();
                break;
            case Mark::Kind::tab:
                if (!line.full()) line.tab();
                break;
            case Mark::Kind::to_dot:
                line.to_dot(each.dots);
                break;
            case Mark::Kind::by_dots:
                line.by_dots(each.dots);
                break;
        }
    }
    print_until(text_.size());
    if (!line.text.empty()) end();
    while (!slip_.lines.empty() && slip_.lines.back().empty()) slip_.lines.pop_back();
}

void SlipReader::spoil(std::string_view why, std::size_t bytes)
{
    const auto known = std::ranges::find(spoilt_, why, &Spoilt::why);
    if (known != spoilt_.end()) {
        known->bytes += bytes;
    } else {
        spoilt_.push_back({why, bytes});
    }
}

void SlipReader::tell_spoilt(const SlipSink& sink)
{
    for (const auto& each : spoilt_) sink.garbled(each.why, each.bytes);
    spoilt_.clear();
}

}  // namespace raiten::drivers::escpos

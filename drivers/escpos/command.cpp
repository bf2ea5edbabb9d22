#include "drivers/escpos/command.hpp"

#include "drivers/escpos/command_length.hpp"

#include <algorithm>
#include <cstring>

namespace raiten::drivers::escpos {
namespace {

constexpr bool begins_command(std::uint8_t byte)
{
    return byte == lead::dle || byte == lead::dc2 || byte == lead::esc || byte == lead::fs
           || byte == lead::gs;
}

/// A barcode is at most 255 characters, a list of tab stops 32.
constexpr std::uint64_t until_nul_bytes_max = 3 + 255 + 1;

constexpr auto printed = [] {
    std::array<bool, 256> table{};
    for (std::size_t byte = 0x20; byte < table.size(); ++byte) table[byte] = byte != 0x7F;
    return table;
}();

/// How many there are before the first that is not printed.
std::size_t printable_bytes(std::span<const std::byte> bytes)
{
    std::size_t count = 0;
    while (count < bytes.size() && printed[std::to_integer<std::uint8_t>(bytes[count])]) ++count;
    return count;
}

/// BEL, HT, LF, FF, CR, CAN
constexpr bool stands_alone(std::uint8_t byte)
{
    return byte == 0x07 || byte == 0x09 || byte == 0x0A || byte == 0x0C || byte == 0x0D
           || byte == 0x18;
}

}  // namespace

void CommandReader::feed(std::span<const std::byte> bytes, CommandSink& sink)
{
    while (!bytes.empty()) {
        std::size_t taken = 1;
        if (phase_ == Phase::text && (taken = printable_bytes(bytes)) > 0) {
            sink.printable({reinterpret_cast<const char*>(bytes.data()), taken});
        } else if (phase_ == Phase::body) {
            taken = static_cast<std::size_t>(std::min<std::uint64_t>(body_left_, bytes.size()));
            keep(bytes.first(taken));
            count_body(taken, sink);
        } else {
            taken = 1;
            take(static_cast<std::uint8_t>(bytes.front()), sink);
        }
        bytes = bytes.subspan(taken);
    }
}

void CommandReader::finish(CommandSink& sink)
{
    if (phase_ != Phase::text)
        sink.garbled("command cut off by the end of the stream", static_cast<std::size_t>(bytes_));
    phase_ = Phase::text;
}

void CommandReader::take(std::uint8_t byte, CommandSink& sink)
{
    const std::byte one{byte};
    switch (phase_) {
        case Phase::text:
            return begin(byte, sink);
        case Phase::head:
            ++bytes_;
            keep({&one, 1});
            return measure(sink);
        case Phase::body:
            keep({&one, 1});
            return count_body(1, sink);
        case Phase::until_nul:
            ++bytes_;
            keep({&one, 1});
            if (byte == 0) return end_command(sink);
            if (bytes_ < until_nul_bytes_max) return;
            phase_ = Phase::text;
            return sink.garbled("command without an end", static_cast<std::size_t>(bytes_));
    }
}

void CommandReader::begin(std::uint8_t byte, CommandSink& sink)
{
    if (begins_command(byte)) {
        phase_ = Phase::head;
        kept_[0] = byte;
        kept_count_ = 1;
        bytes_ = 1;
        sections_left_ = 0;
        section_at_ = 0;
    } else if (stands_alone(byte)) {
        sink.command(Command{lead::control, byte, {}, 1});
    } else if (printed[byte]) {
        const char one = static_cast<char>(byte);
        sink.printable({&one, 1});
    } else {
        sink.garbled("unknown control character", 1);
    }
}

void CommandReader::keep(std::span<const std::byte> bytes)
{
    const auto count = std::min(bytes.size(), kept_.size() - kept_count_);
    if (count == 0) return;
    std::memcpy(kept_.data() + kept_count_, bytes.data(), count);
    kept_count_ += count;
}

/// In a head: is the length known now?
void CommandReader::measure(CommandSink& sink)
{
    const std::span head{kept_.data() + section_at_, kept_count_ - section_at_};
    if (section_at_ > 0) {
        const bool glyphs = section_rows_ > 0;
        if (!glyphs && head.size() < 4) return;
        const std::uint64_t x = glyphs ? head[0] : head[0] + 256U * std::uint64_t{head[1]};
        const std::uint64_t y =
            glyphs ? section_rows_ : (head[2] + 256U * std::uint64_t{head[3]}) * 8;
        phase_ = Phase::body;
        body_left_ = x * y;
        if (body_left_ == 0) end_section(sink);
        return;
    }

    const auto length = command_length(head);
    switch (length.kind) {
        case CommandLength::Kind::more:
            return;
        case CommandLength::Kind::exact:
            phase_ = Phase::body;
            body_left_ = length.bytes - bytes_;
            if (body_left_ == 0) end_command(sink);
            return;
        case CommandLength::Kind::nul:
            phase_ = Phase::until_nul;
            return;
        case CommandLength::Kind::pictures:
        case CommandLength::Kind::glyphs:
            sections_left_ = length.sections;
            section_rows_ = length.rows;
            section_at_ = kept_count_;
            if (sections_left_ == 0) return end_command(sink);
            if (length.kind == CommandLength::Kind::glyphs && section_rows_ == 0)
                return refuse(sink, "characters without height");
            return;
        case CommandLength::Kind::unknown:
            return refuse(sink, "unknown command");
    }
}

void CommandReader::count_body(std::uint64_t bytes, CommandSink& sink)
{
    bytes_ += bytes;
    body_left_ -= bytes;
    if (body_left_ == 0) end_section(sink);
}

void CommandReader::end_section(CommandSink& sink)
{
    if (sections_left_ <= 1) return end_command(sink);
    --sections_left_;
    kept_count_ = section_at_;  // each head in the place of the one before
    phase_ = Phase::head;
}

void CommandReader::end_command(CommandSink& sink)
{
    phase_ = Phase::text;
    sink.command(Command{kept_[0], kept_[1], {kept_.data() + 2, kept_count_ - 2}, bytes_});
}

/// Lead and code are skipped, a code that is itself a control character excepted; what was read
/// beyond them is read again, as text or as commands.
void CommandReader::refuse(CommandSink& sink, std::string_view why)
{
    std::array<std::uint8_t, 16> again{};
    const std::size_t count = std::min(kept_count_ - 2, again.size());
    std::copy_n(kept_.data() + 2, count, again.begin());
    const std::uint8_t code = kept_[1];
    const bool code_is_control = code < 0x20;
    phase_ = Phase::text;
    sink.garbled(why, code_is_control ? 1 : 2);
    if (code_is_control) take(code, sink);
    for (std::size_t n = 0; n < count; ++n) take(again[n], sink);
}

}  // namespace raiten::drivers::escpos

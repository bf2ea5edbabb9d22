#include "drivers/card/hex_lines.hpp"

#include "daemon/base/hex.hpp"

namespace raiten::drivers::card {
namespace {

constexpr char remark = '#';

bool separates(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == ':' || c == '-';
}

}  // namespace

void HexLines::feed(Bytes text, const OnLine& on_line)
{
    for (const std::byte byte : text) {
        const auto c = std::to_integer<char>(byte);
        if (c == '\n') {
            end(on_line);
            continue;
        }
        ++characters_;
        if (characters_ <= line_max) line_.push_back(c);
    }
}

void HexLines::finish(const OnLine& on_line)
{
    end(on_line);
}

void HexLines::end(const OnLine& on_line)
{
    std::string digits;
    for (const char c : line_) {
        if (c == remark) break;
        if (!separates(c)) digits.push_back(c);
    }
    const std::size_t characters = characters_;
    const bool too_long = characters_ > line_max;
    line_.clear();
    characters_ = 0;

    if (too_long) return on_line(Refusal{"a line longer than an answer can be"}, characters);
    if (digits.empty()) return;
    const auto bytes = from_hex(digits);
    if (!bytes) return on_line(Refusal{"a line that is not hex"}, characters);
    on_line(Bytes{*bytes}, characters);
}

}  // namespace raiten::drivers::card

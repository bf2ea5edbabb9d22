#include "drivers/webhook/json_stream.hpp"

#include <array>
#include <utility>

namespace raiten::drivers::webhook {
namespace {

bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// Blanks between values, a byte order mark, and the record separator of RFC 7464.
bool is_filling(char c)
{
    return is_blank(c) || c == '\x1e' || c == '\xef' || c == '\xbb' || c == '\xbf';
}

bool is_opening(char c)
{
    return c == '{' || c == '[';
}

/// Whether an object or array may stand there within another.
bool may_open_after(char last)
{
    return last == ',' || last == ':' || last == '[';
}

/// A problem's literal again, for a Garbled, which outlives the problem.
std::string_view reason_of(const Problem& problem)
{
    constexpr std::array<const char*, 3> reasons{
        "JSON larger than 1 MiB", "JSON of too many values", "JSON that is nested too deeply"};
    for (const char* reason : reasons)
        if (problem.what == reason) return reason;
    return "not JSON";
}

}  // namespace

void JsonStream::feed(std::span<const std::byte> bytes, const Take& take, const Refuse& refuse)
{
    for (const auto byte : bytes) {
        const char c = static_cast<char>(byte);
        const bool at_line_start = line_start_;
        line_start_ = c == '\n' || c == '\r';
        switch (state_) {
            case State::between:
                if (is_opening(c)) {
                    start(c);
                } else if (!is_filling(c)) {
                    lose("not JSON");
                    ++lost_bytes_;
                }
                break;
            case State::inside:
                // No value stands right behind another: one was cut off, and this is the next.
                if (at_line_start && !in_text_ && is_opening(c) && !may_open_after(last_)) {
                    lose("JSON that breaks off");
                    tell_lost(refuse);
                    start(c);
                } else {
                    value_ += c;
                    if (!inside(c)) complete(take, refuse);
                }
                break;
            case State::lost:
                if (at_line_start && is_opening(c)) {
                    tell_lost(refuse);
                    start(c);
                } else {
                    ++lost_bytes_;
                }
                break;
        }
    }
}

void JsonStream::finish(const Refuse& refuse)
{
    if (state_ == State::inside) lose("JSON that breaks off");
    if (state_ == State::lost) tell_lost(refuse);
    *this = JsonStream{};
}

void JsonStream::start(char c)
{
    state_ = State::inside;
    value_.assign(1, c);
    in_text_ = escaped_ = false;
    depth_ = 0;
    nest(c);
    last_ = c;
}

void JsonStream::lose(std::string_view why)
{
    state_ = State::lost;
    why_ = why;
    lost_bytes_ = value_.size();
    value_.clear();
    value_.shrink_to_fit();
}

void JsonStream::tell_lost(const Refuse& refuse)
{
    refuse({why_, lost_bytes_});
    lost_bytes_ = 0;
    state_ = State::between;
}

bool JsonStream::inside(char c)
{
    if (value_.size() > json_bytes_max) {
        lose("JSON larger than 1 MiB");
    } else if (in_text_) {
        if (static_cast<unsigned char>(c) < 0x20) {
            lose("not JSON");  // a text does not go over a line's end: its quote was lost
        } else if (escaped_) {
            escaped_ = false;
        } else if (c == '\\') {
            escaped_ = true;
        } else if (c == '"') {
            in_text_ = false;
        }
    } else if (!is_blank(c)) {
        const char before = std::exchange(last_, c);
        if (c == '"') {
            in_text_ = true;
        } else if (is_opening(c)) {
            if (!may_open_after(before))
                lose("not JSON");
            else if (!nest(c))
                lose("JSON that is nested too deeply");
        } else if (c == '}' || c == ']') {
            const bool object = ((objects_ >> (depth_ - 1)) & 1U) != 0;
            if (object != (c == '}')) {
                lose("not JSON");
            } else {
                return --depth_ > 0;
            }
        }
    }
    return true;
}

bool JsonStream::nest(char c)
{
    static_assert(json_depth_max <= 64, "a bit for each level");
    if (depth_ == json_depth_max) return false;
    const auto bit = std::uint64_t{1} << depth_;
    objects_ = c == '{' ? objects_ | bit : objects_ & ~bit;
    ++depth_;
    return true;
}

void JsonStream::complete(const Take& take, const Refuse& refuse)
{
    state_ = State::between;
    const auto value = parse_json(value_);
    const auto bytes = value_.size();
    value_.clear();
    if (value)
        take(*value, bytes);
    else
        refuse({reason_of(value.error()), bytes});
}

}  // namespace raiten::drivers::webhook

#include "daemon/base/iso8601.hpp"

#include <array>
#include <charconv>

namespace raiten {
namespace {

using namespace std::chrono;

/// Reads fixed-width digits and marks from the front of a text.
class Cursor {
 public:
    explicit Cursor(std::string_view text) : rest_{text} {}

    int digits(std::size_t width)
    {
        int value = -1;
        if (rest_.size() < width || rest_[0] < '0' || rest_[0] > '9') return fail();
        const auto* end = rest_.data() + width;
        const auto [stop, error] = std::from_chars(rest_.data(), end, value);
        if (error != std::errc{} || stop != end) return fail();
        rest_.remove_prefix(width);
        return value;
    }
    bool mark(std::string_view any_of)
    {
        if (rest_.empty() || any_of.find(rest_[0]) == std::string_view::npos) return false;
        last_ = rest_[0];
        rest_.remove_prefix(1);
        return true;
    }
    void need(std::string_view any_of)
    {
        if (!mark(any_of)) good_ = false;
    }
    milliseconds fraction()
    {
        int value = 0;
        int count = 0;
        while (!rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9') {
            if (count < 3) value = value * 10 + (rest_[0] - '0');
            ++count;
            rest_.remove_prefix(1);
        }
        if (count == 0) good_ = false;
        for (; count < 3; ++count) value *= 10;
        return milliseconds{value};
    }
    char last() const { return last_; }
    bool complete() const { return good_ && rest_.empty(); }

 private:
    int fail()
    {
        good_ = false;
        return 0;
    }
    std::string_view rest_;
    char last_{};
    bool good_{true};
};

void put(std::string& out, int value, std::size_t width)
{
    std::array<char, 12> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
    const auto length = static_cast<std::size_t>(end - buffer.data());
    if (length < width) out.append(width - length, '0');
    out.append(buffer.data(), length);
}

}  // namespace

Result<Instant> parse_instant(std::string_view text)
{
    Cursor in{text};
    const int y = in.digits(4);
    in.need("-");
    const int m = in.digits(2);
    in.need("-");
    const int d = in.digits(2);
    in.need("Tt ");
    const int hour = in.digits(2);
    in.need(":");
    const int minute = in.digits(2);
    in.need(":");
    const int second = in.digits(2);
    const auto part = in.mark(".,") ? in.fraction() : milliseconds{};
    minutes offset{};
    in.need("Zz+-");
    if (in.last() == '+' || in.last() == '-') {
        const char sign = in.last();
        const int oh = in.digits(2);
        in.mark(":");
        const int om = in.digits(2);
        if (oh > 23 || om > 59) return Problem{"not a UTC offset: '" + std::string{text} + "'"};
        offset = hours{oh} + minutes{om};
        if (sign == '-') offset = -offset;
    }
    const year_month_day day{year{y}, month{static_cast<unsigned>(m)},
                             std::chrono::day{static_cast<unsigned>(d)}};
    if (!in.complete() || !day.ok() || y < 1970 || hour > 23 || minute > 59 || second > 60) {
        return Problem{"not a time: '" + std::string{text.substr(0, 48)} + "'",
                       {},
                       "write ISO 8601 with an offset, such as 2026-11-22T10:00:00.120+09:00"};
    }
    return Instant{sys_days{day} + hours{hour} + minutes{minute} + seconds{second} + part - offset};
}

std::string format_instant(Instant at, std::chrono::minutes offset)
{
    const auto local = at + offset;
    const auto day = floor<days>(local);
    const hh_mm_ss time{local - day};
    std::string out = format_day(day);
    out += 'T';
    put(out, static_cast<int>(time.hours().count()), 2);
    out += ':';
    put(out, static_cast<int>(time.minutes().count()), 2);
    out += ':';
    put(out, static_cast<int>(time.seconds().count()), 2);
    out += '.';
    put(out, static_cast<int>(time.subseconds().count()), 3);
    out += offset.count() < 0 ? '-' : '+';
    const auto away = std::chrono::abs(offset);
    put(out, static_cast<int>(away.count() / 60), 2);
    out += ':';
    put(out, static_cast<int>(away.count() % 60), 2);
    return out;
}

std::string format_day(std::chrono::sys_days day)
{
    const year_month_day date{day};
    std::string out;
    put(out, static_cast<int>(date.year()), 4);
    out += '-';
    put(out, static_cast<int>(static_cast<unsigned>(date.month())), 2);
    out += '-';
    put(out, static_cast<int>(static_cast<unsigned>(date.day())), 2);
    return out;
}

}  // namespace raiten

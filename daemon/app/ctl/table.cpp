#include "daemon/app/ctl/table.hpp"

#include "daemon/app/ctl/console.hpp"

#include <algorithm>
#include <array>
#include <numeric>

namespace raiten::app::ctl {
namespace {

constexpr std::size_t gap = 2;
constexpr std::size_t narrow = 4;  ///< no column is cut below this

struct Range {
    std::uint32_t from, to;
};
/// Characters that take two cells: Hangul, CJK, kana, full-width forms.
constexpr std::array wide{Range{0x1100, 0x115f}, Range{0x2e80, 0xa4cf},   Range{0xac00, 0xd7a3},
                          Range{0xf900, 0xfaff}, Range{0xfe30, 0xfe6f},   Range{0xff00, 0xff60},
                          Range{0xffe0, 0xffe6}, Range{0x1f300, 0x1faff}, Range{0x20000, 0x3fffd}};

struct Step {
    std::size_t bytes;
    std::size_t cells;
};

/// One character. Bytes that are no UTF-8 count one cell each.
Step step(std::string_view text)
{
    const auto first = static_cast<unsigned char>(text[0]);
    std::size_t bytes = 1;
    std::uint32_t point = first;
    if (first >= 0xf0) {
        bytes = 4;
        point = first & 0x07U;
    } else if (first >= 0xe0) {
        bytes = 3;
        point = first & 0x0fU;
    } else if (first >= 0xc0) {
        bytes = 2;
        point = first & 0x1fU;
    }
    if (bytes > text.size()) return {1, 1};
    for (std::size_t i = 1; i < bytes; ++i)
        point = point << 6U | (static_cast<unsigned char>(text[i]) & 0x3fU);
    const bool two = std::any_of(wide.begin(), wide.end(), [&](const Range& range) {
        return point >= range.from && point <= range.to;
    });
    return {bytes, two ? std::size_t{2} : std::size_t{1}};
}

std::string two_digits(std::int64_t number)
{
    return (number < 10 ? "0" : "") + std::to_string(number);
}

}  // namespace

std::size_t cells_of(std::string_view text)
{
    std::size_t cells = 0;
    while (!text.empty()) {
        const auto one = step(text);
        cells += one.cells;
        text.remove_prefix(one.bytes);
    }
    return cells;
}

std::string cut_to(std::string_view text, std::size_t cells)
{
    if (cells_of(text) <= cells) return std::string{text};
    std::string out;
    std::size_t used = 1;  // the sign that something is missing
    while (!text.empty()) {
        const auto one = step(text);
        if (used + one.cells > cells) break;
        used += one.cells;
        out += text.substr(0, one.bytes);
        text.remove_prefix(one.bytes);
    }
    return out + "…";
}

void Table::add(std::vector<std::string> cells)
{
    cells.resize(rows_[0].size());
    for (auto& cell : cells) cell = plain(cell);
    rows_.push_back(std::move(cells));
}

std::vector<std::size_t> Table::widths() const
{
    std::vector<std::size_t> widths(rows_[0].size());
    for (const auto& row : rows_)
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], cells_of(row[i]));
    const auto room = columns_max - gap * (widths.size() - 1);
    while (std::accumulate(widths.begin(), widths.end(), std::size_t{}) > room) {
        const auto widest = std::max_element(widths.begin(), widths.end());
        if (*widest <= narrow) break;
        --*widest;
    }
    return widths;
}

std::string Table::text() const
{
    const auto wide_as = widths();
    std::string out;
    for (const auto& row : rows_) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const auto cell = cut_to(row[i], wide_as[i]);
            line += cell + std::string(wide_as[i] - cells_of(cell) + gap, ' ');
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + "\n";
    }
    return out;
}

std::string short_time(std::string_view iso8601)
{
    if (iso8601.size() < 19 || iso8601[10] != 'T') return std::string{iso8601};
    return std::string{iso8601.substr(5, 5)} + " " + std::string{iso8601.substr(11, 8)};
}

std::string clock_time(std::string_view iso8601)
{
    if (iso8601.size() < 19 || iso8601[10] != 'T') return std::string{iso8601};
    return std::string{iso8601.substr(11, 8)};
}

std::string span_text(std::int64_t seconds)
{
    const auto minutes = seconds / 60;
    const auto hours = minutes / 60;
    if (hours >= 48) return std::to_string(hours / 24) + " d " + two_digits(hours % 24) + " h";
    if (hours > 0) return std::to_string(hours) + " h " + two_digits(minutes % 60) + " min";
    if (minutes > 0) return std::to_string(minutes) + " min " + two_digits(seconds % 60) + " s";
    return std::to_string(seconds) + " s";
}

}  // namespace raiten::app::ctl

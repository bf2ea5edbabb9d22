#include "tests/bench/accuracy/table.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace raiten::accuracy {
namespace {

double seconds_between_receptions(const Cell& cell)
{
    return static_cast<double>(cell.advertising.count()) / 1000 / cell.reception;
}

std::string number(const char* format, double value)
{
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), format, value);
    return text.data();
}

void add(std::vector<Line>& lines, const std::string& name, const Share& share, double mark)
{
    if (const auto value = share.value()) lines.push_back({name, *value, "share", mark, false});
}

void add(std::vector<Line>& lines, const std::string& name, std::optional<double> error,
         double limit)
{
    if (error) lines.push_back({name, *error, "s", limit, true});
}

}  // namespace

std::string name_of(simulator::Crowd crowd)
{
    switch (crowd) {
        case simulator::Crowd::quiet:
            return "quiet";
        case simulator::Crowd::normal:
            return "normal";
        case simulator::Crowd::crowded:
            return "crowded";
    }
    return {};
}

std::string name_of(const Cell& cell)
{
    return name_of(cell.crowd) + " "
           + number("%g s ", static_cast<double>(cell.advertising.count()) / 1000)
           + number("%g %%", cell.reception * 100);
}

double entry_limit_seconds(const Cell& cell)
{
    return std::max(15.0, seconds_between_receptions(cell));
}

double exit_limit_seconds(const Cell& cell)
{
    return std::max(30.0, 1.5 * seconds_between_receptions(cell));
}

double whole_mark(const Cell& cell)
{
    return cell.advertising >= std::chrono::seconds{10} && cell.reception <= 0.3 ? 0.97 : 0.99;
}

std::vector<Line> lines_of(const Cell& cell, const Figures& figures)
{
    const auto name = name_of(cell);
    std::vector<Line> lines;
    add(lines, name + ": visits >= 5 min, recall", figures.whole.recall, whole_mark(cell));
    add(lines, name + ": visits >= 5 min, precision", figures.whole.precision, whole_mark(cell));
    add(lines, name + ": visits 1-5 min, recall", figures.brief.recall, brief_mark);
    add(lines, name + ": visits 1-5 min, precision", figures.brief.precision, brief_mark);
    add(lines, name + ": entry error", median(figures.entry_seconds), entry_limit_seconds(cell));
    add(lines, name + ": exit error", median(figures.exit_seconds), exit_limit_seconds(cell));
    return lines;
}

std::string text_of(const Share& share, double mark, bool at_most)
{
    const auto value = share.value();
    if (!value) return "-";
    const double short_of = at_most ? *value - mark : mark - *value;
    auto text = number("%.3f", *value) + " of " + std::to_string(share.of);
    if (short_of > 0) text += " **missed by " + number("%.3f", short_of) + "**";
    return text;
}

std::string text_of_error(std::optional<double> seconds, double limit)
{
    if (!seconds) return "-";
    auto text = number("%.1f", *seconds) + " of " + number("%.0f", limit);
    if (*seconds > limit) text += " **missed by " + number("%.1f", *seconds - limit) + "**";
    return text;
}

}  // namespace raiten::accuracy

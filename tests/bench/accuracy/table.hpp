#pragma once

#include "tests/bench/accuracy/figures.hpp"

#include <optional>
#include <string>
#include <vector>

/// What is promised of a figure, and rows of figures beside it.
namespace raiten::accuracy {

/// A figure beside its mark.
struct Line {
    std::string name;
    double value{};
    std::string unit;
    double mark{};
    bool at_most{};  ///< else at least
    bool kept() const { return at_most ? value <= mark : value >= mark; }
};

/// The conditions under which a store was heard.
struct Cell {
    simulator::Crowd crowd{};
    Millis advertising{};
    double reception{};
};
std::string name_of(simulator::Crowd crowd);
std::string name_of(const Cell& cell);

/// max(15 s, Ta/p) and max(30 s, 1.5 Ta/p).
double entry_limit_seconds(const Cell& cell);
double exit_limit_seconds(const Cell& cell);
/// 0.99, and 0.97 where a beacon of 10 s is received in 30 % only.
double whole_mark(const Cell& cell);
inline constexpr double brief_mark = 0.95;
inline constexpr double returns_mark = 0.97;
inline constexpr double inferred_wrong_mark = 0.05;

/// All that is promised of one cell; what has nothing to count is left out.
std::vector<Line> lines_of(const Cell& cell, const Figures& figures);

/// As Markdown: "0.994 of 870", with " **missed by 0.003**" where it is; "-" for nothing of
/// nothing.
std::string text_of(const Share& share, double mark, bool at_most = false);
/// "2.4 of 15 s", likewise.
std::string text_of_error(std::optional<double> seconds, double limit);

}  // namespace raiten::accuracy

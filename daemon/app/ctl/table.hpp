#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace raiten::app::ctl {

/// Columns for a terminal, as wide as they need to be, together at most `columns_max`: then the
/// widest ones give way, and what is cut ends in "…".
class Table {
 public:
    static constexpr std::size_t columns_max = 80;

    explicit Table(std::vector<std::string> heads) : rows_{std::move(heads)} {}

    /// As many cells as heads. Control characters are shown as '?'.
    void add(std::vector<std::string> cells);
    bool empty() const { return rows_.size() == 1; }

    /// Lines without blanks at their ends, each with a line feed.
    std::string text() const;

 private:
    struct Rows : std::vector<std::vector<std::string>> {
        explicit Rows(std::vector<std::string> heads) { push_back(std::move(heads)); }
    };
    std::vector<std::size_t> widths() const;

    Rows rows_;
};

/// Cells that UTF-8 text takes on a terminal: wide characters count two.
std::size_t cells_of(std::string_view text);
/// The beginning of the text that fits into so many cells, with "…" where something is missing.
std::string cut_to(std::string_view text, std::size_t cells);

/// "11-22 10:00:05" of "2026-11-22T10:00:05.120+09:00": times of the API are the store's own.
std::string short_time(std::string_view iso8601);
/// "10:00:05" of the same.
std::string clock_time(std::string_view iso8601);
/// "2 h 05 min", "3 min 10 s", "12 s", "4 d 02 h".
std::string span_text(std::int64_t seconds);

}  // namespace raiten::app::ctl

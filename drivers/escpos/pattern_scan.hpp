#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace re2 {
class RE2;
}

namespace raiten::drivers::escpos {

constexpr std::size_t patterns_a_list_max = 64;
constexpr std::size_t pattern_lists_max = 16;

/// Which patterns match: a word for each list, a bit for each of its patterns.
using PatternHits = std::array<std::uint64_t, pattern_lists_max>;

/// A line of a slip, folded, and what matches it.
struct ScannedLine {
    std::string text;
    PatternHits hits{};
};

/// All patterns of a store in one automaton: one pass over a line tells which of them match it, so
/// that the many that do not cost nothing more. Where the automaton would outgrow its memory, each
/// pattern is asked alone: slower, with the same answer.
class PatternScan {
 public:
    using Patterns = std::vector<std::unique_ptr<re2::RE2>>;

    PatternScan();
    PatternScan(PatternScan&&) noexcept;
    PatternScan& operator=(PatternScan&&) noexcept;
    ~PatternScan();

    /// Whose bits are in this word of the hits. The patterns must outlive the scan.
    void add(std::size_t list, const Patterns& patterns);
    void compile();

    /// Fills in the hits.
    void look(std::span<ScannedLine> lines) const;

 private:
    PatternHits ask_each(std::string_view line) const;

    struct Automaton;
    std::unique_ptr<Automaton> automaton_;
};

}  // namespace raiten::drivers::escpos

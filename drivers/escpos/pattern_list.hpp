#pragma once

#include "daemon/base/result.hpp"
#include "drivers/escpos/pattern_scan.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace raiten::drivers::escpos {

/// The compiled patterns of one key.
class PatternList {
 public:
    enum class Shape {
        flag,     ///< matches or not
        capture,  ///< exactly one group
        item      ///< named groups, `name` and `amount` among them
    };

    static Result<PatternList> compile(std::string_view key,
                                       const std::vector<std::string>& patterns, Shape shape);
    PatternList();
    PatternList(PatternList&&) noexcept;
    PatternList& operator=(PatternList&&) noexcept;
    ~PatternList();

    /// From now on lines are told apart by the hits of this scan, which must see every line that
    /// is asked about below. `list` is the word of the hits that is this list's own.
    void join(PatternScan& scan, std::size_t list);

    std::size_t size() const { return patterns_.size(); }

    bool matches(const ScannedLine& line) const { return line.hits[list_] != 0; }
    bool matches_any(std::span<const ScannedLine> lines) const;

    /// What this pattern captures, without blanks around it; nothing where that is empty.
    std::optional<std::string> capture_by(std::size_t pattern, const ScannedLine& line) const;

    /// The first pattern first, then the first line. A line that matches `except` is passed over.
    std::optional<std::string> first_capture(std::span<const ScannedLine> lines,
                                             const PatternList* except = nullptr) const;

    struct Item {
        std::string name;
        std::string amount;
        std::string quantity;
        std::string sku;
    };
    std::optional<Item> item(const ScannedLine& line) const;

 private:
    bool hit(std::size_t pattern, const ScannedLine& line) const
    {
        return (line.hits[list_] >> pattern & 1U) != 0;
    }

    PatternScan::Patterns patterns_;
    std::size_t list_{};
};

}  // namespace raiten::drivers::escpos

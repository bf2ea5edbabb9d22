#pragma once

#include "daemon/base/result.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace re2 {
class RE2;
}

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

    bool matches(std::string_view line) const;
    bool matches_any(std::span<const std::string> lines) const;

    /// What the first pattern that matches captures, without blanks around it.
    std::optional<std::string> capture(std::string_view line) const;

    /// The first pattern first, then the first line. A line that matches `except` is passed over.
    std::optional<std::string> first_capture(std::span<const std::string> lines,
                                             const PatternList* except = nullptr) const;

    /// One after the other, for callers that want to refuse a find and look on.
    std::size_t size() const { return patterns_.size(); }
    std::optional<std::string> capture_by(std::size_t pattern, std::string_view line) const;

    struct Item {
        std::string name;
        std::string amount;
        std::string quantity;
        std::string sku;
    };
    std::optional<Item> item(std::string_view line) const;

 private:
    std::vector<std::unique_ptr<re2::RE2>> patterns_;
};

}  // namespace raiten::drivers::escpos

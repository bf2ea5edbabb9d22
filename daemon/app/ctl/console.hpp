#pragma once

#include "daemon/base/result.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace raiten::app::ctl {

/// A line on standard output; the line feed is added.
void print(std::string_view line);
/// A line on standard error, after "raitenctl: ".
void complain(std::string_view line);
/// The same with a problem's text; returns `code`, for `return complain(problem, 66);`.
int complain(const Problem& problem, int code);

/// What came from outside, fit for a terminal: control characters become '?'.
std::string plain(std::string_view text);

/// A JSON string with its quotes.
std::string json_text(std::string_view text);

/// Names the first of what is left out of a long input; the rest is a count.
class Refusals {
 public:
    void take(const Problem& problem);
    std::uint64_t count() const { return count_; }

 private:
    std::uint64_t count_{};
};

/// Tells on a terminal's standard error how far something is that takes longer than a second,
/// and wipes it away at the end. Without a terminal it says nothing.
class Progress {
 public:
    /// `total` in the same unit as `done`, if it is known.
    Progress(std::string what, std::string unit, std::optional<std::uint64_t> total);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    void show(std::uint64_t done);

    /// What stands on the line: a bar where the total is known, else the count.
    static std::string line(const std::string& what, const std::string& unit, std::uint64_t done,
                            std::optional<std::uint64_t> total);

 private:
    std::string what_, unit_;
    std::optional<std::uint64_t> total_;
    bool terminal_;
    bool shown_{};
    std::chrono::steady_clock::time_point next_;
};

}  // namespace raiten::app::ctl

#pragma once

#include "daemon/base/result.hpp"
#include "daemon/engine/ports.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace raiten::ledger {

/// A campaign's `where`: an SQL expression over the score card, compiled by SQLite itself in a
/// database of its own that holds nothing but one row, the card. It may read the card's columns
/// and call pure functions (README.md lists them); no second SELECT, no other table, no clock, no
/// dice, no parameters, no comments. An empty expression means everybody.
///
/// Columns: card_columns(). What is unknown is null, and as in SQL an expression that comes to null
/// does not match.
class SegmentMatcher final : public Segments {
 public:
    static constexpr std::size_t where_bytes_max = 2000;
    static constexpr int depth_max = 50;
    static constexpr int steps_max = 10'000;  ///< of SQLite's virtual machine, in one evaluation

    SegmentMatcher();
    ~SegmentMatcher() override;

    /// Good, or what is wrong and at which column of the text (counted from 1, in bytes).
    Result<void> check(const std::string& where);

    /// False also for what does not compile or takes too long; failures() counts those.
    bool matches(const std::string& where, const ScoreCard& card);
    /// The matcher must outlive it.
    std::unique_ptr<SegmentSet> together(const std::vector<std::string>& wheres) override;
    std::uint64_t failures() const;

 private:
    class Compiler;
    std::unique_ptr<Compiler> compiler_;
};

}  // namespace raiten::ledger

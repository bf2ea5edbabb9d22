#pragma once

#include "daemon/base/result.hpp"
#include "daemon/engine/ports.hpp"
#include "daemon/ledger/segment_statement.hpp"
#include "daemon/ledger/segment_text.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace raiten::ledger {

/// A campaign's `where`: an SQL expression over the score card, compiled by SQLite itself. It may
/// read the card's columns and call pure functions (README.md lists them); no second SELECT, no
/// other table, no clock, no dice, no parameters, no comments. An empty expression means everybody.
///
/// Columns: card_columns(). What is unknown is null, and as in SQL an expression that comes to null
/// does not match.
class SegmentMatcher final : public Segments {
 public:
    static constexpr std::size_t where_bytes_max = segment_bytes_max;
    static constexpr int depth_max = segment_depth_max;
    static constexpr int steps_max = SegmentEngine::steps_max;

    SegmentMatcher();
    ~SegmentMatcher() override;

    /// Good, or what is wrong, at which column of the text (problem_in()), and what to do.
    Result<void> check(const std::string& where);

    /// False also for what does not compile or fails at run time; failures() counts those.
    bool matches(const std::string& where, const ScoreCard& card);

    /// One statement for all that compile. The matcher must outlive it. One that fails at run time
    /// does not match, and is asked alone from then on, so that it delays nobody twice.
    std::unique_ptr<SegmentSet> together(const std::vector<std::string>& wheres) override;

    /// Answers that were none, since the beginning.
    std::uint64_t failures() const { return failures_; }
    /// Expressions that are asked alone because they failed once.
    std::uint64_t set_apart() const { return set_apart_; }

 private:
    class Together;
    struct Alone {
        SegmentPart part;
        SegmentStatement statement;
    };
    Result<Alone> alone(const std::string& where);

    SegmentCompiler compiler_;
    SegmentEngine engine_;
    std::map<std::string, Alone> compiled_;  ///< of matches()
    std::uint64_t failures_{};
    std::uint64_t set_apart_{};
};

}  // namespace raiten::ledger

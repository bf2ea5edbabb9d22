#pragma once

#include "daemon/model/score_card.hpp"

#include <optional>
#include <string>
#include <vector>

struct sqlite3;

namespace raiten::ledger {

/// What SQLite itself says of one expression and one card: a real table with one row, whose columns
/// are those of the card, and nothing of ours in between.
class SegmentOracle {
 public:
    SegmentOracle();
    ~SegmentOracle();
    SegmentOracle(const SegmentOracle&) = delete;
    SegmentOracle& operator=(const SegmentOracle&) = delete;

    void put(const ScoreCard& card);
    /// Nothing where it does not compile or fails.
    std::optional<bool> matches(const std::string& where);

 private:
    sqlite3* database_{};
};

}  // namespace raiten::ledger

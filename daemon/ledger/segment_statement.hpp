#pragma once

#include "daemon/ledger/segment_compiler.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

struct sqlite3_stmt;

namespace raiten::ledger {

/// An expression that SegmentCompiler let pass.
struct SegmentPart {
    std::string where;
    std::vector<const CardColumn*> columns;  ///< that it reads
};

/// Where statements over the card are carried out: an empty database in memory.
class SegmentEngine {
 public:
    /// Steps of SQLite's virtual machine that one expression may take. A program without a loop
    /// takes as many as it is long, and the compiler allows no longer one.
    static constexpr int steps_max = 10'000;

    SegmentEngine();
    SegmentEngine(const SegmentEngine&) = delete;
    SegmentEngine& operator=(const SegmentEngine&) = delete;

    sqlite3* connection() const { return database_.get(); }
    /// Until the next call, statements may take so many steps together.
    void allow(std::size_t expressions);

 private:
    static int looked(void* looks);

    int looks_{};
    Connection database_;
};

/// Some expressions as one statement over one card, which is bound column by column as far as they
/// read it:
///
///     SELECT CASE WHEN (w0) THEN 1 ELSE 0 END + CASE WHEN (w1) THEN 2 ELSE 0 END + …, …
///     FROM (SELECT CAST(?1 AS INTEGER) AS streak, CAST(?2 AS TEXT) AS zone, …) AS score_card
///
/// An expression ends as soon as its AND or OR is decided. The answers of `word_bits` expressions
/// are one number: reading a result costs as much as a comparison does.
class SegmentStatement {
 public:
    static constexpr std::size_t word_bits = 62;
    static constexpr std::size_t expressions_max = 4 * word_bits;

    /// 1 to expressions_max of them; the engine must outlive it. A Problem where SQLite does not
    /// take them in this form.
    static Result<SegmentStatement> of(SegmentEngine& engine, std::span<const SegmentPart* const>);

    /// For each expression 1 where the card matches, else 0. False where one of them failed at run
    /// time: then nothing is said of any.
    bool answer(const ScoreCard& card, std::span<std::uint8_t> out);

 private:
    SegmentStatement() = default;
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const;
    };
    SegmentEngine* engine_{};
    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
    std::vector<const CardColumn*> columns_;  ///< by the place of their parameter
    std::size_t expressions_{};
};

}  // namespace raiten::ledger

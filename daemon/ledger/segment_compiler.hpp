#pragma once

#include "daemon/base/result.hpp"
#include "daemon/model/score_card.hpp"

#include <memory>
#include <string>
#include <vector>

struct sqlite3;

namespace raiten::ledger {

/// "CAST(?1 AS INTEGER) AS streak", or whatever stands for a column in a subquery.
std::string bound_column(const CardColumn& column, std::size_t place);

struct SegmentMemory;

/// A connection to an empty database in memory, or null: SQLite out of memory.
struct CloseConnection {
    void operator()(sqlite3* connection) const;
};
using Connection = std::unique_ptr<sqlite3, CloseConnection>;

/// Asks SQLite what an expression is: in a database of its own that holds nothing but the empty
/// table `score_card`, under an authorizer that allows its columns and pure functions, with limits
/// on length, depth and size of the program.
class SegmentCompiler {
 public:
    SegmentCompiler();
    ~SegmentCompiler();
    SegmentCompiler(const SegmentCompiler&) = delete;
    SegmentCompiler& operator=(const SegmentCompiler&) = delete;

    /// The columns that the expression reads, in the card's order; or what is wrong and where. The
    /// expression must not be empty.
    Result<std::vector<const CardColumn*>> columns_of(const std::string& where);

 private:
    Connection database_;
    std::unique_ptr<SegmentMemory> memory_;
};

/// What compiles and yet is hardly meant: a stage that there is not, || for OR, text compared with
/// a number, a column that is known only at other moments. Of a text that compiles.
std::vector<Problem> segment_warnings(const std::string& where);

}  // namespace raiten::ledger

#pragma once

#include "daemon/base/result.hpp"

#include <cstddef>
#include <istream>
#include <optional>
#include <string>
#include <vector>

namespace raiten::app {

struct CsvLimits {
    std::size_t row_bytes_max{256 * 1024};
    std::size_t fields_max{256};
};

struct CsvRow {
    std::size_t line{};  ///< on which it begins, from 1
    std::vector<std::string> fields;
};

/// Comma-separated values, RFC 4180: fields may be quoted and then hold commas, line ends and
/// doubled quotes. Lines end with CR LF, LF or CR; a byte-order mark and empty lines are passed
/// over. Memory stays within one row.
class CsvReader {
 public:
    /// `in` must outlive the reader, and be open in binary mode.
    explicit CsvReader(std::istream& in, CsvLimits limits = {});

    /// The next row, nothing at the end. A row that is malformed or larger than the limits is a
    /// problem whose `where` is "line N"; the call after it goes on at the line that follows.
    Result<std::optional<CsvRow>> next();

 private:
    int get();
    int peek();
    bool ends_line(int c);
    std::optional<std::string> read_quoted(std::string& field);
    std::optional<std::string> read_row(CsvRow& row);
    void skip_line();

    std::istream& in_;
    CsvLimits limits_;
    std::size_t line_{1};
    std::size_t row_bytes_{};
    bool at_line_start_{true};
};

}  // namespace raiten::app

#pragma once

#include "daemon/app/csv.hpp"
#include "daemon/base/result.hpp"

#include <cstdint>
#include <functional>
#include <istream>
#include <string>
#include <string_view>
#include <vector>

namespace raiten::app::ctl {

/// Rows of a CSV file by column name, columns in any order. What is wrong with a row is told to
/// `refuse` with file and line, and the row is passed over.
class CsvTable {
 public:
    struct Source {
        std::istream& in;
        std::string file;  ///< its name, for what is said of it
        std::function<void(std::uint64_t rows)> progress;
        std::function<void(const Problem&)> refuse;
    };
    using Names = std::vector<std::string_view>;

    /// `needed` columns must be in the header, `known` ones may.
    CsvTable(Source source, Names needed, Names known);

    /// Before the first row. A Problem where a needed column is missing or one stands there twice.
    Result<void> read_header();
    /// The next row that has as many fields as the header; false at the end.
    bool next();
    /// By the order of the names, needed ones first. Empty where the file has no such column.
    std::string_view field(std::size_t name) const;
    void refuse(std::string what, std::string advice = {});

    std::uint64_t line() const { return row_.line; }
    std::string where() const;
    std::uint64_t rows() const { return rows_; }
    std::uint64_t refused() const { return refused_; }
    /// Columns of the header that nobody asked for.
    const std::vector<std::string>& unused() const { return unused_; }

 private:
    static constexpr auto absent = static_cast<std::size_t>(-1);

    Problem within(const Problem& problem) const;
    std::string begin_with() const;

    Source source_;
    CsvReader csv_;
    Names needed_;
    Names names_;
    std::vector<std::size_t> places_;
    std::vector<std::string> unused_;
    std::size_t width_{};
    CsvRow row_;
    std::uint64_t rows_{};
    std::uint64_t refused_{};
};

}  // namespace raiten::app::ctl

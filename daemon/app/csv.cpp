#include "daemon/app/csv.hpp"

#include <streambuf>

namespace raiten::app {
namespace {

constexpr int end_of_file = std::char_traits<char>::eof();

}  // namespace

CsvReader::CsvReader(std::istream& in, CsvLimits limits) : in_{in}, limits_{limits}
{
    for (const int mark : {0xef, 0xbb, 0xbf}) {
        if (peek() != mark) break;
        get();
    }
}

int CsvReader::peek()
{
    return in_.good() ? in_.rdbuf()->sgetc() : end_of_file;
}

int CsvReader::get()
{
    const int c = in_.good() ? in_.rdbuf()->sbumpc() : end_of_file;
    if (c == end_of_file) return c;
    ++row_bytes_;
    at_line_start_ = false;
    return c;
}

/// Takes a whole line end that begins with `c`, which has been taken.
bool CsvReader::ends_line(int c)
{
    if (c == '\r' && peek() == '\n') get();
    if (c != '\r' && c != '\n') return false;
    ++line_;
    at_line_start_ = true;
    return true;
}

void CsvReader::skip_line()
{
    while (!at_line_start_) {
        const int c = get();
        if (c == end_of_file || ends_line(c)) return;
    }
}

/// After the opening quote, up to and with the closing one.
std::optional<std::string> CsvReader::read_quoted(std::string& field)
{
    for (;;) {
        if (row_bytes_ > limits_.row_bytes_max) return "is too long (a quote that never closes?)";
        const int c = get();
        if (c == end_of_file) return "ends within quotes";
        if (c == '"') {
            if (peek() != '"') return std::nullopt;
            get();
        }
        field.push_back(static_cast<char>(c));
        if (c == '\n' || (c == '\r' && peek() != '\n')) ++line_;
    }
}

/// What is wrong with the row, if anything.
std::optional<std::string> CsvReader::read_row(CsvRow& row)
{
    row.fields.emplace_back();
    bool quoted = false;
    for (;;) {
        if (row_bytes_ > limits_.row_bytes_max) return "is too long";
        const int c = get();
        if (c == end_of_file || ends_line(c)) return std::nullopt;
        if (c == ',') {
            if (row.fields.size() == limits_.fields_max) return "has too many fields";
            row.fields.emplace_back();
            quoted = false;
        } else if (quoted) {
            return "has text after a closing quote";
        } else if (c != '"') {
            row.fields.back().push_back(static_cast<char>(c));
        } else if (row.fields.back().empty()) {
            quoted = true;
            if (const auto why = read_quoted(row.fields.back())) return why;
        } else {
            return "has a quote within a field that does not begin with one";
        }
    }
}

Result<std::optional<CsvRow>> CsvReader::next()
{
    while (peek() != end_of_file) {
        CsvRow row;
        row.line = line_;
        row_bytes_ = 0;
        if (auto why = read_row(row)) {
            skip_line();
            return Problem{std::move(*why), "line " + std::to_string(row.line)};
        }
        const bool empty = row.fields.size() == 1 && row.fields[0].empty() && row_bytes_ <= 2;
        if (!empty) return std::optional{std::move(row)};
    }
    return std::optional<CsvRow>{};
}

}  // namespace raiten::app

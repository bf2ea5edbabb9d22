#include "tests/scoring/peers/table.hpp"

#include <zlib.h>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace raiten::peers {
namespace {

[[noreturn]] void fail(const std::string& file, const std::string& what)
{
    throw std::runtime_error{file + ": " + what};
}

/// The cells of the line that starts at `at`, which ends up behind it. Quotes as in RFC 4180.
std::vector<std::string> line_of(const std::string& text, std::size_t& at)
{
    std::vector<std::string> cells{""};
    bool quoted = false;
    for (; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '"') {
            if (quoted && at + 1 < text.size() && text[at + 1] == '"')
                cells.back() += text[++at];
            else
                quoted = !quoted;
        } else if (c == ',' && !quoted) {
            cells.emplace_back();
        } else if (c == '\n' && !quoted) {
            ++at;
            break;
        } else if (c != '\r') {
            cells.back() += c;
        }
    }
    return cells;
}

}  // namespace

std::optional<std::filesystem::path> shared_history(std::string_view folder)
{
    const char* told = std::getenv("RAITEN_SHARED");
    const auto root = told != nullptr ? std::filesystem::path{told}
                                      : std::filesystem::path{RAITEN_SOURCE_DIR} / "../shared";
    const auto path = root / "data/history" / folder;
    if (std::filesystem::is_directory(path)) return path;
    std::fprintf(stderr, "skipped: no shared data in %s\n", path.c_str());
    return std::nullopt;
}

std::string text_of(const std::filesystem::path& file)
{
    gzFile in = gzopen(file.c_str(), "rb");  // reads plain files as they are
    if (in == nullptr) fail(file, "cannot be opened");
    std::string text;
    char bytes[1U << 16U];
    int got = 0;
    while ((got = gzread(in, bytes, sizeof bytes)) > 0)
        text.append(bytes, static_cast<std::size_t>(got));
    gzclose(in);
    if (got < 0) fail(file, "cannot be read");
    return text;
}

Table::Table(const std::filesystem::path& file) : file_{file}
{
    const auto text = text_of(file);
    std::size_t at = 0;
    columns_ = line_of(text, at);
    for (std::size_t i = 0; i < columns_.size(); ++i) places_[columns_[i]] = i;
    while (at < text.size()) {
        auto cells = line_of(text, at);
        if (cells.size() != columns_.size()) fail(file_, "a row has another number of cells");
        for (auto& cell : cells) cells_.push_back(std::move(cell));
    }
}

std::size_t Table::place(const std::string& column) const
{
    const auto found = places_.find(column);
    if (found == places_.end()) fail(file_, "no column " + column);
    return found->second;
}

const std::string& Table::text(std::size_t row, const std::string& column) const
{
    return cells_.at(row * columns_.size() + place(column));
}

double Table::number(std::size_t row, const std::string& column) const
{
    const auto& cell = text(row, column);
    char* end = nullptr;
    const double value = std::strtod(cell.c_str(), &end);
    if (end == cell.c_str()) fail(file_, "not a number in " + column + ": " + cell);
    return value;
}

std::vector<double> Table::numbers(const std::string& column) const
{
    std::vector<double> out;
    for (std::size_t row = 0; row < rows(); ++row) out.push_back(number(row, column));
    return out;
}

}  // namespace raiten::peers

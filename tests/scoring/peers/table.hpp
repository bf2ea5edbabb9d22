#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

/// Histories of real shops and what others computed of them; they lie beside the repository.
namespace raiten::peers {

/// Where that data lies: in RAITEN_SHARED, or in `shared` beside the repository. Nothing, and a
/// line on stderr that says what is skipped, where it is missing.
std::optional<std::filesystem::path> shared_history(std::string_view folder);

/// A file as text, unpacked where its name ends in .gz. Throws std::runtime_error.
std::string text_of(const std::filesystem::path& file);

/// A CSV file with a header. Throws std::runtime_error where the file or a column is missing, or a
/// number is none.
class Table {
 public:
    explicit Table(const std::filesystem::path& file);

    std::size_t rows() const { return cells_.size() / columns_.size(); }
    bool has(const std::string& column) const { return places_.count(column) > 0; }
    const std::string& text(std::size_t row, const std::string& column) const;
    double number(std::size_t row, const std::string& column) const;
    std::vector<double> numbers(const std::string& column) const;

 private:
    std::size_t place(const std::string& column) const;

    std::string file_;
    std::vector<std::string> columns_;
    std::unordered_map<std::string, std::size_t> places_;
    std::vector<std::string> cells_;
};

}  // namespace raiten::peers

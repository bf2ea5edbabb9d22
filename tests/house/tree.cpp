#include "tests/house/tree.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace fs = std::filesystem;

namespace raiten::house {
namespace {

bool is_theirs(const fs::path& folder)
{
    constexpr std::array names{".git", "build", "node_modules", ".cache", "captures", "corpus"};
    const auto name = folder.filename().string();
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_written_by_people(const fs::path& file)
{
    constexpr std::array kinds{".cpp",  ".hpp", ".md",  ".sh",   ".cmake",   ".txt",
                               ".toml", ".py",  ".mjs", ".js",   ".service", ".conf",
                               ".yaml", ".yml", ".css", ".html", ""};
    const auto kind = file.extension().string();
    return std::find(kinds.begin(), kinds.end(), kind) != kinds.end()
           || file.filename() == "package-lock.json";
}

}  // namespace

std::vector<std::string> files()
{
    const fs::path root{RAITEN_SOURCE_DIR};
    std::vector<std::string> found;
    for (auto at = fs::recursive_directory_iterator{root}; at != fs::end(at); ++at) {
        if (at->is_directory()) {
            if (is_theirs(at->path())) at.disable_recursion_pending();
        } else if (at->path() != root / ".git" && is_written_by_people(at->path())) {
            found.push_back(at->path().lexically_relative(root).generic_string());
        }
    }
    std::sort(found.begin(), found.end());
    return found;
}

std::string text_of(const std::string& file)
{
    std::ifstream in{fs::path{RAITEN_SOURCE_DIR} / file, std::ios::binary};
    if (!in) throw std::runtime_error{"cannot read " + file};
    std::ostringstream text;
    text << in.rdbuf();
    return std::move(text).str();
}

}  // namespace raiten::house

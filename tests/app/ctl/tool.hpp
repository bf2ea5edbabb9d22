#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

/// raitenctl as its users have it: a program with words, input, output and an exit code.
namespace raiten::test {

struct Ran {
    int code{};
    std::string out;
    std::string err;
    std::vector<std::string> lines() const;  ///< of `out`
};

Ran raitenctl(std::vector<std::string> words, std::string_view input = {});

/// The lines of a text, without line feeds.
std::vector<std::string> lines_of(const std::string& text);

/// A folder of its own that goes with the test.
class Scratch {
 public:
    Scratch();
    ~Scratch();
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    std::string path(const std::string& name) const { return (folder_ / name).string(); }
    /// Writes a file and gives its path.
    std::string file(const std::string& name, std::string_view content) const;
    static std::string content(const std::string& path);

 private:
    std::filesystem::path folder_;
};

/// A store's settings that name everything within the folder.
std::string small_store(const Scratch& scratch, std::string_view more = {});

}  // namespace raiten::test

#include "tests/support/scene.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <sstream>

namespace raiten::stage {
namespace {

constexpr std::size_t cues_max = 10'000;
constexpr std::uintmax_t file_bytes_max = 64 * 1024 * 1024;

/// How many arguments a cue has at least; nothing for an unknown one.
int arguments_of(std::string_view what)
{
    if (what == "radio") return 2;
    if (what == "print") return 1;
    if (what == "note" || what == "end") return 0;
    return -1;
}

}  // namespace

Result<std::vector<Cue>> parse_timeline(std::string_view text)
{
    std::vector<Cue> cues;
    std::istringstream lines{std::string{text}};
    std::string line;
    for (std::size_t number = 1; std::getline(lines, line); ++number) {
        std::istringstream words{line.substr(0, line.find('#'))};
        std::string at;
        Cue cue;
        if (!(words >> at)) continue;
        words >> cue.what;
        cue.arguments.assign(std::istream_iterator<std::string>{words}, {});
        std::int64_t at_ms = -1;
        const auto [stop, error] = std::from_chars(at.data(), at.data() + at.size(), at_ms);
        const int least = arguments_of(cue.what);
        if (error != std::errc{} || stop != at.data() + at.size() || at_ms < 0 || least < 0
            || static_cast<int>(cue.arguments.size()) < least) {
            return Problem{"not a cue: '" + line.substr(0, 80) + "'",
                           "line " + std::to_string(number),
                           "write AT_MS radio NAME FILE | print FILE | note TEXT | end"};
        }
        if (cues.size() == cues_max) return Problem{"more than 10,000 cues"};
        cue.at = Millis{at_ms};
        cues.push_back(std::move(cue));
    }
    std::stable_sort(cues.begin(), cues.end(),
                     [](const Cue& a, const Cue& b) { return a.at < b.at; });
    return cues;
}

Result<std::vector<std::byte>> read_file(const std::filesystem::path& path)
{
    std::error_code ec;
    const auto size = std::filesystem::file_size(path, ec);
    if (ec) return Problem{ec.message(), path.string()};
    if (size > file_bytes_max) return Problem{"more than 64 MiB", path.string()};
    std::vector<std::byte> bytes(size);
    std::ifstream in{path, std::ios::binary};
    // NOLINTNEXTLINE: the standard library's own way to read bytes
    in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size));
    if (!in) return Problem{"cannot be read", path.string()};
    return bytes;
}

}  // namespace raiten::stage

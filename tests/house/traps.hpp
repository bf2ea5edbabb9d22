#pragma once

#include <regex>
#include <string>
#include <string_view>
#include <vector>

namespace raiten::house {

/// Which half of a text a trap looks at. Files that are no C++ are all `words`.
enum class Half { code, words, all };

/// Something that compiles, or reads well, and bites later. `bites` and `harmless` are kept
/// beside the pattern, so that a test can show that it catches the one and spares the other.
struct Trap {
    std::string_view name;
    Half half;
    bool (*reaches)(std::string_view file);
    std::regex pattern;  ///< tried on each statement of the code, each line of the words
    std::string_view instead;
    std::string_view bites;
    std::string_view harmless;
};

const std::vector<Trap>& traps();

/// One sentence for each piece of `text` that this trap catches, with its line.
std::vector<std::string> caught_by(const Trap& trap, std::string_view file, std::string_view text);

}  // namespace raiten::house

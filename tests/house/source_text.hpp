#pragma once

#include <string>
#include <string_view>

namespace raiten::house {

/// A C++ text taken apart. Both halves have the lines and columns of the whole: what belongs to
/// the other half is blank.
struct SourceText {
    std::string code;      ///< without comments; literals keep their quotes and lose their inside
    std::string comments;  ///< the inside of comments only
};

/// Knows line and block comments, plain and raw strings, characters, and 1'000.
SourceText take_apart(std::string_view text);

}  // namespace raiten::house

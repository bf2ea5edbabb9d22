#pragma once

#include "daemon/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The text of a segment's expression, before and beside what SQLite says of it: words, places,
/// and what is refused without asking further.
namespace raiten::ledger {

inline constexpr std::size_t segment_bytes_max = 2000;
inline constexpr int segment_depth_max = 50;
inline constexpr int segment_pattern_bytes_max = 100;  ///< of LIKE and GLOB

/// What is wrong, and where in the text: a byte, counted from 0.
struct SegmentFault {
    std::size_t at{};
    std::string what;
    std::string advice{};
};

struct SegmentWord {
    enum class Kind : std::uint8_t {
        name,    ///< a column, a function or a keyword
        quoted,  ///< "…", `…` or […]: always the name of a column
        text,    ///< '…'
        number,
        sign,  ///< as many of these as belong together: <=, <>, ||
    };
    Kind kind{};
    std::size_t at{};
    std::string_view text;  ///< with its quotes; of the text that was read
};

/// The words of a text that refused_text() let pass.
std::vector<SegmentWord> words_of(std::string_view where);
/// Letters of ASCII made small.
std::string small_letters(std::string_view text);

/// Quotes, brackets, comments, parameters, second statements, sub-SELECTs, functions that are not
/// pure, characters that are no SQL: all by which a text would be more than one expression over the
/// card, or by which SQLite would read something else than its writer.
std::optional<SegmentFault> refused_text(std::string_view where);

/// Functions that an expression may call, in alphabetical order.
const std::vector<std::string>& pure_functions();
bool is_pure(std::string_view function);

/// `where` becomes "column N", counted from 1 in characters, as editors do.
Problem problem_in(std::string_view where, const SegmentFault& fault);
/// The expression, and below it a caret at that column (as problem_in() counts); two lines, for a
/// terminal. Of a long expression what stands around the place: at most `shown_max` characters.
/// Wide characters (as Japanese ones) take two places.
std::string pointed_at(const std::string& where, std::size_t column, std::size_t shown_max = 76);
/// The number in a problem's "column N"; nothing where it names no column.
std::optional<std::size_t> column_of(const Problem& problem);

}  // namespace raiten::ledger

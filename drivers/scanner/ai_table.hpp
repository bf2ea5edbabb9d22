#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

/// The GS1 Application Identifiers: what stands behind each, by the GS1 General Specifications,
/// section 3, and GS1's syntax dictionary.
namespace raiten::drivers::gs1 {

/// What a part of a value must be beyond its characters.
enum class Check : std::uint8_t {
    none,
    check_digit,    ///< the last digit, over all before it
    date,           ///< YYMMDD
    date_or_month,  ///< YYMMDD, where DD may be 00
    date_hour,      ///< YYMMDDhh
    hour_minute,    ///< hhmm
    minute_second,  ///< mm or mmss
    key,            ///< begins with a company prefix: at least four digits
    zero,
    nonzero,
    no_leading_zero,
    yes_no,     ///< 0 or 1
    winding,    ///< 0, 1 or 9
    piece,      ///< two digits of two: 01 to total
    latitude,   ///< up to 1800000000
    longitude,  ///< up to 3600000000
    percent,    ///< percent-encoded text
    hyphen      ///< nothing but a hyphen
};

/// One part of a value.
struct Part {
    char kind{};  ///< N digits, X set 82, Y set 39, Z set 64
    std::uint8_t min{};
    std::uint8_t max{};
    Check check{};
    bool optional{};  ///< the last part may be missing
};

struct Ai {
    std::uint16_t first{};  ///< with `last`: a range of numbers
    std::uint16_t last{};
    std::uint8_t digits{};  ///< how many the number has
    bool predefined{};      ///< its length is known by its first two digits: no separator follows
    std::array<Part, 5> parts{};
    std::size_t count{};

    std::size_t length_max() const;
};

/// Null: no such identifier. `ai` holds digits only.
const Ai* find_ai(std::string_view ai);

/// The identifier that a text begins with; nothing where there is none.
std::optional<std::string_view> leading_ai(std::string_view text);

inline constexpr std::string_view gsrn_provider = "8017";   ///< who serves
inline constexpr std::string_view gsrn_recipient = "8018";  ///< who is served: a member's number
inline constexpr std::string_view gtin = "01";

}  // namespace raiten::drivers::gs1

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace raiten::drivers::gateway {

/// Finds where a JSON object or array ends, one character at a time, and notices at once when what
/// comes cannot be JSON any more. It looks at the brackets, the commas and the quotes, not at the
/// values: `nan` passes, which some gateways write.
class Outline {
 public:
    enum class Step : std::uint8_t {
        more,      ///< it goes on
        complete,  ///< this character was its last
        damaged    ///< this character cannot stand here; nor can it lie deeper than depth_max
    };
    static constexpr std::size_t depth_max = 32;

    /// The first character must be a bracket.
    Step take(char c);
    void reset() { *this = Outline{}; }

 private:
    enum class Next : std::uint8_t { value, value_or_end, key, key_or_end, colon, comma_or_end };

    Step open(char bracket);
    Step close(char bracket);
    Step quote();
    Step take_in_string(char c);
    bool value_may_come() const { return next_ == Next::value || next_ == Next::value_or_end; }
    bool in_object() const { return depth_ > 0 && open_[depth_ - 1] == '{'; }

    std::array<char, depth_max> open_{};
    std::size_t depth_{};
    Next next_{Next::value};
    bool in_string_{};
    bool is_key_{};
    bool escaped_{};
    bool in_word_{};  ///< a number, true, false, null
};

}  // namespace raiten::drivers::gateway

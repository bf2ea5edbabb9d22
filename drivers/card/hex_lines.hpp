#pragma once

#include "drivers/card/identity.hpp"

#include <cstddef>
#include <functional>
#include <string>

namespace raiten::drivers::card {

/// A recording that people can read and write: one answer a line, in hex, blanks and colons
/// between digits as they like; `#` begins a remark. Fed cut anywhere.
class HexLines {
 public:
    static constexpr std::size_t line_max = 1024;  ///< characters; a longer line is refused whole

    /// The bytes of one line; refused lines come without bytes. `characters` is the line's length.
    using OnLine = std::function<void(Taken<Bytes> bytes, std::size_t characters)>;

    void feed(Bytes text, const OnLine& on_line);
    void finish(const OnLine& on_line);

 private:
    void end(const OnLine& on_line);

    std::string line_;
    std::size_t characters_{};
};

}  // namespace raiten::drivers::card

#pragma once

#include "drivers/translator.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace raiten::drivers {

/// One scan as it comes in, character by character or many at once, until its end; then told as
/// `TokenShown` or `Garbled`. Shared by scanners on a serial line and those that type.
class CodeLine {
 public:
    static constexpr std::size_t line_max = 2048;  ///< bytes; a longer scan is garbled whole

    void add(std::string_view text);
    void add(char c) { add(std::string_view{&c, 1}); }

    /// Something of this scan was lost, so that none of it may be taken, up to its end. `why` is a
    /// literal; `bytes` of the device that are to be counted with it.
    void spoil(std::string_view why, std::size_t bytes);

    /// The scan's end came. An empty line is nobody's: CR is followed by LF.
    void end(const Tell& tell);

    /// The stream ended without the scan's end: a number might have been longer, so that only one
    /// with a check digit is taken.
    void cut(const Tell& tell);

 private:
    void reset();

    std::string text_;
    std::size_t bytes_{};
    std::string_view spoiled_;  ///< why; empty: it is not
};

}  // namespace raiten::drivers

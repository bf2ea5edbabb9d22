#pragma once

#include "drivers/translator.hpp"

#include <memory>

namespace raiten::drivers {

/// Format `scanner`: 1D and 2D scanners on a serial line, one code a line. Ends of a line: CR, LF,
/// both, TAB; STX and ETX around it are skipped.
std::unique_ptr<Translator> make_scanner();

}  // namespace raiten::drivers

#pragma once

#include "drivers/translator.hpp"

#include <memory>

namespace raiten::drivers {

/// Format `pn532`: a recorded line of a PN532 module. HSU frames of either side, bare answers
/// (`D5 4B …` one behind the other), or hex lines of either; a line may begin with `4B`. Every card
/// of every answer is told.
std::unique_ptr<Translator> make_pn532_tap();

}  // namespace raiten::drivers

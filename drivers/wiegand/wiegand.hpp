#pragma once

#include "drivers/translator.hpp"

#include <memory>

namespace raiten::drivers {

/// Format `wiegand`: lines of a converter behind a Wiegand card reader, each told as
/// `card:<facility><card number>`. A card that is held longer may be told again and again: the
/// engine's `checkin_debounce` makes one check-in of them.
std::unique_ptr<Translator> make_wiegand();

}  // namespace raiten::drivers

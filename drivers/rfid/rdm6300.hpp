#pragma once

#include "drivers/translator.hpp"

#include <memory>

namespace raiten::drivers {

/// Format `rdm6300`: frames of RDM6300 and ID-12LA readers, each told as `card:<ten digits>`.
/// A tag that rests on the reader is told again and again: the driver has no clock, the engine's
/// `checkin_debounce` makes one check-in of them.
std::unique_ptr<Translator> make_rdm6300();

}  // namespace raiten::drivers

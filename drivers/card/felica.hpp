#pragma once

#include "drivers/translator.hpp"

#include <memory>

namespace raiten::drivers {

/// Format `felica`: recorded answers of FeliCa cards to Polling, as hex lines or as bare bytes with
/// their length before each. Each is told as `felica:<hex>`.
std::unique_ptr<Translator> make_felica();

}  // namespace raiten::drivers

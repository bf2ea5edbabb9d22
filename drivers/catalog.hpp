#pragma once

#include "daemon/base/result.hpp"
#include "drivers/options.hpp"
#include "drivers/translator.hpp"

#include <memory>
#include <span>
#include <string_view>

namespace raiten::drivers {

/// One kind of device that Raiten understands.
struct Driver {
    std::string_view format;  ///< `raitenctl decode FORMAT`, and `format =` of its [[reader]]
    std::string_view reader;  ///< the [[reader]] driver whose wire brings its bytes
    std::string_view doc;     ///< one line, for people
    /// Hears a recording or a device that speaks by itself.
    Result<std::unique_ptr<Translator>> (*listen)(const Options&);
    /// Talks with a live device; null where listening is enough.
    std::unique_ptr<Dialogue> (*converse)(const Options&);
};

/// Every driver, one row each.
std::span<const Driver> catalog();
const Driver* find_driver(std::string_view format);  ///< null: there is none

}  // namespace raiten::drivers

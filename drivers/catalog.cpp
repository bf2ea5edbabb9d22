#include "drivers/catalog.hpp"

#include "drivers/ble/listener.hpp"
#include "drivers/ble/scanner.hpp"
#include "drivers/escpos/escpos.hpp"

#include <algorithm>
#include <array>

namespace raiten::drivers {
namespace {

using Listening = Result<std::unique_ptr<Translator>>;

constexpr std::array drivers{
    Driver{"h4", "ble-h4", "a Bluetooth controller's packets",
           [](const Options& options) -> Listening { return make_h4_tap(options.allow); },
           [](const Options& options) { return make_ble_h4(options.allow); }},
    Driver{"escpos", "pos-escpos", "what a register prints",
           [](const Options& options) -> Listening { return make_escpos(options.escpos); },
           nullptr},
};

}  // namespace

std::span<const Driver> catalog()
{
    return drivers;
}

const Driver* find_driver(std::string_view format)
{
    const auto found = std::find_if(drivers.begin(), drivers.end(),
                                    [&](const Driver& row) { return row.format == format; });
    return found == drivers.end() ? nullptr : &*found;
}

}  // namespace raiten::drivers

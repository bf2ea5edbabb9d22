#include "drivers/catalog.hpp"

#include "drivers/ble/listener.hpp"
#include "drivers/ble/scanner.hpp"
#include "drivers/epos/epos.hpp"
#include "drivers/escpos/escpos.hpp"
#include "drivers/poslog/poslog.hpp"

#include <algorithm>
#include <array>

namespace raiten::drivers {
namespace {

using Listening = Result<std::unique_ptr<Translator>>;

constexpr std::array drivers{
    Driver{"h4", "ble-h4", "a Bluetooth controller's packets",
           [](const Options&) -> Listening { return make_h4_tap(); },
           [](const Options&) { return make_ble_h4(); }},
    Driver{"escpos", "pos-escpos", "what a register prints",
           [](const Options& options) -> Listening { return make_escpos(options.escpos); },
           nullptr},
    Driver{"poslog", "pos-poslog", "a register's XML log: POSLog and its dialects",
           [](const Options& options) -> Listening { return make_poslog(options); }, nullptr},
    Driver{"epos", "pos-webhook", "slips that a register posts to an ePOS-Print printer",
           [](const Options& options) -> Listening { return make_epos(options); }, nullptr},
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

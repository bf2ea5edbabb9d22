#include "drivers/catalog.hpp"

#include "drivers/ble/listener.hpp"
#include "drivers/ble/scanner.hpp"
#include "drivers/card/felica.hpp"
#include "drivers/epos/epos.hpp"
#include "drivers/escpos/escpos.hpp"
#include "drivers/gateway/gateway.hpp"
#include "drivers/keyboard/keyboard.hpp"
#include "drivers/pn532/reader.hpp"
#include "drivers/pn532/tap.hpp"
#include "drivers/pos/readers.hpp"
#include "drivers/poslog/poslog.hpp"
#include "drivers/rfid/rdm6300.hpp"
#include "drivers/scanner/scanner.hpp"
#include "drivers/wiegand/wiegand.hpp"

#include <algorithm>
#include <array>

namespace raiten::drivers {
namespace {

using Listening = Result<std::unique_ptr<Translator>>;

template <const char* Format>
Listening listen_to_transactions(const Options& options)
{
    return pos::make_receipts(pos::make_reader(Format), options);
}

constexpr char smaregi[] = "smaregi";
constexpr char square[] = "square";
constexpr char shopify[] = "shopify";

constexpr std::array drivers{
    Driver{"h4", "ble-h4", "a Bluetooth controller's packets",
           [](const Options& options) -> Listening { return make_h4_tap(options.allow); },
           [](const Options& options) { return make_ble_h4(options.allow); }},
    Driver{"escpos", "pos-escpos", "what a register prints",
           [](const Options& options) -> Listening { return make_escpos(options.escpos); },
           nullptr},
    Driver{"openmqttgateway", "ble-gateway", "OpenMQTTGateway and Theengs Gateway over MQTT",
           [](const Options& options) -> Listening { return make_openmqttgateway(options); },
           nullptr},
    Driver{"espresense", "ble-gateway", "ESPresense nodes over MQTT",
           [](const Options& options) -> Listening { return make_espresense(options); }, nullptr},
    Driver{"minew", "ble-gateway", "Minew gateways' JSON over MQTT",
           [](const Options& options) -> Listening { return make_minew(options); }, nullptr},
    Driver{"raddec", "ble-gateway", "reelyActive's raddec over MQTT",
           [](const Options& options) -> Listening { return make_raddec(options); }, nullptr},
    Driver{"ingics", "ble-gateway", "Ingics gateways' reports over MQTT",
           [](const Options& options) -> Listening { return make_ingics(options); }, nullptr},
    Driver{"poslog", "pos-poslog", "a register's XML log: POSLog and its dialects",
           [](const Options& options) -> Listening { return make_poslog(options); }, nullptr},
    Driver{smaregi, "pos-webhook", "Smaregi's notices and transactions",
           &listen_to_transactions<smaregi>, nullptr},
    Driver{square, "pos-webhook", "Square's webhook events, payments, refunds and orders",
           &listen_to_transactions<square>, nullptr},
    Driver{shopify, "pos-webhook", "Shopify's orders and refunds", &listen_to_transactions<shopify>,
           nullptr},
    Driver{"rdm6300", "checkin-serial", "a 125 kHz tag reader (RDM6300, ID-12LA)",
           [](const Options&) -> Listening { return make_rdm6300(); }, nullptr},
    Driver{"wiegand", "checkin-serial",
           "a Wiegand card reader behind a converter that prints lines",
           [](const Options&) -> Listening { return make_wiegand(); }, nullptr},
    Driver{"scanner", "checkin-serial", "a barcode scanner on a serial line",
           [](const Options&) -> Listening { return make_scanner(); }, nullptr},
    Driver{"keyboard", "checkin-evdev", "a barcode scanner that types like a keyboard",
           [](const Options& options) { return make_keyboard(options.keyboard); }, nullptr},
    Driver{"pn532", "checkin-serial", "a PN532 module for NFC and FeliCa cards",
           [](const Options&) -> Listening { return make_pn532_tap(); },
           [](const Options&) { return make_pn532(); }},
    Driver{"felica", "checkin-pcsc", "answers of FeliCa cards to polling",
           [](const Options&) -> Listening { return make_felica(); }, nullptr},
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

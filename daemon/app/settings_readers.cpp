#include "daemon/app/settings_table.hpp"
#include "drivers/catalog.hpp"

#include <algorithm>
#include <array>

/// The keys of [[reader]]: what all have, then what some drivers have.
namespace raiten::app {
namespace {

using K = KeyKind;
using S = Settings;
using V = const KeyValue&;

constexpr std::nullopt_t required = std::nullopt;
constexpr bool restart = false;

constexpr std::array<std::string_view, 12> drivers{
    "ble-hci",    "ble-h4",     "ble-gateway", "checkin-serial", "checkin-evdev", "checkin-pcsc",
    "pos-escpos", "pos-poslog", "pos-webhook", "exec",           "replay",        "api"};

constexpr std::string_view bluetooth = "ble-hci,ble-h4,ble-gateway";
constexpr std::string_view registers = "pos-escpos,pos-poslog,pos-webhook";
constexpr std::string_view printed = "pos-escpos,pos-webhook";
constexpr std::string_view token_kinds_allowed =
    "ibeacon|eddystone-uid|eddystone-eid|altbeacon|ble|nfc|felica|card|qr|app";
constexpr std::string_view bluetooth_default = "ibeacon,eddystone-uid,eddystone-eid,altbeacon,ble";

ReaderSettings& reader(S& s)
{
    return s.readers.back();
}

TokenKinds kinds_of(const std::vector<std::string>& names)
{
    TokenKinds kinds{};
    for (std::size_t i = 0; i < token_prefixes.size(); ++i)
        for (const auto& name : names)
            if (name == token_prefixes[i])
                kinds = static_cast<TokenKinds>(kinds | kind_bit(static_cast<TokenKind>(i)));
    return kinds;
}

/// "ble-h4|pos-escpos|…"
std::string_view drivers_allowed()
{
    static const std::string all = [] {
        std::string joined;
        for (const auto name : drivers) joined += (joined.empty() ? "" : "|") + std::string{name};
        return joined;
    }();
    return all;
}

/// Formats of the drivers' catalog that share a wire with others, so that one must be named.
std::string_view formats_allowed()
{
    static const std::string all = [] {
        std::string joined;
        for (const auto& row : raiten::drivers::catalog())
            if (needs_format(row.reader))
                joined += (joined.empty() ? "" : "|") + std::string{row.format};
        return joined;
    }();
    return all;
}

/// One row of [reader.patterns]: regular expressions that find one thing in a printed slip.
template <std::size_t N>
struct Literal {
    std::array<char, N> text{};
    consteval Literal(const char (&source)[N])  // NOLINT: a string literal as template argument
    {
        for (std::size_t i = 0; i < N; ++i) text[i] = source[i];
    }
    constexpr std::string_view view() const { return {text.data(), N - 1}; }
};

template <Literal name>
Key pattern(std::string_view doc)
{
    return {"reader.patterns", name.view(), K::texts, "", "", restart, printed, doc, [](S& s, V v) {
                reader(s).till.patterns[std::string{name.view()}] = v.texts();
            }};
}

/// A text key that goes into one member of the last reader.
template <auto member>
void put_text(S& s, V v)
{
    reader(s).*member = v.text();
}
template <auto part, auto member>
void put_text(S& s, V v)
{
    reader(s).*part.*member = v.text();
}
using R = ReaderSettings;
using G = GatewaySettings;
using T = RegisterSettings;
using W = WebhookSettings;

std::vector<Key> rows_of_all()
{
    return {
        {"reader", "name", K::name, required, "", restart, "",
         "Its name in events and logs; one of a kind.", &put_text<&R::name>},
        {"reader", "driver", K::choice, required, drivers_allowed(), restart, "",
         "What kind of device it is: a Bluetooth controller (ble-hci: the kernel's; ble-h4: over a "
         "serial line, TCP or a unix socket) or a gateway on MQTT (ble-gateway); a scanner or card "
         "reader on a serial line (checkin-serial), as a keyboard (checkin-evdev) or through pcscd "
         "(checkin-pcsc); a register by its printer (pos-escpos), by its log (pos-poslog) or by a "
         "service that posts (pos-webhook); a program (exec), a recording (replay), or somebody "
         "who posts events to the local API (api).",
         &put_text<&R::driver>},
        {"reader", "format", K::choice, required, formats_allowed(), restart,
         "checkin-serial,ble-gateway,pos-webhook", "What the device speaks.",
         &put_text<&R::format>},
        {"reader", "zone", K::text, "", "", restart, "",
         "Where it stands: \"entrance\", \"floor\", \"register\", \"fitting\", …; \"\" if unknown.",
         &put_text<&R::zone>},
        {"reader", "passive", K::flag, "false", "", restart, "api,exec,replay",
         "Whether it hears tokens by itself; its being up then counts as listening time.",
         [](S& s, V v) { reader(s).passive = v.flag(); }},
        {"reader", "hears", K::choices, bluetooth_default, token_kinds_allowed, restart,
         "ble-hci,ble-h4,ble-gateway,api,exec,replay",
         "Which kinds of token a passive reader can hear.",
         [](S& s, V v) { reader(s).hears = kinds_of(v.texts()); }},
    };
}

std::vector<Key> rows_of_devices()
{
    return {
        {"reader", "device", K::endpoint, required, "hci|tcp|unix|serial|input", restart,
         "ble-hci,ble-h4,checkin-serial,checkin-evdev",
         "Where the device is: \"hci:0\" (ble-hci), \"tcp:HOST:PORT\", \"unix:/PATH\", "
         "\"serial:/dev/ttyX@115200[,8N1][,rtscts]\", \"input:/dev/input/by-id/X\" "
         "(checkin-evdev).",
         [](S& s, V v) { reader(s).device = wire::parse_address(v.text()).value(); }},
        {"reader", "allow", K::texts, "", "", restart, bluetooth,
         "Beacons that may be members: beginnings of tokens, such as \"ibeacon:UUID\" or "
         "\"eddystone-uid:NAMESPACE\". Others are taken for passing devices; [] takes all.",
         [](S& s, V v) { reader(s).allow = v.texts(); }},
        {"reader", "rssi_offset", K::level_difference, "0dB", "-40dB..40dB", restart, bluetooth,
         "Added to every level that it hears: readers of different makes and places are put on a "
         "par, so that the nearest one is the strongest. Walk a tag past each at the same "
         "distance.",
         [](S& s, V v) { reader(s).rssi_offset_db = v.decibels(); }},
        {"reader", "keyboard", K::choice, "us", "us|jp", restart, "checkin-evdev",
         "The keyboard layout that the scanner types in.", &put_text<&R::keyboard>},
        {"reader", "card_reader", K::text, "", "", restart, "checkin-pcsc",
         "A part of the card reader's name as pcscd has it; \"\" is any.",
         &put_text<&R::card_reader>},

        {"reader", "brokers", K::brokers, required, "", restart, "ble-gateway",
         "The broker that the gateways publish to, and its stand-ins.",
         [](S& s, V v) { reader(s).mqtt.brokers = v.texts(); }},
        {"reader", "topics", K::texts, required, "", restart, "ble-gateway",
         "What to listen to: \"home/+/BTtoMQTT/#\", \"espresense/devices/#\", \"raddec/#\", as the "
         "gateway is set.",
         [](S& s, V v) { reader(s).mqtt.topics = v.texts(); }},
        {"reader", "gateway", K::text, "", "", restart, "ble-gateway",
         "Which gateway on these topics this reader is: its MAC or room, as `raitenctl decode` "
         "shows it for reader; \"\" is all of them as one.",
         &put_text<&R::mqtt, &G::gateway>},
        {"reader", "silent_after", K::duration, "5min", "0s..1d", restart, "ble-gateway",
         "A gateway that says nothing for so long counts as down; 0s: never. Shorter than "
         "visits.exit_timeout, else a gateway that died looks like members who left.",
         [](S& s, V v) { reader(s).mqtt.silent_after = v.span(); }},
        {"reader", "client_id", K::text, "", "", restart, "ble-gateway",
         "This connection's name at the broker; \"\" is made of device and reader.",
         &put_text<&R::mqtt, &G::client_id>},
        {"reader", "username", K::text, "", "", restart, "ble-gateway", "For the broker.",
         &put_text<&R::mqtt, &G::username>},
        {"reader", "password", K::secret, "", "none", restart, "ble-gateway",
         "For the broker: a credential's name, or a file with mode 0600.",
         &put_text<&R::mqtt, &G::password>},
        {"reader", "ca", K::config_path, "", "none", restart, "ble-gateway",
         "PEM file of the authorities that may vouch for the broker; \"\" is the system's.",
         &put_text<&R::mqtt, &G::ca>},
        {"reader", "certificate", K::config_path, "", "none", restart, "ble-gateway",
         "PEM file of our certificate for the broker.", &put_text<&R::mqtt, &G::certificate>},
        {"reader", "key", K::config_path, "", "none", restart, "ble-gateway",
         "PEM file of our certificate's key.", &put_text<&R::mqtt, &G::key>},
    };
}

std::vector<Key> rows_of_registers()
{
    return {
        {"reader", "listen", K::host_port, "127.0.0.1:9100", "", restart, "pos-escpos,pos-poslog",
         "Where the register prints to (with printer) or sends its log to (without folder); port 0 "
         "takes a free one.",
         [](S& s, V v) { reader(s).listen = parse_host_port(v.text()).value(); }},
        {"reader", "printer", K::endpoint, "", "tcp", restart, "pos-escpos",
         "The real printer, \"tcp:HOST:PORT\", to which every byte is passed on. Either this or "
         "tap.",
         [](S& s, V v) {
             const auto address = wire::parse_address(v.text());
             if (address) reader(s).printer = std::get<wire::TcpAddress>(*address);
         }},
        {"reader", "tap", K::endpoint, "", "serial", restart, "pos-escpos",
         "A serial line that hears what the register prints, \"serial:/dev/ttyX@9600\". Either "
         "this or printer.",
         [](S& s, V v) {
             const auto address = wire::parse_address(v.text());
             if (address) reader(s).tap = std::get<wire::SerialAddress>(*address);
         }},
        {"reader", "folder", K::state_path, "", "none", restart, "pos-poslog",
         "Where the register leaves its log files; \"\": it sends them to listen.",
         &put_text<&R::folder>},
        {"reader", "after_reading", K::choice, "keep", "keep|delete", restart, "pos-poslog",
         "What becomes of a file that was read: kept below done/ in the folder, or deleted.",
         [](S& s, V v) { reader(s).delete_read = v.text() == "delete"; }},
        {"reader", "keys", K::texts, "", "", restart, "pos-webhook",
         "Keys with which the service signs: credentials' names, or files with mode 0600; several "
         "while they are changed. [] takes only who has an API token of role pos.",
         [](S& s, V v) { reader(s).webhook.keys = v.texts(); }},
        {"reader", "url", K::text, "", "", restart, "pos-webhook",
         "The address that the service was given for us, letter by letter: Square signs it.",
         &put_text<&R::webhook, &W::url>},
        {"reader", "header", K::text, "X-Raiten-Key", "", restart, "pos-webhook",
         "Smaregi: the header in which the key comes, as set in its console.",
         &put_text<&R::webhook, &W::header>},
        {"reader", "pos", K::text, "", "", restart, registers,
         "The register's name in receipts; \"\" is the reader's name.",
         &put_text<&R::till, &T::pos>},
        {"reader", "store_number", K::text, "", "", restart, "pos-poslog,pos-webhook",
         "This store's number or id in the log or at the service; \"\" takes every store's.",
         &put_text<&R::till, &T::store_number>},
        {"reader", "currency", K::currency, "", "", restart, registers,
         "ISO 4217 currency, where the register does not say; \"\" is the store's.",
         &put_text<&R::till, &T::currency>},
        {"reader", "member_prefix", K::choice, "card", "card|qr|app", restart, registers,
         "Which kind of token a register's member number is.",
         &put_text<&R::till, &T::member_prefix>},
        {"reader", "charset", K::choice, "auto",
         "auto|code_page|shift_jis|gb18030|euc_kr|big5|utf8", restart, printed,
         "How the slips are encoded; auto: by the printer's own commands, else guessed.",
         &put_text<&R::till, &T::charset>},
        {"reader", "dialect", K::choice, "epson",
         "epson|bixolon|citizen|hp|pos-5890|star|xprinter|youku", restart, printed,
         "Whose code pages the printer follows.", &put_text<&R::till, &T::dialect>},

        {"reader", "command", K::texts, required, "", restart, "exec",
         "A program that prints normalised events, one a line, and its arguments; no shell.",
         [](S& s, V v) { reader(s).command = v.texts(); }},
        {"reader", "lines_a_second", K::whole, "1000", "1..100000", restart, "exec",
         "More are left waiting in the program's pipe.",
         [](S& s, V v) { reader(s).lines_a_second = v.count(); }},
        {"reader", "file", K::config_path, required, "", restart, "replay",
         "Recorded normalised events, played once from the start of raitend, as far apart as they "
         "were.",
         &put_text<&R::file>},

        pattern<"total">("Finds the amount paid, in group 1. Without, the driver's own are used."),
        pattern<"number">("Finds the receipt's number, in group 1."),
        pattern<"member">("Finds the member's number, in group 1."),
        pattern<"date">("Finds the printed date and time."),
        pattern<"void">("A slip with such a line is a void."),
        pattern<"refund">("A slip with such a line is a refund."),
        pattern<"reprint">("A slip with such a line is a copy, and is not counted."),
        pattern<"not_a_receipt">("A slip with such a line is something else (report, order)."),
        pattern<"line">("Finds one sold item: its name in group 1, its amount in the last group."),
    };
}

}  // namespace

std::vector<Key> reader_keys()
{
    std::vector<Key> all = rows_of_all();
    for (auto* more : {&rows_of_devices, &rows_of_registers}) {
        auto rows = more();
        std::move(rows.begin(), rows.end(), std::back_inserter(all));
    }
    return all;
}

std::span<const std::string_view> driver_names()
{
    return drivers;
}

bool needs_format(std::string_view driver)
{
    const auto rows = raiten::drivers::catalog();
    return std::count_if(rows.begin(), rows.end(),
                         [&](const auto& row) { return row.reader == driver; })
           > 1;
}

std::string only_format(std::string_view driver)
{
    if (driver == "ble-hci") driver = "ble-h4";  // the same packets
    for (const auto& row : raiten::drivers::catalog())
        if (row.reader == driver && !needs_format(driver)) return std::string{row.format};
    return {};
}

}  // namespace raiten::app

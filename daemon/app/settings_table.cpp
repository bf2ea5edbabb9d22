#include "daemon/app/settings_table.hpp"

#include <array>

namespace raiten::app {
namespace {

using K = KeyKind;
using S = Settings;
using V = const KeyValue&;

constexpr std::nullopt_t required = std::nullopt;
constexpr bool live = true;
constexpr bool restart = false;

EscposReader& escpos(S& s)
{
    return std::get<EscposReader>(s.readers.back().driver);
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
    return {"reader.patterns",
            name.view(),
            K::texts,
            "",
            "",
            restart,
            "pos-escpos",
            doc,
            [](S& s, V v) { escpos(s).patterns[std::string{name.view()}] = v.texts(); }};
}

constexpr std::string_view token_kinds_allowed =
    "ibeacon|eddystone-uid|eddystone-eid|altbeacon|ble|nfc|felica|card|qr|app";
constexpr std::string_view bluetooth_default = "ibeacon,eddystone-uid,eddystone-eid,altbeacon,ble";

constexpr std::array<Section, 11> sections{{
    {"store", "Which store this is, and its calendar."},
    {"visits", "By which spans and levels visits are found."},
    {"engine", "Where the engine's time comes from."},
    {"identity", "How tokens become pseudonyms."},
    {"ledger", "The store's database, and how long it remembers."},
    {"http", "The local API and the kiosk page."},
    {"mqtt", "The line to head office."},
    {"campaigns", "Campaigns that lie in a folder."},
    {"log", "What is written to standard error, which under systemd is the journal."},
    {"reader", "One section [[reader]] for each source of sightings, check-ins or receipts."},
    {"reader.patterns", "For pos-escpos: regular expressions that find things in a slip's lines."},
}};

const std::vector<Key>& rows()
{
    static const std::vector<Key> table{
        {"store", "tenant", K::name, required, "", restart, "",
         "The company, as head office names it.", [](S& s, V v) { s.store.tenant = v.text(); }},
        {"store", "store", K::name, required, "", restart, "",
         "This store, as head office names it.", [](S& s, V v) { s.store.store = v.text(); }},
        {"store", "device", K::name, required, "", restart, "",
         "This device; must differ between the devices of one store.",
         [](S& s, V v) { s.store.device = v.text(); }},
        {"store", "timezone", K::zone, required, "", restart, "",
         "IANA time zone of the store, such as \"Asia/Tokyo\".",
         [](S& s, V v) { s.store.timezone = v.text(); }},
        {"store", "day_start", K::time_of_day, "00:00", "00:00..12:00", restart, "",
         "Local time at which a business day starts; visits belong to the day of their opening.",
         [](S& s, V v) { s.store.day_start = std::chrono::minutes{v.number()}; }},
        {"store", "currency", K::currency, "JPY", "", restart, "",
         "ISO 4217 currency of the store's figures and coupons.",
         [](S& s, V v) { s.store.currency = v.text(); }},
        {"store", "languages", K::languages, "ja,en", "", live, "",
         "Languages of the kiosk and of coupon texts, the preferred one first.",
         [](S& s, V v) { s.store.languages = v.texts(); }},

        {"visits", "enter_window", K::duration, "2min", "1s..1h", restart, "",
         "Within this span a candidate must fulfil all enter rules, else it passed by.",
         [](S& s, V v) { s.visits.enter_window = v.span(); }},
        {"visits", "enter_sightings", K::whole, "3", "1..1000", restart, "",
         "Sightings that a candidate needs to open a visit.",
         [](S& s, V v) { s.visits.enter_sightings = v.count(); }},
        {"visits", "enter_dwell", K::duration, "20s", "0s..1h", restart, "",
         "Time from first to last sighting that a candidate needs to open a visit.",
         [](S& s, V v) { s.visits.enter_dwell = v.span(); }},
        {"visits", "enter_rssi", K::level, "-80dBm", "-127dBm..20dBm", restart, "",
         "Smoothed signal strength that a candidate needs to open a visit.",
         [](S& s, V v) { s.visits.enter_rssi_dbm = v.decibels(); }},
        {"visits", "stay_rssi", K::level, "-92dBm", "-127dBm..20dBm", restart, "",
         "Sightings at or above this keep an open visit open; at most enter_rssi.",
         [](S& s, V v) { s.visits.stay_rssi_dbm = v.decibels(); }},
        {"visits", "exit_timeout", K::duration, "10min", "1s..12h", restart, "",
         "Silence, in listening time, after which a visit ends.",
         [](S& s, V v) { s.visits.exit_timeout = v.span(); }},
        {"visits", "checkin_stay", K::duration, "90min", "1s..1d", restart, "",
         "How long a visit of check-ins and receipts alone stays open.",
         [](S& s, V v) { s.visits.checkin_stay = v.span(); }},
        {"visits", "max_visit", K::duration, "12h", "1s..2d", restart, "",
         "No visit lasts longer; must exceed exit_timeout.",
         [](S& s, V v) { s.visits.max_visit = v.span(); }},
        {"visits", "settle_grace", K::duration, "15min", "1s..1d", restart, "",
         "Whoever comes back within this time after leaving continues the visit; must exceed "
         "exit_timeout.",
         [](S& s, V v) { s.visits.settle_grace = v.span(); }},
        {"visits", "lateness", K::duration, "5min", "0s..1d", restart, "",
         "How much later than it happened a sighting may arrive and still count.",
         [](S& s, V v) { s.visits.lateness = v.span(); }},
        {"visits", "late_receipt", K::duration, "1d", "1s..7d", restart, "",
         "How long after leaving a receipt, void or refund still amends the visit.",
         [](S& s, V v) { s.visits.late_receipt = v.span(); }},
        {"visits", "receipt_slack", K::duration, "5min", "0s..1h", restart, "",
         "How far outside a visit a receipt's time may lie and still belong to it.",
         [](S& s, V v) { s.visits.receipt_slack = v.span(); }},
        {"visits", "checkin_debounce", K::duration, "10s", "0s..1h", restart, "",
         "Check-ins of one token at one reader that are closer than this are one.",
         [](S& s, V v) { s.visits.checkin_debounce = v.span(); }},
        {"visits", "return_window", K::duration, "90d", "1s..1000d", restart, "",
         "How long after a visit without purchase the next one is a return.",
         [](S& s, V v) { s.visits.return_window = v.span(); }},
        {"visits", "max_ahead", K::duration, "5s", "0s..1h", restart, "",
         "An event that claims to lie further in the future is dated to its arrival.",
         [](S& s, V v) { s.visits.max_ahead = v.span(); }},
        {"visits", "register_dwell", K::duration, "20s", "0s..1h", restart, "",
         "Time in the zone \"register\" that lets a receipt without member be somebody's.",
         [](S& s, V v) { s.visits.register_dwell = v.span(); }},
        {"visits", "zone_hysteresis", K::level_difference, "6dB", "0dB..40dB", restart, "",
         "How much stronger another reader must be to change a member's zone.",
         [](S& s, V v) { s.visits.zone_hysteresis_db = v.decibels(); }},
        {"visits", "zone_memory", K::duration, "15s", "0s..10min", restart, "",
         "How long a reader's last level counts when zones are compared.",
         [](S& s, V v) { s.visits.zone_memory = v.span(); }},
        {"visits", "attribute_anonymous", K::flag, "true", "", restart, "",
         "Whether a receipt without member may be inferred to be the one member's at the register.",
         [](S& s, V v) { s.visits.attribute_anonymous = v.flag(); }},

        {"engine", "clock", K::choice, "system", "system|events", restart, "",
         "system: time is this machine's. events: time moves only with the events' own "
         "received_at or at, for replaying a recorded day into the running service.",
         [](S& s, V v) { s.engine.from_events = v.text() == "events"; }},

        {"identity", "token_key", K::secret, "token.key", "", restart, "",
         "The tenant token key, 32 bytes raw or as 64 hex digits: a systemd credential's name, or "
         "a file with mode 0600 (a relative path lies in the state directory).",
         [](S& s, V v) { s.identity.token_key = v.text(); }},

        {"ledger", "path", K::state_path, "raiten.db", "", restart, "",
         "The database file; a relative path lies in the state directory.",
         [](S& s, V v) { s.ledger.path = v.text(); }},
        {"ledger", "commit_interval", K::duration, "250ms", "0s..5s", restart, "",
         "Changes for which nobody waits are committed together at least this often.",
         [](S& s, V v) { s.ledger.commit_interval = v.span(); }},
        {"ledger", "retention_presence", K::duration, "30d", "1d..400d", live, "",
         "How long zones and times within a visit are kept.",
         [](S& s, V v) { s.ledger.retention_presence = v.span(); }},
        {"ledger", "retention_visits", K::duration, "400d", "1d..3650d", live, "",
         "How long visits and receipts are kept; must exceed visits.return_window.",
         [](S& s, V v) { s.ledger.retention_visits = v.span(); }},
        {"ledger", "retention_decisions", K::duration, "730d", "1d..3650d", live, "",
         "How long coupon decisions are kept.",
         [](S& s, V v) { s.ledger.retention_decisions = v.span(); }},

        {"http", "listen", K::host_port, "127.0.0.1:8470", "", restart, "",
         "Where the local API and the kiosk page are served; port 0 takes a free one. Beyond "
         "loopback tls_certificate and tls_key are required.",
         [](S& s, V v) { s.http.listen = parse_host_port(v.text()).value(); }},
        {"http", "socket", K::state_path, "/run/raiten/api.sock", "none", restart, "",
         "Unix socket for raitenctl; \"\" is none.", [](S& s, V v) { s.http.socket = v.text(); }},
        {"http", "names", K::texts, "", "", restart, "",
         "Host names by which browsers may call this device, besides its addresses and localhost.",
         [](S& s, V v) { s.http.names = v.texts(); }},
        {"http", "tls_certificate", K::config_path, "", "", restart, "",
         "PEM file with the server's certificate chain; \"\" is no TLS.",
         [](S& s, V v) { s.http.certificate = v.text(); }},
        {"http", "tls_key", K::config_path, "", "", restart, "",
         "PEM file with the key of tls_certificate, mode 0600.",
         [](S& s, V v) { s.http.key = v.text(); }},
        {"http", "tokens_file", K::state_path, "api-tokens", "", live, "",
         "Bearer tokens, a line each: role, name, SHA-256 of the token in hex.",
         [](S& s, V v) { s.http.tokens_file = v.text(); }},
        {"http", "connections_max", K::whole, "64", "1..4096", restart, "",
         "Connections at once; more are told to come back later.",
         [](S& s, V v) { s.http.connections_max = v.count(); }},
        {"http", "body_max", K::size, "1MiB", "1KiB..64MiB", restart, "", "Largest request body.",
         [](S& s, V v) { s.http.body_bytes_max = v.number(); }},
        {"http", "request_timeout", K::duration, "15s", "1s..10min", restart, "",
         "How long a request may take to arrive.",
         [](S& s, V v) { s.http.request_timeout = v.span(); }},

        {"mqtt", "brokers", K::brokers, "", "", restart, "",
         "Head office's brokers, tried in order, such as \"mqtts://hq.example:8883\"; empty: this "
         "store works alone.",
         [](S& s, V v) { s.mqtt.brokers = v.texts(); }},
        {"mqtt", "client_id", K::text, "", "", restart, "",
         "MQTT client id; \"\" is \"{tenant}-{store}-{device}\".",
         [](S& s, V v) { s.mqtt.client_id = v.text(); }},
        {"mqtt", "username", K::text, "", "", restart, "", "User name; \"\" is none.",
         [](S& s, V v) { s.mqtt.username = v.text(); }},
        {"mqtt", "password", K::secret, "", "", restart, "",
         "Where the password is: a systemd credential's name, or a file with mode 0600. Never the "
         "password itself; \"\" is none.",
         [](S& s, V v) { s.mqtt.password = v.text(); }},
        {"mqtt", "ca", K::config_path, "", "", restart, "",
         "PEM file with the certificates that brokers are checked against; \"\" is the system's.",
         [](S& s, V v) { s.mqtt.ca = v.text(); }},
        {"mqtt", "certificate", K::config_path, "", "", restart, "",
         "PEM file with this device's certificate; \"\" is none.",
         [](S& s, V v) { s.mqtt.certificate = v.text(); }},
        {"mqtt", "key", K::config_path, "", "", restart, "",
         "PEM file with the key of certificate, mode 0600.",
         [](S& s, V v) { s.mqtt.key = v.text(); }},
        {"mqtt", "protocol", K::choice, "auto", "auto|5|3.1.1", restart, "",
         "auto: MQTT 5, and 3.1.1 when the broker speaks no better.",
         [](S& s, V v) { s.mqtt.protocol = v.text(); }},
        {"mqtt", "keep_alive", K::duration, "30s", "5s..1h", restart, "",
         "Silence after which the broker is asked for a sign of life; whole seconds.",
         [](S& s, V v) { s.mqtt.keep_alive = v.span(); }},
        {"mqtt", "window", K::whole, "20", "1..1000", restart, "",
         "Messages on their way to the broker at once.",
         [](S& s, V v) { s.mqtt.window = v.count(); }},
        {"mqtt", "hq_ack", K::flag, "true", "", restart, "",
         "Whether head office acknowledges what it stored, and nothing is deleted before; false "
         "only where it cannot: the guarantee then ends at the broker.",
         [](S& s, V v) { s.mqtt.hq_ack = v.flag(); }},
        {"mqtt", "events", K::choices, "coupon,summary", "coupon|summary|visit|return", restart, "",
         "What goes to head office: coupon decisions and summaries; visit and return name "
         "members by their pseudonyms.",
         [](S& s, V v) { s.mqtt.events = v.texts(); }},

        {"campaigns", "dir", K::config_path, "campaigns", "", live, "",
         "Folder of campaign files (*.json); a relative path lies beside raiten.toml. A folder "
         "that is not there is an empty one.",
         [](S& s, V v) { s.campaigns.dir = v.text(); }},

        {"log", "level", K::choice, "info", "debug|info|warning|error", live, "",
         "The least important lines that are still written.",
         [](S& s, V v) { s.log.level = v.text(); }},
        {"log", "format", K::choice, "auto", "auto|text|journal", live, "",
         "journal: with the priority prefixes of sd-daemon(3); text: with the time; auto: journal "
         "where standard error is the journal, else text.",
         [](S& s, V v) { s.log.format = v.text(); }},

        {"reader", "name", K::name, required, "", restart, "",
         "Its name in events and logs; one of a kind.",
         [](S& s, V v) { s.readers.back().name = v.text(); }},
        {"reader", "driver", K::choice, required, "ble-h4|pos-escpos|api", restart, "",
         "ble-h4: a Bluetooth controller over TCP, unix socket or serial line. pos-escpos: a "
         "register's slips on their way to the printer. api: events posted over the local API.",
         [](S&, V) {}},
        {"reader", "zone", K::text, "", "", restart, "",
         "Where it stands: \"entrance\", \"floor\", \"register\", \"fitting\", …; \"\" if unknown.",
         [](S& s, V v) { s.readers.back().zone = v.text(); }},
        {"reader", "passive", K::flag, "false", "", restart, "api",
         "Whether it hears tokens by itself; its being up then counts as listening time.",
         [](S& s, V v) { s.readers.back().passive = v.flag(); }},
        {"reader", "hears", K::choices, bluetooth_default, token_kinds_allowed, restart,
         "ble-h4,api", "Which kinds of token a passive reader can hear.",
         [](S& s, V v) { s.readers.back().hears = kinds_of(v.texts()); }},
        {"reader", "device", K::endpoint, required, "tcp|unix|serial", restart, "ble-h4",
         "\"tcp:HOST:PORT\", \"unix:/PATH\" or \"serial:/dev/ttyX@115200\".",
         [](S& s, V v) {
             std::get<BleH4Reader>(s.readers.back().driver).device =
                 parse_endpoint(v.text()).value();
         }},
        {"reader", "listen", K::host_port, "127.0.0.1:9100", "", restart, "pos-escpos",
         "Where the register prints to; port 0 takes a free one. Used with printer.",
         [](S& s, V v) { escpos(s).listen = parse_host_port(v.text()).value(); }},
        {"reader", "printer", K::endpoint, "", "tcp", restart, "pos-escpos",
         "The real printer, \"tcp:HOST:PORT\", to which every byte is passed on. Either this or "
         "tap.",
         [](S& s, V v) {
             const auto endpoint = parse_endpoint(v.text());
             if (endpoint) escpos(s).printer = std::get<HostPort>(endpoint.value());
         }},
        {"reader", "tap", K::endpoint, "", "serial", restart, "pos-escpos",
         "A serial line that hears what the register prints, \"serial:/dev/ttyX@9600\". Either "
         "this or printer.",
         [](S& s, V v) {
             const auto endpoint = parse_endpoint(v.text());
             if (endpoint) escpos(s).tap = std::get<SerialLine>(endpoint.value());
         }},
        {"reader", "pos", K::text, "", "", restart, "pos-escpos",
         "The register's name in receipts; \"\" is the reader's name.",
         [](S& s, V v) { escpos(s).pos = v.text(); }},
        {"reader", "charset", K::choice, "auto",
         "auto|code_page|shift_jis|gb18030|euc_kr|big5|utf8", restart, "pos-escpos",
         "How the slips are encoded; auto: by the printer's own commands, else guessed.",
         [](S& s, V v) { escpos(s).charset = v.text(); }},
        {"reader", "dialect", K::choice, "epson",
         "epson|bixolon|citizen|hp|pos-5890|star|xprinter|youku", restart, "pos-escpos",
         "Whose code pages the printer follows.", [](S& s, V v) { escpos(s).dialect = v.text(); }},
        {"reader", "currency", K::currency, "", "", restart, "pos-escpos",
         "ISO 4217 currency of the slips; \"\" is the store's.",
         [](S& s, V v) { escpos(s).currency = v.text(); }},
        {"reader", "member_prefix", K::choice, "card", "card|qr|app", restart, "pos-escpos",
         "Which kind of token a printed member number is.",
         [](S& s, V v) { escpos(s).member_prefix = v.text(); }},

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
    return table;
}

constexpr std::array<std::string_view, 3> drivers{"ble-h4", "pos-escpos", "api"};

}  // namespace

std::span<const Key> settings_table()
{
    return rows();
}

const Key* find_key(std::string_view section, std::string_view name)
{
    for (const auto& key : rows())
        if (key.section == section && key.name == name) return &key;
    return nullptr;
}

std::span<const Section> settings_sections()
{
    return sections;
}

std::span<const std::string_view> driver_names()
{
    return drivers;
}

}  // namespace raiten::app

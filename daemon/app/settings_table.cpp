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

constexpr std::array<Section, 14> sections{{
    {"store", "Which store this is, and its calendar."},
    {"visits", "By which spans and levels visits are found."},
    {"engine", "Where the engine's time comes from."},
    {"figures", "What head office is told of the store's key figures."},
    {"identity", "How tokens become pseudonyms."},
    {"ledger", "The store's database, and how long it remembers."},
    {"http", "The local API and the kiosk page."},
    {"mqtt", "The line to head office."},
    {"campaigns",
     "Campaigns that lie in a folder, and the store's own rules for all of them together."},
    {"kpi",
     "What the store's costs are, for the lifetime value of a member; what is unset is not "
     "reckoned."},
    {"scoring", "What is known of members as numbers: score cards, stages, models."},
    {"log", "What is written to standard error, which under systemd is the journal."},
    {"reader", "One section [[reader]] for each source of sightings, check-ins or receipts."},
    {"reader.patterns", "Regular expressions that find things in the lines of a printed slip."},
}};

std::vector<Key> house_keys()
{
    return {
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
        {"visits", "exit_timeout_min", K::duration, "2min", "15s..1d", restart, "",
         "The shortest silence, learned from the tags' own rhythm, after which a visit ends; as "
         "long "
         "as exit_timeout turns learning off.",
         [](S& s, V v) { s.visits.exit_timeout_min = v.span(); }},
        {"visits", "door_stay", K::duration, "0s", "0s..10min", restart, "",
         "A visit shorter than this that was heard almost only in the zone \"entrance\", while "
         "readers "
         "of other zones listened, was a look in at the door: withdrawn when it settles. 0s: "
         "never.",
         [](S& s, V v) { s.visits.door_stay = v.span(); }},
        {"visits", "staff_hours", K::duration, "5h", "1h..1d", restart, "",
         "A member's device that is here for longer on 4 of 7 days is left out as staff or "
         "equipment "
         "until somebody confirms or rejects that.",
         [](S& s, V v) { s.visits.staff_hours = v.span(); }},
        {"visits", "attribute_anonymous", K::flag, "true", "", restart, "",
         "Whether a receipt without member may be inferred to be the one member's at the register.",
         [](S& s, V v) { s.visits.attribute_anonymous = v.flag(); }},

        {"engine", "clock", K::choice, "system", "system|events", restart, "",
         "system: time is this machine's. events: time moves only with the events' own "
         "received_at or at, for replaying a recorded day into the running service.",
         [](S& s, V v) { s.engine.from_events = v.text() == "events"; }},

        {"figures", "k_anonymity", K::whole, "5", "1..40", restart, "",
         "Fewest members that a figure told to head office may describe; 1 tells every figure.",
         [](S& s, V v) { s.figures.k_anonymity = v.count(); }},
        {"identity", "token_key", K::secret, "token.key", "", restart, "",
         "The tenant token key, 32 bytes raw or as 64 hex digits: a systemd credential's name, or "
         "a file with mode 0600 (a relative path lies in the state directory).",
         [](S& s, V v) { s.identity.token_key = v.text(); }},
        {"identity", "eid_tags", K::secret, "", "none", restart, "",
         "Tags whose Eddystone-EIDs are resolved, with their keys: a credential's name, or a CSV "
         "file with mode 0600 (drivers/ble/README.md); \"\": EIDs stay unknown.",
         [](S& s, V v) { s.identity.eid_tags = v.text(); }},

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
        {"campaigns", "control", K::decimal, "0", "0..0.5", restart, "",
         "Share of members who never get any coupon, in any store of the tenant; once somebody is "
         "among them they stay.",
         [](S& s, V v) { s.campaigns.control = v.decimal().value_or(0); }},
        {"campaigns", "member_per_day", K::whole, "0", "0..1000", restart, "",
         "Most coupons of all campaigns for one member in a business day; 0: no limit.",
         [](S& s, V v) { s.campaigns.member_per_day = v.count(); }},
        {"campaigns", "member_per_week", K::whole, "0", "0..1000", restart, "",
         "Most coupons of all campaigns for one member in any 7 days; 0: no limit.",
         [](S& s, V v) { s.campaigns.member_per_week = v.count(); }},
        {"campaigns", "store_per_day", K::whole, "0", "0..1000000", restart, "",
         "Most coupons of all campaigns in this store in a business day; 0: no limit.",
         [](S& s, V v) { s.campaigns.store_per_day = v.count(); }},
        {"campaigns", "min_gap", K::duration, "0s", "0s..400d", restart, "",
         "Least time between two coupons of one member, of whatever campaigns.",
         [](S& s, V v) { s.campaigns.min_gap = v.span(); }},
        {"campaigns", "quiet_from", K::time_of_day, "", "00:00..23:59", restart, "",
         "Local time from which no campaign bothers anybody, such as \"21:00\".",
         [](S& s, V v) { s.campaigns.quiet_from = v.time(); }},
        {"campaigns", "quiet_to", K::time_of_day, "", "00:00..23:59", restart, "",
         "Local time at which that ends; over midnight where it is before quiet_from.",
         [](S& s, V v) { s.campaigns.quiet_to = v.time(); }},

        {"kpi", "gross_margin", K::decimal, "", "0..1", restart, "",
         "Share of revenue that is left after the cost of goods.",
         [](S& s, V v) { s.kpi.gross_margin = v.decimal(); }},
        {"kpi", "acquisition_cost", K::decimal, "", "0..1000000000", restart, "",
         "What it costs to win one member, in the store's currency.",
         [](S& s, V v) { s.kpi.acquisition_cost = v.decimal(); }},
        {"kpi", "retention_cost_per_year", K::decimal, "", "0..1000000000", restart, "",
         "What it costs to keep one member for a year, in the store's currency.",
         [](S& s, V v) { s.kpi.retention_cost_per_year = v.decimal(); }},
        {"kpi", "lifetime_years", K::decimal, "", "0.1..100", restart, "",
         "How many years a member stays one.",
         [](S& s, V v) { s.kpi.lifetime_years = v.decimal(); }},

        {"scoring", "nights", K::choice, "auto", "auto|always|never", restart, "",
         "Whether members are scored every night. auto: where time is this machine's; always: also "
         "where it moves with recorded events, in the service and in a replay.",
         [](S& s, V v) { s.scoring.nights = v.text(); }},
        {"scoring", "refresh_at", K::time_of_day, "03:30", "00:00..23:59", restart, "",
         "Local time at which every night all members are scored anew; best while the store is "
         "closed.",
         [](S& s, V v) { s.scoring.refresh_at = std::chrono::minutes{v.number()}; }},
        {"scoring", "horizon_days", K::whole, "365", "7..3650", restart, "",
         "Days to come that expected purchases, lifetime value and the chance to buy again are "
         "for.",
         [](S& s, V v) { s.scoring.horizon_days = static_cast<std::int32_t>(v.count()); }},
        {"scoring", "discount", K::decimal, "0.1", "0..1", restart, "",
         "What money loses in a year, for the lifetime value.",
         [](S& s, V v) { s.scoring.discount = v.decimal().value_or(0.1); }},
        {"scoring", "rfm_window_days", K::whole, "365", "30..400", restart, "",
         "Days over which frequency and monetary value are counted.",
         [](S& s, V v) { s.scoring.rfm_window_days = static_cast<std::int32_t>(v.count()); }},
        {"scoring", "new_purchases", K::whole, "2", "0..100", restart, "",
         "Stage new: fewer purchases than this, and known for less than new_days.",
         [](S& s, V v) { s.scoring.stages.new_purchases_below = v.count(); }},
        {"scoring", "new_days", K::whole, "30", "0..365", restart, "",
         "Days for which a member can be new.",
         [](S& s, V v) { s.scoring.stages.new_days_below = v.count(); }},
        {"scoring", "dormant_days", K::whole, "90", "1..730", restart, "",
         "Stage dormant: so many days without a visit, or alive with less than dormant_alive.",
         [](S& s, V v) { s.scoring.stages.dormant_days = v.count(); }},
        {"scoring", "dormant_alive", K::decimal, "0.2", "0..1", restart, "",
         "Probability of still being a customer below which a member is dormant.",
         [](S& s, V v) { s.scoring.stages.dormant_p_below = v.decimal().value_or(0.2); }},
        {"scoring", "at_risk_alive", K::decimal, "0.5", "0..1", restart, "",
         "Probability of still being a customer below which a member is at risk.",
         [](S& s, V v) { s.scoring.stages.at_risk_p_below = v.decimal().value_or(0.5); }},
        {"scoring", "core_sum", K::whole, "12", "3..15", restart, "",
         "Stage core: sum of the three RFM ranks, from so much on.",
         [](S& s, V v) { s.scoring.stages.core_sum = v.count(); }},
        {"scoring", "middle_sum", K::whole, "8", "3..15", restart, "",
         "Stage middle: likewise; below it a member is light.",
         [](S& s, V v) { s.scoring.stages.middle_sum = v.count(); }},

        {"log", "level", K::choice, "info", "debug|info|warning|error", live, "",
         "The least important lines that are still written.",
         [](S& s, V v) { s.log.level = v.text(); }},
        {"log", "format", K::choice, "auto", "auto|text|journal", live, "",
         "journal: with the priority prefixes of sd-daemon(3); text: with the time; auto: journal "
         "where standard error is the journal, else text.",
         [](S& s, V v) { s.log.format = v.text(); }},
    };
}

const std::vector<Key>& rows()
{
    static const std::vector<Key> table = [] {
        auto all = house_keys();
        auto readers = reader_keys();
        std::move(readers.begin(), readers.end(), std::back_inserter(all));
        return all;
    }();
    return table;
}

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

}  // namespace raiten::app

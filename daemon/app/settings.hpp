#pragma once

#include "daemon/app/host_port.hpp"
#include "daemon/base/instant.hpp"
#include "daemon/base/result.hpp"
#include "daemon/kpi/lifetime.hpp"
#include "daemon/model/campaign.hpp"
#include "daemon/model/rules.hpp"
#include "daemon/model/token.hpp"
#include "daemon/scoring/models.hpp"
#include "daemon/wire/address.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace raiten::app {

/// How a register's sales are read, whichever way they come.
struct RegisterSettings {
    std::string pos;            ///< its name in receipts
    std::string currency;       ///< ISO 4217
    std::string member_prefix;  ///< token kind of its member numbers
    std::string store_number;   ///< this store in the register's log; "" takes every store's
    std::string charset;        ///< of printed slips
    std::string dialect;        ///< of the printer's commands
    std::map<std::string, std::vector<std::string>> patterns;  ///< by what they find: "total", …
};

/// A broker on which gateways publish.
struct GatewaySettings {
    std::vector<std::string> brokers;
    std::vector<std::string> topics;
    std::string gateway;  ///< the one that this reader is; "" is every one on these topics
    std::string client_id, username, password;  ///< password: see read_secret()
    std::string ca, certificate, key;           ///< PEM files; "" is none
    Millis silent_after{};                      ///< 0: never
};

/// Who may post to a webhook.
struct WebhookSettings {
    std::vector<std::string> keys;  ///< see read_secret(); several while they are changed
    std::string url;                ///< under which the service knows us; Square signs it
    std::string header;             ///< Smaregi: the header that carries the key
};

/// One source of sightings, check-ins or receipts. Below the first lines stand the keys of single
/// drivers; those of others are empty.
struct ReaderSettings {
    std::string name;
    std::string driver;
    std::string format;  ///< of drivers/catalog.hpp
    std::string zone;    ///< "" if unknown
    bool passive{};      ///< hears tokens by itself
    TokenKinds hears{};

    std::optional<wire::Address> device;  ///< ble-hci, ble-h4, checkin-serial, checkin-evdev
    std::int16_t rssi_offset_db{};        ///< added to every level that it tells
    std::vector<std::string> allow;       ///< beacons that may be somebody; empty: all
    std::string keyboard;                 ///< layout of a keyboard-wedge scanner
    std::string card_reader;              ///< part of a PC/SC reader's name; "" is any
    GatewaySettings mqtt;
    RegisterSettings till;
    HostPort listen;                          ///< where registers print or send to
    std::optional<wire::TcpAddress> printer;  ///< the real printer; a proxy has one
    std::optional<wire::SerialAddress> tap;   ///< listens only
    std::string folder;                       ///< where a register leaves its log; "" is none
    bool delete_read{};                       ///< files that were read are deleted, not kept
    WebhookSettings webhook;
    std::vector<std::string> command;  ///< program and arguments
    std::uint32_t lines_a_second{};    ///< more are left waiting
    std::string file;                  ///< recorded events
};

/// All that can be set, with every default filled in and every path absolute. Which key means
/// what, and its range: config/REFERENCE.md, made from the same table as the parser.
struct Settings {
    struct Store {
        std::string tenant, store, device;
        std::string timezone;                ///< IANA name
        std::chrono::minutes day_start{};    ///< local time
        std::string currency;                ///< ISO 4217
        std::vector<std::string> languages;  ///< first is preferred
    } store;

    VisitRules visits;

    struct EngineClock {
        bool from_events{};  ///< time moves with what events say, not with this machine's clock
    } engine;

    struct Figures {
        std::uint32_t k_anonymity{};  ///< fewest members that a figure told to HQ describes
    } figures;

    struct Identity {
        std::string eid_tags;   ///< likewise; "" is none
        std::string token_key;  ///< where to read it from, see read_secret()
    } identity;

    struct Ledger {
        std::string path;
        Millis commit_interval{};
        Millis retention_presence{}, retention_visits{}, retention_decisions{};
    } ledger;

    struct Http {
        HostPort listen;
        std::string socket;  ///< "" is none
        std::vector<std::string> names;
        std::string certificate, key;  ///< PEM files; "" is none
        std::string tokens_file;
        std::uint32_t connections_max{};
        std::int64_t body_bytes_max{};
        Millis request_timeout{};
    } http;

    struct Mqtt {
        std::vector<std::string> brokers;           ///< empty: no head office
        std::string client_id, username, password;  ///< password: see read_secret()
        std::string ca, certificate, key;
        std::string protocol;  ///< "auto", "5" or "3.1.1"
        Millis keep_alive{};
        std::uint32_t window{};
        bool hq_ack{};
        std::vector<std::string> events;  ///< lanes and types that go to HQ
    } mqtt;

    struct Campaigns {
        std::string dir;
        double control{};  ///< share of members who never get any coupon
        std::uint32_t member_per_day{}, member_per_week{}, store_per_day{};  ///< 0: no limit
        Millis min_gap{};                                                    ///< 0: none
        std::optional<std::chrono::minutes> quiet_from, quiet_to;            ///< both or none

        CampaignRules rules() const;
    } campaigns;

    LifetimeCosts kpi;

    struct Scoring {
        std::string nights;                 ///< "auto", "always", "never"
        std::chrono::minutes refresh_at{};  ///< local time
        std::int32_t horizon_days{};
        double discount{};  ///< a year
        std::int32_t rfm_window_days{};
        scoring::StageRules stages;

        scoring::CardRules cards() const;
    } scoring;

    struct Log {
        std::string level, format;
    } log;

    std::vector<ReaderSettings> readers;

    /// Every key with its value in the notation of the file: "visits.exit_timeout" -> "10min",
    /// "reader.ent-1.zone" -> "entrance". For showing, and for what a reload changes.
    std::map<std::string, std::string> shown;
};

/// Where relative paths lie and secrets are looked for.
struct Places {
    std::string config_directory{"/etc/raiten"};
    std::string state_directory{"/var/lib/raiten"};
    std::string credentials_directory{};  ///< systemd's, or ""
};
/// From $STATE_DIRECTORY and $CREDENTIALS_DIRECTORY; the config directory is that of `config_file`.
Places places_from_environment(const std::string& config_file);

struct SettingsFile {
    std::string name;
    std::string text;
};

inline constexpr std::size_t settings_file_bytes_max = 1024 * 1024;
inline constexpr std::size_t settings_files_max = 64;
inline constexpr std::size_t configured_readers_max = 64;

/// The file itself, then `raiten.d/*.toml` beside it in the order of their names.
Result<std::vector<SettingsFile>> read_settings_files(const std::string& config_file);

/// Settings are good only if there are no problems. Each problem's `where` is
/// "file:line:column: section.key" (or the file, or nothing, where no line is to blame).
struct SettingsRead {
    Settings settings;
    std::vector<Problem> problems;
};
/// Later files win key by key; [[reader]] sections add up. Everything wrong is told at once.
SettingsRead parse_settings(std::span<const SettingsFile> files, const Places& places);
SettingsRead load_settings(const std::string& config_file);

/// What `raitend --check-config` does: 0 all good, 78 something is wrong, 64 no file was named.
struct ConfigCheck {
    int exit_code{};
    std::string text;
};
ConfigCheck check_config(std::span<const std::string> config_files);

/// What a reload would change: keys that take effect at once, and keys that wait for a restart.
struct SettingsChange {
    std::vector<std::string> live;
    std::vector<std::string> restart;
};
SettingsChange difference(const Settings& now, const Settings& next);

}  // namespace raiten::app

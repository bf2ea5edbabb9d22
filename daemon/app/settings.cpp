#include "daemon/app/settings.hpp"

#include "daemon/app/nearest.hpp"
#include "daemon/app/settings_table.hpp"
#include "drivers/catalog.hpp"

#include <toml++/toml.h>

#include <filesystem>
#include <set>

namespace raiten::app {
namespace {

std::string place_of(const toml::source_region& source)
{
    const std::string file = source.path ? *source.path : std::string{"?"};
    return file + ":" + std::to_string(source.begin.line) + ":"
           + std::to_string(source.begin.column);
}

bool applies(const Key& key, const std::string& driver)
{
    if (key.drivers.empty()) return true;
    const auto names = split(key.drivers, ',');
    return std::find(names.begin(), names.end(), driver) != names.end();
}

bool prints(const std::string& driver)
{
    return applies(*find_key("reader.patterns", "total"), driver);
}

std::vector<std::string> names_in(std::string_view section, const std::string& driver = {})
{
    std::vector<std::string> names;
    for (const auto& key : settings_table())
        if (key.section == section && (driver.empty() || applies(key, driver)))
            names.emplace_back(key.name);
    if (section == "reader" && prints(driver)) names.emplace_back("patterns");
    return names;
}

std::vector<std::string> section_names()
{
    std::vector<std::string> names;
    for (const auto& section : settings_sections())
        if (section.name.find('.') == std::string_view::npos) names.emplace_back(section.name);
    return names;
}

/// The text of a node that is a single value, as the file's notation has it without quotes.
std::optional<std::string> single_text(const toml::node& node)
{
    if (const auto* text = node.as_string()) return text->get();
    if (const auto* number = node.as_integer()) return std::to_string(number->get());
    if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
    return std::nullopt;
}

bool right_type(const Key& key, const toml::node& node)
{
    if (key.kind == KeyKind::flag) return node.is_boolean();
    if (key.kind == KeyKind::whole) return node.is_integer();
    return node.is_string();
}

Result<KeyValue> value_of(const Key& key, const toml::node& node)
{
    const Problem wrong_type{"is of the wrong type", {}, "write " + expectation_of(key)};
    if (is_list(key.kind)) {
        const auto* array = node.as_array();
        if (array == nullptr) return wrong_type;
        std::vector<std::string> items;
        for (const auto& item : *array) {
            if (!item.is_string()) return wrong_type;
            items.push_back(item.as_string()->get());
        }
        return list_value_of(key, items);
    }
    const auto text = single_text(node);
    if (!text) return wrong_type;
    if (right_type(key, node)) return scalar_value_of(key, *text);
    // A bare number: what the text alone would be blamed for says best what is missing.
    if (node.is_integer())
        if (const auto read = scalar_value_of(key, *text); !read) return read.error();
    return wrong_type;
}

/// Goes through the files, puts what is right and collects what is wrong.
class Parser {
 public:
    explicit Parser(const Places& places) : places_{places} {}

    SettingsRead parse(std::span<const SettingsFile> files)
    {
        for (const auto& key : settings_table())
            if (key.fallback && !key.section.starts_with("reader")) put_default(key, key.path());
        for (const auto& file : files) parse_file(file);
        if (!broken_) {
            need_required(files.empty() ? std::string{} : files.front().name);
            check_visits();
            check_lines();
            check_quiet();
            check_readers();
        }
        return std::move(read_);
    }

 private:
    Settings& settings() { return read_.settings; }

    void blame(std::string where, const std::string& path, std::string what, std::string advice)
    {
        if (!path.empty()) where += (where.empty() ? "" : ": ") + path;
        read_.problems.push_back({std::move(what), std::move(where), std::move(advice)});
    }
    /// Blames a key by where it was set, if it was.
    void blame_key(const std::string& path, std::string what, std::string advice)
    {
        const auto place = places_set_.find(path);
        blame(place == places_set_.end() ? std::string{} : place->second, path, std::move(what),
              std::move(advice));
    }

    void parse_file(const SettingsFile& file)
    {
        try {
            const auto root = toml::parse(file.text, file.name);
            for (const auto& [name, node] : root) take_section(name, node);
        } catch (const toml::parse_error& error) {
            broken_ = true;
            blame(place_of(error.source()), "", std::string{error.description()},
                  "this file is not TOML from here on");
        }
    }

    void take_section(const toml::key& name, const toml::node& node)
    {
        const std::string section{name.str()};
        const auto known = section_names();
        if (std::find(known.begin(), known.end(), section) == known.end()) {
            unknown_section(name, node);
        } else if (section == "reader") {
            take_readers(name, node);
        } else if (const auto* table = node.as_table()) {
            for (const auto& [key, value] : *table) take_key(section, key, value);
        } else {
            blame(place_of(name.source()), section, "is a section, not a key",
                  "write [" + section + "] and its keys below");
        }
    }

    void unknown_section(const toml::key& name, const toml::node& node)
    {
        const std::string word{name.str()};
        std::string advice = advice_for(word, section_names());
        if (!node.is_table() && !node.is_array_of_tables())
            for (const auto& key : settings_table())
                if (key.name == word)
                    advice = "it belongs below [" + std::string{key.section} + "]";
        blame(place_of(name.source()), word,
              node.is_table() ? "there is no such section" : "there is no such key", advice);
    }

    void take_key(const std::string& section, const toml::key& name, const toml::node& node)
    {
        const auto* key = find_key(section, name.str());
        const auto path = section + "." + std::string{name.str()};
        if (key == nullptr)
            blame(place_of(name.source()), path, "there is no such key",
                  advice_for(name.str(), names_in(section)));
        else
            put(*key, path, node);
    }

    void put(const Key& key, const std::string& path, const toml::node& node)
    {
        const auto place = place_of(node.source());
        places_set_[path] = place;
        auto value = value_of(key, node);
        if (!value)
            blame(place, path, value.error().what, value.error().advice);
        else
            put_value(key, path, std::move(*value));
    }

    void put_default(const Key& key, const std::string& path)
    {
        put_value(key, path, key_value_of(key, std::string{*key.fallback}).value());
    }

    void put_value(const Key& key, const std::string& path, KeyValue value)
    {
        if (key.kind == KeyKind::state_path)
            value.held = resolved(value.text(), places_.state_directory);
        if (key.kind == KeyKind::config_path)
            value.held = resolved(value.text(), places_.config_directory);
        key.put(settings(), value);
        settings().shown[path] = text_of(key, value);
    }

    static std::string resolved(const std::string& path, const std::string& directory)
    {
        if (path.empty() || path[0] == '/') return path;
        return (std::filesystem::path{directory} / path).lexically_normal().string();
    }

    void take_readers(const toml::key& name, const toml::node& node)
    {
        const auto* readers = node.as_array();
        if (readers == nullptr || !node.is_array_of_tables()) {
            blame(place_of(name.source()), "reader", "is a list of sections",
                  "write [[reader]] with two brackets");
            return;
        }
        for (const auto& reader : *readers) {
            if (settings().readers.size() == configured_readers_max) {
                blame(place_of(reader.source()), "reader",
                      "more than " + std::to_string(configured_readers_max) + " readers", "");
                return;
            }
            take_reader(*reader.as_table());
        }
    }

    void take_reader(const toml::table& table)
    {
        const auto* name_node = table.get("name");
        const auto name = name_node == nullptr ? std::nullopt : single_text(*name_node);
        const std::string path = "reader." + name.value_or("?");
        const auto driver = driver_of(table, path);
        if (!driver) return;
        start_reader(*driver);
        for (const auto& key : settings_table())
            if (key.section.starts_with("reader") && key.fallback && applies(key, *driver))
                put_default(key, path_in(path, key));
        for (const auto& [key, value] : table) take_reader_key(path, *driver, key, value);
        for (const auto& key : settings_table())
            if (key.section == "reader" && !key.fallback && applies(key, *driver)
                && table.get(key.name) == nullptr)
                blame(place_of(table.source()), path_in(path, key), "is required",
                      "write " + std::string{key.name} + " = " + expectation_of(key));
        reader_places_.push_back(place_of(table.source()));
    }

    static std::string path_in(const std::string& reader, const Key& key)
    {
        return reader + (key.section == "reader.patterns" ? ".patterns." : ".")
               + std::string{key.name};
    }

    std::optional<std::string> driver_of(const toml::table& table, const std::string& path)
    {
        const auto* key = find_key("reader", "driver");
        const auto* node = table.get("driver");
        if (node == nullptr) {
            blame(place_of(table.source()), path + ".driver", "is required",
                  "write driver = " + expectation_of(*key));
            return std::nullopt;
        }
        const auto value = value_of(*key, *node);
        if (!value) {
            blame(place_of(node->source()), path + ".driver", value.error().what,
                  value.error().advice);
            return std::nullopt;
        }
        return value->text();
    }

    void start_reader(const std::string& driver)
    {
        auto& reader = settings().readers.emplace_back();
        reader.driver = driver;
        reader.format = only_format(driver);
        reader.passive = driver.starts_with("ble-");
    }

    void take_reader_key(const std::string& path, const std::string& driver, const toml::key& name,
                         const toml::node& node)
    {
        const std::string word{name.str()};
        const auto* patterns = node.as_table();
        if (word == "patterns" && patterns != nullptr && prints(driver)) {
            for (const auto& [key, value] : *patterns) take_pattern(path, key, value);
            return;
        }
        const auto* key = find_key("reader", word);
        if (key != nullptr && applies(*key, driver))
            put(*key, path_in(path, *key), node);
        else
            blame(place_of(name.source()), path + "." + word,
                  key == nullptr ? "there is no such key"
                                 : "is not for readers with driver '" + driver + "'",
                  key == nullptr ? advice_for(word, names_in("reader", driver)) : "take it out");
    }

    void take_pattern(const std::string& path, const toml::key& name, const toml::node& node)
    {
        if (const auto* key = find_key("reader.patterns", name.str()))
            put(*key, path_in(path, *key), node);
        else
            blame(place_of(name.source()), path + ".patterns." + std::string{name.str()},
                  "there is no such key", advice_for(name.str(), names_in("reader.patterns")));
    }

    void need_required(const std::string& file)
    {
        for (const auto& key : settings_table())
            if (!key.fallback && key.section != "reader" && !places_set_.contains(key.path()))
                blame(file, key.path(), "is required",
                      "below [" + std::string{key.section} + "] write " + std::string{key.name}
                          + " = " + expectation_of(key));
    }

    void need(bool right, const std::string& path, const std::string& what,
              const std::string& advice)
    {
        if (!right) blame_key(path, what, advice);
    }

    void check_visits()
    {
        const auto& v = settings().visits;
        const auto shown = [&](const char* name) {
            return settings().shown["visits." + std::string{name}];
        };
        need(v.settle_grace > v.exit_timeout, "visits.settle_grace",
             "must exceed visits.exit_timeout (" + shown("exit_timeout") + ")", "make it longer");
        need(v.enter_dwell <= v.enter_window, "visits.enter_dwell",
             "exceeds visits.enter_window (" + shown("enter_window") + ")", "make it shorter");
        need(v.stay_rssi_dbm <= v.enter_rssi_dbm, "visits.stay_rssi",
             "is above visits.enter_rssi (" + shown("enter_rssi") + ")", "make it lower");
        need(v.max_visit > v.exit_timeout, "visits.max_visit",
             "must exceed visits.exit_timeout (" + shown("exit_timeout") + ")", "make it longer");
        need(settings().ledger.retention_visits > v.return_window, "ledger.retention_visits",
             "must exceed visits.return_window (" + shown("return_window") + ")",
             "else returns cannot be found");
    }

    void check_lines()
    {
        const auto& http = settings().http;
        need(http.listen.loopback() || !http.certificate.empty(), "http.listen",
             "goes beyond this machine without TLS",
             "set http.tls_certificate and http.tls_key, or listen on 127.0.0.1");
        need(http.certificate.empty() == http.key.empty(), "http.tls_key",
             "a certificate and its key belong together", "set both, or neither");
        const auto& mqtt = settings().mqtt;
        need(mqtt.certificate.empty() == mqtt.key.empty(), "mqtt.key",
             "a certificate and its key belong together", "set both, or neither");
        need(mqtt.password.empty() || !mqtt.username.empty(), "mqtt.username",
             "is missing beside mqtt.password", "set it");
        need(mqtt.keep_alive.count() % 1000 == 0, "mqtt.keep_alive", "is not whole seconds",
             "write whole seconds");
    }

    void check_quiet()
    {
        const auto& from = settings().campaigns.quiet_from;
        const auto& to = settings().campaigns.quiet_to;
        need(from ? to && from != to : !to, "campaigns.quiet_to", "does not fit quiet_from",
             "set both to different times, or neither");
    }

    void check_readers()
    {
        std::set<std::string> names;
        auto& readers = settings().readers;
        for (std::size_t i = 0; i < readers.size(); ++i) {
            auto& reader = readers[i];
            const auto path = "reader." + reader.name;
            if (!reader.name.empty() && !names.insert(reader.name).second)
                blame(reader_places_[i], path + ".name", "is there twice", "choose another name");
            if (reader.driver.starts_with("pos-")) check_register(reader, i, path);
            check_device(reader, path);
            // What gateways hear is told a second later, see daemon/app/devices.
            if (reader.driver == "ble-gateway")
                need(settings().visits.lateness >= std::chrono::seconds{2}, "visits.lateness",
                     "is too short for gateways: what they hear is told a second later",
                     "write at least \"2s\"");
        }
    }

    void check_register(ReaderSettings& reader, std::size_t i, const std::string& path)
    {
        auto& till = reader.till;
        if (till.pos.empty()) till.pos = reader.name;
        if (till.currency.empty()) till.currency = settings().store.currency;
        if (!registers_.insert(till.pos).second)
            blame(reader_places_[i], path + ".pos", "two readers name the same register",
                  "give each register its name");
        const bool escpos = reader.driver == "pos-escpos";
        if (escpos && reader.printer.has_value() == reader.tap.has_value())
            blame(reader_places_[i], path, "needs either printer or tap",
                  "printer = \"tcp:HOST:9100\" for a proxy, tap = \"serial:/dev/ttyX@9600\" "
                  "for a tap");
        const bool listens = escpos ? reader.printer.has_value()
                                    : reader.driver == "pos-poslog" && reader.folder.empty();
        if (listens && reader.listen.port != 0 && !listens_.insert(reader.listen.text()).second)
            blame(reader_places_[i], path + ".listen", "another reader listens there too",
                  "choose another port");
        if (reader.format == "square" && !reader.webhook.keys.empty() && reader.webhook.url.empty())
            blame(reader_places_[i], path + ".url", "is required: Square signs it",
                  "write url = \"https://…\" as in Square's console");
    }

    void check_device(const ReaderSettings& reader, const std::string& path)
    {
        if (reader.device) {
            const auto text = wire::text_of(*reader.device);
            const auto scheme = text.substr(0, text.find(':'));
            const bool kernel = scheme == "hci" || scheme == "input";
            const std::string wanted = reader.driver == "ble-hci"         ? "hci"
                                       : reader.driver == "checkin-evdev" ? "input"
                                                                          : "";
            if (wanted.empty() ? kernel : scheme != wanted)
                blame_key(path + ".device", "is the wrong kind of line for " + reader.driver,
                          wanted.empty() ? "write \"tcp:…\", \"unix:…\" or \"serial:…\""
                                         : "write \"" + wanted + ":…\"");
        }
        if (reader.format.empty() || !needs_format(reader.driver)) return;
        const auto* row = drivers::find_driver(reader.format);
        if (row == nullptr || row->reader == reader.driver) return;
        std::string known;
        for (const auto& each : drivers::catalog())
            if (each.reader == reader.driver)
                known += (known.empty() ? "" : ", ") + std::string{each.format};
        blame_key(path + ".format", "is not for readers with driver '" + reader.driver + "'",
                  "one of: " + known);
    }

    const Places& places_;
    SettingsRead read_;
    bool broken_{};  ///< a file was not TOML: what is missing may stand in the rest of it
    std::map<std::string, std::string> places_set_;
    std::vector<std::string> reader_places_;
    std::set<std::string> registers_;
    std::set<std::string> listens_;
};

}  // namespace

SettingsRead parse_settings(std::span<const SettingsFile> files, const Places& places)
{
    return Parser{places}.parse(files);
}

}  // namespace raiten::app

#pragma once

#include "daemon/app/settings.hpp"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace raiten::app {

/// How a key's value is written in the file, and what is accepted.
enum class KeyKind : std::uint8_t {
    flag,              ///< true or false
    whole,             ///< a number; allowed "1..100"
    duration,          ///< "10min"; allowed "1s..1h"
    level,             ///< "-80dBm"; allowed "-127dBm..20dBm"
    level_difference,  ///< "6dB"
    size,              ///< "64KiB"
    decimal,      ///< "0.35"; up to four decimals, allowed "0..1"; "" where that is the default
    time_of_day,  ///< "04:00"; "" where that is the default
    choice,       ///< allowed "system|events"
    text,         ///< anything up to 256 bytes
    name,         ///< letters, digits, - and _; 1 to 64
    zone,         ///< IANA time zone
    currency,     ///< three capital letters
    state_path,   ///< relative to the state directory
    config_path,  ///< relative to the directory of raiten.toml
    secret,       ///< a credential's name or a path; see read_secret()
    host_port,    ///< "127.0.0.1:8470"
    endpoint,     ///< "tcp:…", "unix:…", "serial:…", "hci:…", "input:…"
    texts,        ///< list of any texts
    languages,    ///< list of "ja", "en", "zh-Hant"
    choices,      ///< list; allowed "a|b"
    brokers,      ///< list of "mqtt://host[:port]" and "mqtts://…"
};

/// A value that was read and found good: numbers are milliseconds, bytes, decibels, minutes,
/// ten-thousandths.
struct KeyValue {
    std::variant<bool, std::int64_t, std::string, std::vector<std::string>> held;

    bool flag() const { return std::get<bool>(held); }
    std::int64_t number() const { return std::get<std::int64_t>(held); }
    std::uint32_t count() const { return static_cast<std::uint32_t>(number()); }
    std::int16_t decibels() const { return static_cast<std::int16_t>(number()); }
    /// Of a decimal; nothing while it is unset.
    std::optional<double> decimal() const
    {
        if (const auto* n = std::get_if<std::int64_t>(&held)) return static_cast<double>(*n) / 1e4;
        return std::nullopt;
    }
    /// Of a time of day; nothing while it is unset.
    std::optional<std::chrono::minutes> time() const
    {
        if (const auto* n = std::get_if<std::int64_t>(&held)) return std::chrono::minutes{*n};
        return std::nullopt;
    }
    Millis span() const { return Millis{number()}; }
    const std::string& text() const { return std::get<std::string>(held); }
    const std::vector<std::string>& texts() const
    {
        return std::get<std::vector<std::string>>(held);
    }
    friend bool operator==(const KeyValue&, const KeyValue&) = default;
};

/// One thing that can be set. All documentation is made from these rows.
struct Key {
    std::string_view section;  ///< "visits"; "reader" and "reader.patterns" repeat
    std::string_view name;
    KeyKind kind{};
    std::optional<std::string_view> fallback;  ///< as in the file, without quotes; none: required
    std::string_view allowed;                  ///< "least..most", "one|other", "none" if "" is none
    bool live{};                               ///< a reload changes it without a restart
    std::string_view drivers;                  ///< reader keys: of which drivers, "" is all
    std::string_view doc;                      ///< one line
    void (*put)(Settings&, const KeyValue&);   ///< reader keys: into the last reader

    std::string path() const { return std::string{section} + "." + std::string{name}; }
};

std::span<const Key> settings_table();
const Key* find_key(std::string_view section, std::string_view name);  ///< null: there is none

/// Sections in the order of the table, with one line on each.
struct Section {
    std::string_view name;
    std::string_view doc;
};
std::span<const Section> settings_sections();
std::span<const std::string_view> driver_names();

/// The rows of [[reader]] and [reader.patterns].
std::vector<Key> reader_keys();
/// Whether several formats share this driver's wire.
bool needs_format(std::string_view driver);
/// The format of a driver that has one only; "" of others.
std::string only_format(std::string_view driver);

/// Reads a value in the notation of the file (without quotes; a list's items with commas).
Result<KeyValue> key_value_of(const Key& key, const std::string& written);
/// One text item of this kind, range included. Numbers of kind `whole` come as digits.
Result<KeyValue> scalar_value_of(const Key& key, const std::string& written);
Result<KeyValue> list_value_of(const Key& key, const std::vector<std::string>& items);
/// The value in the notation of the file, in its shortest form; a list's items with commas.
std::string text_of(const Key& key, const KeyValue& value);
/// What would be right, in words: "a duration from 1s to 1h".
std::string expectation_of(const Key& key);
bool is_list(KeyKind kind);
/// "a|b" -> {"a", "b"}.
std::vector<std::string> split(std::string_view text, char mark);

/// config/REFERENCE.md.
std::string settings_reference();
/// config/raiten.toml: every key as a comment with its default, and what must be set.
std::string settings_sample();
/// The OPTIONS part of raiten.toml(5), in man(7) notation.
std::string settings_man_page();

}  // namespace raiten::app

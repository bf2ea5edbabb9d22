#include "daemon/app/settings_table.hpp"

namespace raiten::app {
namespace {

std::string heading(const Section& section)
{
    if (section.name == "reader") return "[[reader]]";
    return "[" + std::string{section.name} + "]";
}

/// The default as it would stand in the file: "\"10min\"", "3", "[\"ja\", \"en\"]".
std::string written_default(const Key& key)
{
    const std::string bare{key.fallback.value_or("")};
    if (key.kind == KeyKind::flag || key.kind == KeyKind::whole) return bare;
    if (!is_list(key.kind)) return "\"" + bare + "\"";
    std::string list;
    for (const auto& item : split(bare, ',')) list += (list.empty() ? "\"" : ", \"") + item + "\"";
    return "[" + list + "]";
}

/// Of whom, when, what else: "(pos-escpos) … (live)".
std::string remarks(const Key& key)
{
    std::string text{key.doc};
    if (!key.drivers.empty()) {
        std::string names;
        for (const auto& name : split(key.drivers, ','))
            names += (names.empty() ? "" : ", ") + name;
        text = "(" + names + ") " + text;
    }
    if (key.live) text += " A reload changes it.";
    return text;
}

std::string escaped_for_table(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        if (c == '|') out += '\\';
        out += c;
    }
    return out;
}

std::string escaped_for_man(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        if (c == '\\')
            out += "\\e";
        else if (c == '-')
            out += "\\-";
        else
            out += c;
    }
    if (!out.empty() && (out[0] == '.' || out[0] == '\'')) out.insert(0, "\\&");
    return out;
}

/// What stands in the sample for a key without default.
std::string example_of(const Key& key)
{
    if (key.kind == KeyKind::zone) return "\"Asia/Tokyo\"";
    if (key.kind == KeyKind::endpoint) return "\"serial:/dev/ttyACM0@115200\"";
    if (key.name == "driver") return "\"ble-h4\"";
    if (key.name == "name") return "\"ent-1\"";
    return "\"" + std::string{key.name} + (key.name == "tenant" ? "\"" : "-1\"");
}

/// A comment in lines of at most 96 columns.
std::string wrapped_comment(std::string_view text)
{
    std::string out;
    std::string line = "#";
    for (const auto& word : split(text, ' ')) {
        if (line.size() + 1 + word.size() > 96) {
            out += line + "\n";
            line = "#";
        }
        line += " " + word;
    }
    return out + line + "\n";
}

}  // namespace

std::string settings_reference()
{
    std::string out =
        "# Configuration reference\n\n"
        "Made by `raitend --config-reference` from the table that the parser uses.\n\n"
        "The file is `/etc/raiten/raiten.toml`, then `raiten.d/*.toml` beside it in the order of\n"
        "their names: a later file wins key by key, `[[reader]]` sections add up. Durations\n"
        "(`\"1h30min\"`: d, h, min, s, ms), signal strengths (`\"-80dBm\"`, `\"6dB\"`) and sizes\n"
        "(`\"64KiB\"`) are texts with units. Secrets are never written here: a key that needs one\n"
        "names a systemd credential or a file with mode 0600. `raitend --check-config` tells "
        "every\n"
        "mistake with its place; SIGHUP reloads the keys marked so, the others wait for a "
        "restart.\n";
    for (const auto& section : settings_sections()) {
        out += "\n## " + heading(section) + "\n\n" + std::string{section.doc}
               + "\n\n| key | value | default | meaning |\n| --- | --- | --- | --- |\n";
        for (const auto& key : settings_table()) {
            if (key.section != section.name) continue;
            out += "| `" + std::string{key.name} + "` | " + escaped_for_table(expectation_of(key))
                   + " | "
                   + (key.fallback ? "`" + escaped_for_table(written_default(key)) + "`"
                                   : std::string{"**required**"})
                   + " | " + escaped_for_table(remarks(key)) + " |\n";
        }
    }
    return out;
}

std::string settings_sample()
{
    std::string out =
        "# Raiten: configuration of this store. Every key stands here with its default as a "
        "comment;\n# the four keys that are not comments must be set. Check with: raitend "
        "--check-config\n";
    for (const auto& section : settings_sections()) {
        const bool repeated = section.name.starts_with("reader");
        out += "\n" + wrapped_comment(section.doc);
        out += (repeated ? "#" : "") + heading(section) + "\n";
        for (const auto& key : settings_table()) {
            if (key.section != section.name) continue;
            out += "\n" + wrapped_comment(remarks(key) + " Value: " + expectation_of(key) + ".");
            const bool must = !key.fallback && !repeated;
            const auto example = example_of(key);
            out += (must ? "" : "#") + std::string{key.name} + " = "
                   + (key.fallback ? written_default(key) : example) + "\n";
        }
    }
    return out;
}

std::string settings_man_page()
{
    std::string out;
    for (const auto& section : settings_sections()) {
        out +=
            ".SS " + escaped_for_man(heading(section)) + "\n" + escaped_for_man(section.doc) + "\n";
        for (const auto& key : settings_table()) {
            if (key.section != section.name) continue;
            out += ".TP\n.B " + escaped_for_man(key.name) + "\n" + escaped_for_man(remarks(key))
                   + "\nValue: " + escaped_for_man(expectation_of(key)) + ". "
                   + (key.fallback ? "Default: " + escaped_for_man(written_default(key)) + "."
                                   : "Required.")
                   + "\n";
        }
    }
    return out;
}

}  // namespace raiten::app

#pragma once

#include <string>

namespace CLI {
class App;
}

namespace raiten::app::ctl {

/// Adds a command with one line on what it does, and examples (one a line) below its help.
CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& what,
                      const std::string& examples);

/// `--json`.
void add_json(CLI::App& command, bool& json, const std::string& what);
/// `--config FILE`; `file` keeps its default where it has one.
void add_config(CLI::App& command, std::string& file, const std::string& what);

/// At most `columns` wide, broken at blanks; a word that is longer stands alone.
std::string wrapped(const std::string& text, std::size_t columns);

}  // namespace raiten::app::ctl

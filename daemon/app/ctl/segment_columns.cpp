#include "daemon/app/ctl/command_line.hpp"
#include "daemon/app/ctl/commands.hpp"
#include "daemon/app/ctl/console.hpp"
#include "daemon/app/ctl/table.hpp"
#include "daemon/ledger/segment_text.hpp"
#include "daemon/model/score_card.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <memory>

/// What a campaign's `where` may name.
namespace raiten::app::ctl {
namespace {

void show_json()
{
    for (const auto& column : card_columns())
        print(R"({"name":)" + json_text(column.name) + R"(,"type":)" + json_text(column.type)
              + R"(,"says":)" + json_text(column.says) + "}");
}

std::string padded(std::string_view text, std::size_t width)
{
    std::string out{text};
    out.resize(std::max(width, out.size()), ' ');
    return out;
}

/// What a column says may take more than one line: nothing is cut.
void show_table()
{
    std::size_t name = 0;
    std::size_t type = 0;
    for (const auto& column : card_columns()) {
        name = std::max(name, column.name.size());
        type = std::max(type, column.type.size());
    }
    const std::size_t indent = name + 2 + type + 2;
    print(padded("COLUMN", name + 2) + padded("TYPE", type + 2) + "SAYS");
    for (const auto& column : card_columns()) {
        auto text = wrapped(std::string{column.says}, Table::columns_max - indent);
        for (auto at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 1))
            text.insert(at + 1, std::string(indent, ' '));
        print(padded(column.name, name + 2) + padded(column.type, type + 2) + text);
    }
    std::string functions;
    for (const auto& function : ledger::pure_functions()) functions += ' ' + function;
    print("");
    print(wrapped("Functions:" + functions, Table::columns_max));
}

}  // namespace

void add_segment_columns(CLI::App& campaigns, int& code)
{
    auto json = std::make_shared<bool>(false);
    auto* command = add_command(campaigns, "columns",
                                "List the columns and functions that a campaign's where may use.",
                                "raitenctl campaigns columns\n"
                                "raitenctl campaigns columns --json");
    add_json(*command, *json, "One JSON object a column.");
    command->callback([json, &code] {
        *json ? show_json() : show_table();
        code = exit_code::good;
    });
}

}  // namespace raiten::app::ctl

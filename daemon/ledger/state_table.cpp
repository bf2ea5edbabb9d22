#include "daemon/ledger/state_table.hpp"

#include "daemon/ledger/meta.hpp"

#include <string_view>

namespace raiten::ledger {
namespace {

/// One value has 16 MiB at most.
constexpr std::size_t part_bytes = 8ULL * 1024 * 1024;

}  // namespace

void put_engine_state(Database& database, const std::optional<std::string>& state)
{
    database.run("DELETE FROM engine_state");
    if (!state || state->size() > engine_state_bytes_max) return;
    const auto this_commit = meta_number(database, "commits") + 1;
    std::string_view rest{*state};
    for (int part = 0; !rest.empty(); ++part) {
        const auto some = rest.substr(0, part_bytes);
        database.run("INSERT INTO engine_state(part, commits, bytes) VALUES (?,?,?)", part,
                     this_commit, some);
        rest.remove_prefix(some.size());
    }
}

std::optional<std::string> engine_state(Database& database)
{
    std::string out;
    auto rows = database.query(
        "SELECT bytes FROM engine_state WHERE commits = (SELECT value FROM meta WHERE key = "
        "'commits') ORDER BY part LIMIT ?",
        engine_state_bytes_max / part_bytes);
    while (rows.next()) out += rows.get<std::string>();
    if (out.empty()) return std::nullopt;
    return out;
}

}  // namespace raiten::ledger

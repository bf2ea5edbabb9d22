#include "daemon/ledger/meta.hpp"

namespace raiten::ledger {

std::int64_t meta_number(Database& database, std::string_view key)
{
    auto row = database.query("SELECT value FROM meta WHERE key = ?", key);
    return row.next() ? row.get<std::int64_t>() : 0;
}

std::optional<std::string> meta_text(Database& database, std::string_view key)
{
    auto row = database.query("SELECT value FROM meta WHERE key = ?", key);
    if (!row.next()) return std::nullopt;
    return row.get<std::string>();
}

void put_meta(Database& database, std::string_view key, std::int64_t value)
{
    database.run("INSERT OR REPLACE INTO meta VALUES (?, ?)", key, value);
}

void put_meta(Database& database, std::string_view key, const std::string& value)
{
    database.run("INSERT OR REPLACE INTO meta VALUES (?, ?)", key, value);
}

Instant engine_time_of(Database& database)
{
    return Instant{Millis{meta_number(database, "engine_time")}};
}

}  // namespace raiten::ledger

#include "tests/ledger/segment_oracle.hpp"

#include "daemon/base/overloaded.hpp"

#include <sqlite3.h>

#include <stdexcept>

namespace raiten::ledger {

SegmentOracle::SegmentOracle()
{
    if (sqlite3_open(":memory:", &database_) != SQLITE_OK) throw std::runtime_error{"sqlite3_open"};
    std::string columns;
    for (const auto& column : card_columns())
        columns += (columns.empty() ? "" : ", ") + std::string{column.name} + " "
                   + std::string{column.type};
    const auto sql = "CREATE TABLE score_card(" + columns + ")";
    if (sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
        throw std::runtime_error{sqlite3_errmsg(database_)};
}

SegmentOracle::~SegmentOracle()
{
    sqlite3_close(database_);
}

void SegmentOracle::put(const ScoreCard& card)
{
    sqlite3_exec(database_, "DELETE FROM score_card", nullptr, nullptr, nullptr);
    std::string places;
    for (std::size_t n = 0; n < card_columns().size(); ++n) places += n == 0 ? "?" : ", ?";
    sqlite3_stmt* insert = nullptr;
    sqlite3_prepare_v2(database_, ("INSERT INTO score_card VALUES (" + places + ")").c_str(), -1,
                       &insert, nullptr);
    int place = 0;
    for (const auto& column : card_columns()) {
        ++place;
        std::visit(overloaded{
                       [&](std::monostate) { sqlite3_bind_null(insert, place); },
                       [&](std::int64_t number) { sqlite3_bind_int64(insert, place, number); },
                       [&](double number) { sqlite3_bind_double(insert, place, number); },
                       [&](std::string_view text) {
                           sqlite3_bind_text(insert, place, text.data(),
                                             static_cast<int>(text.size()), SQLITE_TRANSIENT);
                       },
                   },
                   column.of(card));
    }
    const int code = sqlite3_step(insert);
    sqlite3_finalize(insert);
    if (code != SQLITE_DONE) throw std::runtime_error{sqlite3_errmsg(database_)};
}

std::optional<bool> SegmentOracle::matches(const std::string& where)
{
    sqlite3_stmt* statement = nullptr;
    const auto sql = "SELECT 1 FROM score_card WHERE (" + where + "\n)";
    if (sqlite3_prepare_v2(database_, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK)
        return std::nullopt;
    const int code = sqlite3_step(statement);
    sqlite3_finalize(statement);
    if (code != SQLITE_ROW && code != SQLITE_DONE) return std::nullopt;
    return code == SQLITE_ROW;
}

}  // namespace raiten::ledger

#include "daemon/ledger/segment_statement.hpp"

#include "daemon/base/overloaded.hpp"
#include "daemon/ledger/segment_text.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <stdexcept>

namespace raiten::ledger {
namespace {

constexpr int steps_between_looks = 1000;

void bind_value(sqlite3_stmt* statement, int place, const CardValue& value)
{
    std::visit(overloaded{
                   [&](std::monostate) { sqlite3_bind_null(statement, place); },
                   [&](std::int64_t number) { sqlite3_bind_int64(statement, place, number); },
                   [&](double number) { sqlite3_bind_double(statement, place, number); },
                   [&](std::string_view text) {
                       sqlite3_bind_text64(statement, place, text.data(), text.size(),
                                           SQLITE_STATIC, SQLITE_UTF8);
                   },
               },
               value);
}

std::vector<const CardColumn*> columns_of(std::span<const SegmentPart* const> parts)
{
    std::vector<const CardColumn*> out;
    for (const auto& column : card_columns())
        if (std::any_of(parts.begin(), parts.end(), [&](const SegmentPart* part) {
                return std::find(part->columns.begin(), part->columns.end(), &column)
                       != part->columns.end();
            }))
            out.push_back(&column);
    return out;
}

std::string sql_of(std::span<const SegmentPart* const> parts,
                   const std::vector<const CardColumn*>& columns)
{
    std::string sql = "SELECT ";
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto bit = i % SegmentStatement::word_bits;
        if (i > 0) sql += bit == 0 ? ", " : " + ";
        sql += "CASE WHEN (" + parts[i]->where + "\n) THEN " + std::to_string(1ULL << bit)
               + " ELSE 0 END";
    }
    sql += " FROM (SELECT ";
    if (columns.empty()) sql += "1";
    for (std::size_t i = 0; i < columns.size(); ++i)
        sql += (i > 0 ? ", " : "") + bound_column(*columns[i], i + 1);
    return sql + ") AS score_card";
}

}  // namespace

SegmentEngine::SegmentEngine()
{
    sqlite3* opened = nullptr;
    const int code =
        sqlite3_open_v2(":memory:", &opened,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_NOMUTEX, nullptr);
    database_.reset(opened);
    if (code != SQLITE_OK)
        throw std::logic_error{std::string{"no segment database: "} + sqlite3_errstr(code)};
    sqlite3_db_config(opened, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(opened, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
    sqlite3_db_config(opened, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
    const auto limit = [&](int id, std::size_t most) {
        sqlite3_limit(opened, id, static_cast<int>(most));
    };
    // The compiler's, for as many expressions as a statement has.
    limit(SQLITE_LIMIT_EXPR_DEPTH, segment_depth_max + SegmentStatement::word_bits + 10);
    limit(SQLITE_LIMIT_LENGTH, 16'000);
    limit(SQLITE_LIMIT_LIKE_PATTERN_LENGTH, segment_pattern_bytes_max);
    limit(SQLITE_LIMIT_ATTACHED, 0);
    limit(SQLITE_LIMIT_WORKER_THREADS, 0);
    sqlite3_progress_handler(opened, steps_between_looks, &SegmentEngine::looked, &looks_);
}

int SegmentEngine::looked(void* looks)
{
    return --*static_cast<int*>(looks) < 0 ? 1 : 0;
}

void SegmentEngine::allow(std::size_t expressions)
{
    looks_ = static_cast<int>(expressions) * (steps_max / steps_between_looks);
}

void SegmentStatement::Finalize::operator()(sqlite3_stmt* statement) const
{
    sqlite3_finalize(statement);
}

Result<SegmentStatement> SegmentStatement::of(SegmentEngine& engine,
                                              std::span<const SegmentPart* const> parts)
{
    SegmentStatement out;
    out.engine_ = &engine;
    out.columns_ = columns_of(parts);
    out.expressions_ = parts.size();
    const auto sql = sql_of(parts, out.columns_);
    sqlite3_stmt* statement = nullptr;
    const int code =
        sqlite3_prepare_v3(engine.connection(), sql.data(), static_cast<int>(sql.size()),
                           SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    out.statement_.reset(statement);
    if (code != SQLITE_OK) return Problem{sqlite3_errmsg(engine.connection())};
    return out;
}

bool SegmentStatement::answer(const ScoreCard& card, std::span<std::uint8_t> out)
{
    sqlite3_stmt* const statement = statement_.get();
    int place = 0;
    for (const auto* column : columns_) bind_value(statement, ++place, column->of(card));
    engine_->allow(expressions_);
    const bool answered = sqlite3_step(statement) == SQLITE_ROW;
    if (answered) {
        std::uint64_t word = 0;
        for (std::size_t i = 0; i < expressions_; ++i) {
            if (i % word_bits == 0)
                word = static_cast<std::uint64_t>(
                    sqlite3_column_int64(statement, static_cast<int>(i / word_bits)));
            out[i] = static_cast<std::uint8_t>(word & 1U);
            word >>= 1U;
        }
    }
    sqlite3_reset(statement);
    return answered;
}

}  // namespace raiten::ledger

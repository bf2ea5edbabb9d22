#include "daemon/ledger/nightly_segment.hpp"

#include "daemon/ledger/database.hpp"
#include "daemon/ledger/segment_compiler.hpp"
#include "daemon/ledger/segment_text.hpp"

#include <sqlite3.h>

#include <array>
#include <string_view>

namespace raiten::ledger {
namespace {

constexpr int steps_between_looks = 100'000;

struct Source {
    std::string_view column;
    std::string_view sql;  ///< over member m and score s; ?1 is the time
};

constexpr std::array sources{
    Source{"member", "m.name"},
    Source{"visits", "m.settled_visits"},
    Source{"purchases", "m.purchases"},
    Source{"spend",
           "CASE WHEN m.spend % 10000 = 0 THEN m.spend / 10000 ELSE m.spend / 10000.0 END"},
    Source{"streak", "coalesce(m.last_streak, 0)"},
    Source{"days_since_visit", "(?1 - m.last_left_at) / 86400000.0"},
    Source{"days_since_purchase", "(?1 - m.last_purchase_at) / 86400000.0"},
    Source{"days_since_first_visit", "(?1 - m.first_visit_at) / 86400000.0"},
    Source{"days_since_coupon",
           "(?1 - (SELECT max(decided_at) FROM coupon WHERE member = m.id AND state <> 1))"
           " / 86400000.0"},
    Source{"birth_month", "m.birth_month"},
    Source{"zone", "''"},
    Source{"basket", "''"},
    Source{"stage",
           "CASE s.stage WHEN 0 THEN 'new' WHEN 1 THEN 'light' WHEN 2 THEN 'middle'"
           " WHEN 3 THEN 'core' WHEN 4 THEN 'at_risk' WHEN 5 THEN 'dormant' END"},
    Source{"rfm_r", "s.rfm_r"},
    Source{"rfm_f", "s.rfm_f"},
    Source{"rfm_m", "s.rfm_m"},
    Source{"recency_days", "s.recency_days"},
    Source{"frequency", "s.frequency"},
    Source{"monetary", "s.monetary / 10000.0"},
    Source{"x", "s.x"},
    Source{"t_x", "s.t_x"},
    Source{"t_total", "s.t_total"},
    Source{"p_alive", "s.p_alive"},
    Source{"expected_purchases", "s.expected_purchases"},
    Source{"expected_spend", "s.expected_spend"},
    Source{"ltv", "s.ltv"},
    Source{"p_purchase", "s.p_purchase"},
    Source{"next_visit_days", "(s.next_visit_at - ?1) / 86400000.0"},
    Source{"p_visit_7d", "s.p_visit_7d"},
    Source{"visit_hour_from", "s.visit_hour_from"},
    Source{"visit_hour_to", "s.visit_hour_to"},
};

/// Nothing is known of a column without a source while nobody is in the store.
std::string_view source_of(const CardColumn& column)
{
    for (const auto& source : sources)
        if (source.column == column.name) return source.sql;
    return "NULL";
}

/// A score that a night made has a time; who was withdrawn since has none.
std::string sql_over(const std::string& where)
{
    std::string sql =
        "WITH score_card AS (SELECT m.id AS member_id, s.stage AS stage_number,"
        " s.next_visit_at AS expected_at";
    for (const auto& column : card_columns())
        sql += ", CAST(" + std::string{source_of(column)} + " AS " + std::string{column.type}
               + ") AS " + std::string{column.name};
    return sql
           + " FROM member m LEFT JOIN score s ON s.member = m.id AND s.at > 0"
             " WHERE m.id > ?2 AND m.staff = 0 AND m.consent <> 0 AND m.equipment NOT IN (1, 2))"
             " SELECT member_id, member, stage_number, rfm_r, rfm_f, rfm_m, expected_at"
             " FROM score_card WHERE ("
           + where + "\n) ORDER BY member_id";
}

/// Base tables through the view alone: SQLite names it as the last argument.
int authorize(void*, int action, const char* first, const char* second, const char*,
              const char* through)
{
    constexpr std::string_view view = "score_card";
    const bool of_view = through && view == through;
    switch (action) {
        case SQLITE_SELECT:
            return SQLITE_OK;
        case SQLITE_READ:
            return of_view || (first && view == first) ? SQLITE_OK : SQLITE_DENY;
        case SQLITE_FUNCTION:
            return of_view || (second && is_pure(second)) ? SQLITE_OK : SQLITE_DENY;
        default:
            return SQLITE_DENY;
    }
}

/// What holds on a connection for as long as a segment is read from it.
class Guard {
 public:
    Guard(sqlite3* connection, const std::atomic<bool>& cancelled) : connection_{connection}
    {
        sqlite3_db_config(connection_, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
        pattern_bytes_ =
            sqlite3_limit(connection_, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, segment_pattern_bytes_max);
        sqlite3_set_authorizer(connection_, &authorize, nullptr);
        sqlite3_progress_handler(
            connection_, steps_between_looks,
            [](void* flag) { return static_cast<const std::atomic<bool>*>(flag)->load() ? 1 : 0; },
            const_cast<std::atomic<bool>*>(&cancelled));
    }
    ~Guard()
    {
        sqlite3_progress_handler(connection_, 0, nullptr, nullptr);
        sqlite3_set_authorizer(connection_, nullptr, nullptr);
        sqlite3_limit(connection_, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, pattern_bytes_);
    }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

 private:
    sqlite3* connection_;
    int pattern_bytes_{};
};

InSegment read(Query& rows)
{
    InSegment out;
    out.id = rows.get<MemberId>();
    out.name = rows.get<std::string>();
    const auto stage = rows.get<std::optional<Stage>>();
    if (stage && static_cast<std::size_t>(*stage) < stage_count) out.stage = stage;
    out.rfm_r = rows.get<std::optional<std::uint8_t>>();
    out.rfm_f = rows.get<std::optional<std::uint8_t>>();
    out.rfm_m = rows.get<std::optional<std::uint8_t>>();
    out.next_visit_at = rows.get<std::optional<Instant>>();
    return out;
}

}  // namespace

Result<void> each_in_segment(Database& database, const std::string& where, Instant at,
                             MemberId after, const std::function<bool(const InSegment&)>& take,
                             const std::atomic<bool>& cancelled)
{
    if (!where.empty()) {
        SegmentCompiler compiler;
        if (const auto checked = compiler.columns_of(where); !checked) return checked.error();
    }
    {
        const Guard guard{database.handle(), cancelled};
        auto rows = database.query(sql_over(where.empty() ? "1" : where), at, after);
        while (rows.next())
            if (!take(read(rows))) break;
    }
    auto outcome = database.outcome();
    if (cancelled) return Problem{"the service is stopping"};
    return outcome;
}

}  // namespace raiten::ledger

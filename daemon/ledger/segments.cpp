#include "daemon/ledger/segments.hpp"

#include "daemon/base/overloaded.hpp"
#include "daemon/model/score_card.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <optional>
#include <stdexcept>
#include <string_view>

namespace raiten::ledger {
namespace {

constexpr std::string_view before = "SELECT 1 FROM score_card WHERE (";
constexpr std::string_view after = "\n)";
constexpr std::size_t compiled_max = 256;
constexpr int steps_between_looks = 1000;

/// Of a list of columns, "a TEXT, b REAL" or the like.
template <class Say>
std::string each_column(const char* between, const Say& say)
{
    std::string out;
    for (const auto& column : card_columns()) {
        if (!out.empty()) out += between;
        out += say(column);
    }
    return out;
}

std::string make_card()
{
    return "CREATE TABLE score_card("
           + each_column(", ",
                         [](const CardColumn& column) {
                             return std::string{column.name} + " " + std::string{column.type};
                         })
           + "); INSERT INTO score_card DEFAULT VALUES;";
}

std::string fill_card()
{
    return "UPDATE score_card SET " + each_column(", ", [](const CardColumn& column) {
               return std::string{column.name} + " = ?";
           });
}

constexpr std::array<std::string_view, 27> pure_functions{
    "abs",   "coalesce", "ifnull", "nullif",    "iif",   "min",  "max",  "round", "lower",
    "upper", "length",   "substr", "substring", "instr", "like", "glob", "trim",  "ltrim",
    "rtrim", "typeof",   "sign",   "ceil",      "floor", "sqrt", "ln",   "log10", "exp"};

bool is_pure(std::string_view name)
{
    return std::find(pure_functions.begin(), pure_functions.end(), name) != pure_functions.end();
}

/// What the authorizer saw while one expression was compiled.
struct Watch {
    bool watching{};  ///< not while our own statements are prepared
    int selects{};
    std::string refused;  ///< why, for people
};

int authorize(void* watching, int action, const char* first, const char* second, const char*,
              const char*)
{
    auto& watch = *static_cast<Watch*>(watching);
    if (!watch.watching) return SQLITE_OK;
    const auto refuse = [&](std::string why) {
        if (watch.refused.empty()) watch.refused = std::move(why);
        return SQLITE_DENY;
    };
    switch (action) {
        case SQLITE_SELECT:
            return ++watch.selects == 1 ? SQLITE_OK
                                        : refuse("a SELECT inside the expression is not allowed");
        case SQLITE_READ:
            // cppcheck-suppress ignoredReturnValue
            return first && std::strcmp(first, "score_card") == 0
                       ? SQLITE_OK
                       : refuse(std::string{"only the score card may be read, not "}
                                + (first ? first : "that"));
        case SQLITE_FUNCTION:
            return second && is_pure(second)
                       ? SQLITE_OK
                       : refuse(std::string{"the function "} + (second ? second : "?")
                                + "() is not allowed");
        default:
            return refuse("only an expression over the score card is allowed");
    }
}

int too_many_looks(void* looks)
{
    return --*static_cast<int*>(looks) < 0 ? 1 : 0;
}

/// Where quotes, brackets or comments would let the text out of its parentheses, counted from 0.
/// SQLite would read such a text as something else than one expression.
struct Escape {
    std::size_t at;
    const char* why;
};
std::optional<Escape> escape_of(std::string_view text)
{
    int depth = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const char next = i + 1 < text.size() ? text[i + 1] : '\0';
        if (c == '\0') return Escape{i, "a zero byte"};
        if (c == ';') return Escape{i, "a second statement"};
        if ((c == '-' && next == '-') || (c == '/' && next == '*')) return Escape{i, "a comment"};
        if (c == '?' || c == '@' || c == '$' || c == '#' || (c == ':' && next != '\0'))
            return Escape{i, "a parameter"};
        if (c == '(' && ++depth > SegmentMatcher::depth_max) return Escape{i, "nested too deeply"};
        if (c == ')' && --depth < 0) return Escape{i, "a ')' without its '('"};
        if (c == '\'' || c == '"' || c == '`' || c == '[') {
            const auto end = text.find(c == '[' ? ']' : c, i + 1);
            if (end == std::string_view::npos) return Escape{i, "a quote without its end"};
            i = end;
        }
    }
    if (depth != 0) return Escape{text.size(), "a '(' without its ')'"};
    return std::nullopt;
}

Problem wrong(const std::string& what, std::size_t at)
{
    return Problem{what, "column " + std::to_string(at + 1),
                   "columns: " + each_column(", ", [](const auto& column) {
                       return std::string{column.name};
                   })};
}

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

}  // namespace

class SegmentMatcher::Compiler {
 public:
    Compiler()
    {
        int code = sqlite3_open_v2(":memory:", &database_,
                                   SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_NOMUTEX,
                                   nullptr);
        if (code == SQLITE_OK)
            code = sqlite3_exec(database_, make_card().c_str(), nullptr, nullptr, nullptr);
        if (code == SQLITE_OK)
            code = sqlite3_prepare_v3(database_, fill_card().c_str(), -1, SQLITE_PREPARE_PERSISTENT,
                                      &fill_, nullptr);
        if (code != SQLITE_OK)
            throw std::logic_error{std::string{"no segment database: "} + sqlite3_errstr(code)};

        sqlite3_db_config(database_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
        sqlite3_db_config(database_, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
        sqlite3_db_config(database_, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
        const auto limit = [&](int id, std::size_t most) {
            sqlite3_limit(database_, id, static_cast<int>(most));
        };
        limit(SQLITE_LIMIT_SQL_LENGTH, before.size() + where_bytes_max + after.size());
        limit(SQLITE_LIMIT_EXPR_DEPTH, depth_max);
        limit(SQLITE_LIMIT_LENGTH, 16'000);
        limit(SQLITE_LIMIT_FUNCTION_ARG, 16);
        limit(SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 100);
        limit(SQLITE_LIMIT_COMPOUND_SELECT, 1);
        limit(SQLITE_LIMIT_VDBE_OP, 10'000);
        limit(SQLITE_LIMIT_ATTACHED, 0);
        limit(SQLITE_LIMIT_TRIGGER_DEPTH, 1);
        limit(SQLITE_LIMIT_WORKER_THREADS, 0);
        sqlite3_set_authorizer(database_, &authorize, &watch_);
        sqlite3_progress_handler(database_, steps_between_looks, &too_many_looks, &looks_);
    }

    ~Compiler()
    {
        forget();
        sqlite3_finalize(fill_);
        sqlite3_close(database_);
    }
    Compiler(const Compiler&) = delete;
    Compiler& operator=(const Compiler&) = delete;

    /// The statement for an expression that is not empty, compiled once.
    Result<sqlite3_stmt*> compiled(const std::string& where)
    {
        if (const auto known = compiled_.find(where); known != compiled_.end())
            return known->second;
        if (where.size() > where_bytes_max)
            return wrong("the expression is longer than 2000 bytes", where_bytes_max);
        if (const auto escape = escape_of(where))
            return wrong(std::string{escape->why} + " is not allowed here", escape->at);

        const std::string sql = std::string{before} + where + std::string{after};
        sqlite3_stmt* statement = nullptr;
        watch_ = {};
        watch_.watching = true;
        looks_ = steps_max / steps_between_looks;
        const int code = sqlite3_prepare_v3(database_, sql.data(), static_cast<int>(sql.size()),
                                            SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
        watch_.watching = false;
        if (code != SQLITE_OK) {
            const int offset = sqlite3_error_offset(database_);
            const auto start = static_cast<int>(before.size());
            const auto at =
                static_cast<std::size_t>(std::clamp(offset < 0 ? start : offset, start,
                                                    start + static_cast<int>(where.size()))
                                         - start);
            return wrong(watch_.refused.empty() ? sqlite3_errmsg(database_) : watch_.refused, at);
        }
        if (compiled_.size() >= compiled_max) forget();
        compiled_.emplace(where, statement);
        return statement;
    }

    bool holds(const std::string& where, const ScoreCard& card)
    {
        if (where.empty()) return true;
        const auto statement = compiled(where);
        if (!statement) {
            ++failures_;
            return false;
        }
        fill(card);
        looks_ = steps_max / steps_between_looks;
        const int code = sqlite3_step(*statement);
        sqlite3_reset(*statement);
        if (code != SQLITE_ROW && code != SQLITE_DONE) ++failures_;
        return code == SQLITE_ROW;
    }

    std::uint64_t failures() const { return failures_; }

 private:
    void fill(const ScoreCard& card)
    {
        int place = 0;
        for (const auto& column : card_columns()) bind_value(fill_, ++place, column.of(card));
        looks_ = steps_max / steps_between_looks;
        if (sqlite3_step(fill_) != SQLITE_DONE)
            throw std::logic_error{std::string{"score card: "} + sqlite3_errmsg(database_)};
        sqlite3_reset(fill_);
        sqlite3_clear_bindings(fill_);
    }

    void forget()
    {
        for (const auto& [where, statement] : compiled_) sqlite3_finalize(statement);
        compiled_.clear();
    }

    sqlite3* database_{};
    sqlite3_stmt* fill_{};
    std::map<std::string, sqlite3_stmt*> compiled_;
    Watch watch_;
    int looks_{};
    std::uint64_t failures_{};
};

SegmentMatcher::SegmentMatcher() : compiler_{std::make_unique<Compiler>()} {}
SegmentMatcher::~SegmentMatcher() = default;

Result<void> SegmentMatcher::check(const std::string& where)
{
    if (where.empty()) return {};
    const auto statement = compiler_->compiled(where);
    if (!statement) return statement.error();
    return {};
}

bool SegmentMatcher::matches(const std::string& where, const ScoreCard& card)
{
    return compiler_->holds(where, card);
}

std::uint64_t SegmentMatcher::failures() const
{
    return compiler_->failures();
}

namespace {

class Together final : public SegmentSet {
 public:
    Together(SegmentMatcher& matcher, std::vector<std::string> wheres)
        : matcher_{matcher}, wheres_{std::move(wheres)}, matching_(wheres_.size())
    {
    }
    std::span<const std::uint8_t> matching(const ScoreCard& card) override
    {
        for (std::size_t i = 0; i < wheres_.size(); ++i)
            matching_[i] = matcher_.matches(wheres_[i], card) ? 1 : 0;
        return matching_;
    }

 private:
    SegmentMatcher& matcher_;
    std::vector<std::string> wheres_;
    std::vector<std::uint8_t> matching_;
};

}  // namespace

std::unique_ptr<SegmentSet> SegmentMatcher::together(const std::vector<std::string>& wheres)
{
    return std::make_unique<Together>(*this, wheres);
}

}  // namespace raiten::ledger

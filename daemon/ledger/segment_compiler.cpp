#include "daemon/ledger/segment_compiler.hpp"

#include "daemon/base/nearest.hpp"
#include "daemon/ledger/segment_text.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <set>
#include <stdexcept>
#include <string_view>

namespace raiten::ledger {

/// What the authorizer saw while one expression was compiled.
struct SegmentMemory {
    bool watching{};  ///< not while our own table is made
    int selects{};
    std::set<std::string, std::less<>> columns;
    std::string refused;  ///< why, for people
    std::string name;     ///< the word for which it was
};

namespace {

constexpr std::string_view before = "SELECT 1 FROM score_card WHERE (";
constexpr std::string_view after = "\n)";

std::string make_card()
{
    std::string columns;
    for (const auto& column : card_columns()) {
        if (!columns.empty()) columns += ", ";
        columns += std::string{column.name} + ' ' + std::string{column.type};
    }
    return "CREATE TABLE score_card(" + columns + ")";
}

const CardColumn* column_named(std::string_view name)
{
    const auto all = card_columns();
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const CardColumn& column) { return column.name == name; });
    return found == all.end() ? nullptr : &*found;
}

std::vector<std::string> column_names()
{
    std::vector<std::string> out;
    for (const auto& column : card_columns()) out.emplace_back(column.name);
    return out;
}

int authorize(void* memory, int action, const char* first, const char* second, const char*,
              const char*)
{
    auto& seen = *static_cast<SegmentMemory*>(memory);
    if (!seen.watching) return SQLITE_OK;
    const std::string a = first ? first : "";
    const std::string b = second ? second : "";
    const auto refuse = [&](std::string why, std::string name = {}) {
        if (seen.refused.empty()) {
            seen.refused = std::move(why);
            seen.name = std::move(name);
        }
        return SQLITE_DENY;
    };
    switch (action) {
        case SQLITE_SELECT:
            return ++seen.selects == 1 ? SQLITE_OK
                                       : refuse("a SELECT inside the expression is not allowed");
        case SQLITE_READ:
            if (a != "score_card") return refuse("only the score card may be read, not " + a, a);
            if (b.empty()) return SQLITE_OK;  // an expression without columns
            if (!column_named(b)) return refuse("no such column '" + small_letters(b) + "'", b);
            seen.columns.insert(b);
            return SQLITE_OK;
        case SQLITE_FUNCTION:
            return is_pure(b) ? SQLITE_OK : refuse("the function " + b + "() is not allowed", b);
        default:
            return refuse("only an expression over the score card is allowed");
    }
}

/// What is said of a name that is no column.
SegmentFault no_column(std::string_view where, std::size_t at, std::string_view name)
{
    SegmentFault fault{at, "no such column '" + std::string{name} + "'"};
    const auto words = words_of(where);
    const auto word = std::find_if(words.begin(), words.end(),
                                   [&](const SegmentWord& each) { return each.at == at; });
    if (word != words.end() && word->kind == SegmentWord::Kind::quoted) {
        const auto inner = std::string{word->text.substr(1, word->text.size() - 2)};
        fault.what = std::string{word->text} + " names a column, and there is none of that name";
        fault.advice = "a text stands between ' and ': write '" + inner + "'";
        return fault;
    }
    const auto small = small_letters(name);
    if (stage_named(small)) {
        fault.advice = "a text stands between ' and ': write '" + small + "'";
    } else if (const auto meant = nearest(small, column_names())) {
        fault.advice = "did you mean " + *meant + "?";
    } else {
        fault.advice = "'raitenctl campaigns columns' lists them";
    }
    return fault;
}

std::size_t place_of(std::string_view where, std::string_view name)
{
    for (const auto& word : words_of(where))
        if (small_letters(word.text) == small_letters(name)) return word.at;
    return 0;
}

/// What SQLite says, in words for whoever writes campaigns.
SegmentFault understood(std::string_view where, std::string_view said, std::size_t at)
{
    constexpr std::string_view column = "no such column: ";
    constexpr std::string_view function = "no such function: ";
    constexpr std::string_view syntax = ": syntax error";
    if (said.starts_with(column)) return no_column(where, at, said.substr(column.size()));
    if (said.starts_with(function))
        return {at,
                "the function " + std::string{said.substr(function.size())} + "() is not allowed"};
    if (said.ends_with(syntax) || said.starts_with("incomplete input")) {
        if (at >= where.size()) return {at, "syntax error: it breaks off here"};
        const auto near = said.substr(5, said.size() - syntax.size() - 5);
        return {at, "syntax error: " + std::string{near} + " cannot stand here"};
    }
    if (said.starts_with("Expression tree is too large")) return {at, "nested too deeply"};
    return {at, std::string{said}};
}

}  // namespace

void CloseConnection::operator()(sqlite3* connection) const
{
    sqlite3_close(connection);
}

std::string bound_column(const CardColumn& column, std::size_t place)
{
    return "CAST(?" + std::to_string(place) + " AS " + std::string{column.type} + ") AS "
           + std::string{column.name};
}

SegmentCompiler::SegmentCompiler() : memory_{std::make_unique<SegmentMemory>()}
{
    sqlite3* opened = nullptr;
    int code =
        sqlite3_open_v2(":memory:", &opened,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_NOMUTEX, nullptr);
    database_.reset(opened);
    if (code == SQLITE_OK)
        code = sqlite3_exec(opened, make_card().c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK)
        throw std::logic_error{std::string{"no segment database: "} + sqlite3_errstr(code)};

    sqlite3_db_config(opened, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(opened, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
    sqlite3_db_config(opened, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
    const auto limit = [&](int id, std::size_t most) {
        sqlite3_limit(opened, id, static_cast<int>(most));
    };
    limit(SQLITE_LIMIT_SQL_LENGTH, before.size() + segment_bytes_max + after.size());
    limit(SQLITE_LIMIT_EXPR_DEPTH, segment_depth_max);
    limit(SQLITE_LIMIT_LENGTH, 16'000);
    limit(SQLITE_LIMIT_FUNCTION_ARG, 16);
    limit(SQLITE_LIMIT_COMPOUND_SELECT, 1);
    limit(SQLITE_LIMIT_VDBE_OP, 10'000);
    limit(SQLITE_LIMIT_ATTACHED, 0);
    limit(SQLITE_LIMIT_TRIGGER_DEPTH, 1);
    limit(SQLITE_LIMIT_WORKER_THREADS, 0);
    sqlite3_set_authorizer(opened, &authorize, memory_.get());
}

SegmentCompiler::~SegmentCompiler() = default;

Result<std::vector<const CardColumn*>> SegmentCompiler::columns_of(const std::string& where)
{
    if (const auto fault = refused_text(where)) return problem_in(where, *fault);
    const std::string sql = std::string{before} + where + std::string{after};
    *memory_ = {};
    memory_->watching = true;
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v2(database_.get(), sql.data(), static_cast<int>(sql.size()),
                                        &statement, nullptr);
    sqlite3_finalize(statement);
    memory_->watching = false;
    if (code != SQLITE_OK) {
        if (!memory_->refused.empty())
            return problem_in(where, {place_of(where, memory_->name), memory_->refused});
        const auto start = static_cast<int>(before.size());
        const int offset = std::clamp(sqlite3_error_offset(database_.get()), start,
                                      start + static_cast<int>(where.size()));
        return problem_in(where, understood(where, sqlite3_errmsg(database_.get()),
                                            static_cast<std::size_t>(offset - start)));
    }
    std::vector<const CardColumn*> out;
    for (const auto& column : card_columns())
        if (memory_->columns.contains(column.name)) out.push_back(&column);
    return out;
}

namespace {

using Kind = SegmentWord::Kind;

std::string stage_list()
{
    std::string out;
    for (std::size_t n = 0; n < stage_count; ++n)
        out += (n == 0 ? "'" : ", '") + std::string{text_of(static_cast<Stage>(n))} + '\'';
    return out;
}

bool compares(std::string_view sign)
{
    return sign == "=" || sign == "==" || sign == "<>" || sign == "!=" || sign == "<"
           || sign == "<=" || sign == ">" || sign == ">=";
}

/// The texts with which the column named by words[n] is compared: = 'a', <> 'a', IN ('a', 'b').
std::vector<const SegmentWord*> compared_texts(const std::vector<SegmentWord>& words, std::size_t n)
{
    std::vector<const SegmentWord*> out;
    std::size_t i = n + 1;
    if (i < words.size() && small_letters(words[i].text) == "not") ++i;
    const bool list =
        i + 1 < words.size() && small_letters(words[i].text) == "in" && words[i + 1].text == "(";
    if (list) {
        for (i += 2; i < words.size() && words[i].text != ")"; ++i)
            if (words[i].kind == Kind::text) out.push_back(&words[i]);
        return out;
    }
    const bool is = i < words.size() && small_letters(words[i].text) == "is";
    if (i < words.size() && (compares(words[i].text) || is)) {
        ++i;
        if (is && i < words.size() && small_letters(words[i].text) == "not") ++i;
        if (i < words.size() && words[i].kind == Kind::text) out.push_back(&words[i]);
    }
    return out;
}

void warn_of_stages(std::string_view where, const std::vector<SegmentWord>& words, std::size_t n,
                    std::vector<Problem>& out)
{
    for (const auto* text : compared_texts(words, n)) {
        const auto stage = text->text.substr(1, text->text.size() - 2);
        if (stage_named(stage)) continue;
        out.push_back(problem_in(where, {text->at, "no stage is called " + std::string{text->text},
                                         "the stages are " + stage_list()}));
    }
}

bool is_number(std::string_view text)
{
    return text.size() > 2 && text.find_first_not_of("0123456789.+-", 1) == text.size() - 1;
}

void warn_of_types(std::string_view where, const std::vector<SegmentWord>& words, std::size_t n,
                   const CardColumn& column, std::vector<Problem>& out)
{
    const auto name = std::string{column.name};
    if (column.type == "TEXT") {
        const bool compared = n + 2 < words.size() && compares(words[n + 1].text)
                              && words[n + 2].kind == Kind::number;
        if (compared)
            out.push_back(problem_in(where, {words[n + 2].at, name + " is a text, this is a number",
                                             "a text stands between ' and '"}));
        return;
    }
    for (const auto* text : compared_texts(words, n))
        if (!is_number(text->text))
            out.push_back(problem_in(
                where, {text->at, name + " is a number, " + std::string{text->text} + " is a text",
                        "texts are greater than all numbers: compare with a number"}));
}

}  // namespace

std::vector<Problem> segment_warnings(const std::string& where)
{
    std::vector<Problem> out;
    const auto words = words_of(where);
    for (std::size_t n = 0; n < words.size(); ++n) {
        if (words[n].text == "||")
            out.push_back(problem_in(where, {words[n].at, "'||' joins texts", "else write OR"}));
        if (words[n].kind != Kind::name) continue;
        const auto* column = column_named(small_letters(words[n].text));
        if (!column) continue;
        if (column->name == "stage" || column->name == "stage_before")
            warn_of_stages(where, words, n, out);
        else
            warn_of_types(where, words, n, *column, out);
    }
    return out;
}

}  // namespace raiten::ledger

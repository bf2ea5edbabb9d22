#include "daemon/ledger/segment_text.hpp"

#include "daemon/base/nearest.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace raiten::ledger {
namespace {

bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}
bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}
bool begins_character(char c)
{
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
}

/// Bytes of the character of UTF-8 that begins there; 0 if none does (RFC 3629).
std::size_t character_bytes(std::string_view text, std::size_t at)
{
    const auto byte = [&](std::size_t n) {
        return at + n < text.size() ? static_cast<unsigned char>(text[at + n]) : 0U;
    };
    const auto first = byte(0);
    if (first < 0x80) return 1;
    const std::size_t bytes = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4) return 0;
    for (std::size_t n = 1; n < bytes; ++n)
        if ((byte(n) & 0xC0U) != 0x80U) return 0;
    const auto second = byte(1);
    const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
    const bool none = (first == 0xED && second > 0x9F) || (first == 0xF4 && second > 0x8F);
    return overlong || none ? 0 : bytes;
}

std::optional<std::size_t> no_utf8(std::string_view text)
{
    for (std::size_t at = 0; at < text.size();) {
        const auto bytes = character_bytes(text, at);
        if (bytes == 0) return at;
        at += bytes;
    }
    return std::nullopt;
}

constexpr std::array<std::string_view, 27> pure{
    "abs",    "ceil",  "coalesce", "exp",   "floor",  "glob",      "ifnull", "iif",    "instr",
    "length", "like",  "ln",       "log10", "lower",  "ltrim",     "max",    "min",    "nullif",
    "round",  "rtrim", "sign",     "sqrt",  "substr", "substring", "trim",   "typeof", "upper"};

/// Keywords that may stand before a bracket without being a function.
constexpr std::array<std::string_view, 17> before_brackets{
    "and",  "or",   "not",  "in",      "is",   "like", "glob", "between", "case",
    "when", "then", "else", "collate", "cast", "as",   "from", "escape"};

/// The end of what is quoted from `at` on, or nothing.
std::optional<std::size_t> end_of_quote(std::string_view text, std::size_t at)
{
    const char last = text[at] == '[' ? ']' : text[at];
    for (std::size_t i = at + 1; i < text.size(); ++i) {
        if (text[i] != last) continue;
        if (last != ']' && i + 1 < text.size() && text[i + 1] == last) {
            ++i;  // doubled: one of them
        } else {
            return i;
        }
    }
    return std::nullopt;
}

bool is_quote(char c)
{
    return c == '\'' || c == '"' || c == '`' || c == '[';
}

std::optional<SegmentFault> refused_character(std::string_view text, std::size_t at, int& depth)
{
    const char c = text[at];
    const char next = at + 1 < text.size() ? text[at + 1] : '\0';
    const auto fault = [&](const char* what, const char* advice = "") {
        return SegmentFault{at, what, advice};
    };
    if (c == '\0') return fault("a zero byte");
    if (c == ';') return fault("a second statement", "an expression has no ;");
    if ((c == '-' && next == '-') || (c == '/' && next == '*'))
        return fault("a comment", "leave it out");
    if (c == '?' || c == '@' || c == '$' || c == '#' || (c == ':' && next != '\0'))
        return fault("a parameter", "write the value itself");
    if (c == '&' && next == '&') return fault("'&&' is no SQL", "write AND");
    if (c == '=' && (next == '>' || next == '<'))
        return fault(next == '>' ? "'=>' is no SQL" : "'=<' is no SQL",
                     next == '>' ? "write >=" : "write <=");
    if (static_cast<unsigned char>(c) >= 0x80)
        return SegmentFault{at,
                            "'" + std::string{text.substr(at, character_bytes(text, at))}
                                + "' cannot stand outside of a text",
                            "type names, numbers, signs and blanks in half width, and texts "
                            "between ' and '"};
    if (c == '(' && ++depth > segment_depth_max) return fault("nested too deeply");
    if (c == ')' && --depth < 0) return fault("a ')' without its '('");
    return std::nullopt;
}

/// Characters outside of quotes, and that quotes and brackets end.
std::optional<SegmentFault> refused_characters(std::string_view text)
{
    int depth = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (is_quote(text[i])) {
            const auto end = end_of_quote(text, i);
            if (!end) return SegmentFault{i, "a quote without its end"};
            const auto zero = text.substr(i, *end - i).find('\0');
            if (zero != std::string_view::npos) return SegmentFault{i + zero, "a zero byte"};
            i = *end;
        } else if (auto fault = refused_character(text, i, depth)) {
            return fault;
        }
    }
    if (depth != 0) return SegmentFault{text.size(), "a '(' without its ')'"};
    return std::nullopt;
}

std::optional<SegmentFault> refused_name(const std::vector<SegmentWord>& words, std::size_t n)
{
    const auto& word = words[n];
    const auto name = small_letters(word.text);
    if (name == "select" || name == "with" || name == "values" || name == "exists")
        return SegmentFault{word.at, "a SELECT inside the expression is not allowed",
                            "name the card's columns directly"};
    if (name.starts_with("current_"))
        return SegmentFault{word.at, "the clock (" + name + ") is not allowed",
                            "use hour, weekday or the columns that count days"};
    const bool called = n + 1 < words.size() && words[n + 1].text.starts_with('(');
    const auto keyword = std::find(before_brackets.begin(), before_brackets.end(), name);
    if (!called || keyword != before_brackets.end() || is_pure(name)) return std::nullopt;
    if (name == "over" || name == "filter")
        return SegmentFault{word.at, "a window over rows is not allowed",
                            "there is one row only: the card"};
    const auto meant = nearest(name, pure_functions());
    return SegmentFault{word.at, "the function " + name + "() is not allowed",
                        meant ? "did you mean " + *meant + "()?" : ""};
}

/// `= NULL` is never true, whatever stands before it.
std::optional<SegmentFault> compared_with_null(const std::vector<SegmentWord>& words, std::size_t n)
{
    const auto sign = words[n].text;
    const bool equal = sign == "=" || sign == "==";
    if ((!equal && sign != "<>" && sign != "!=") || n + 1 >= words.size()
        || small_letters(words[n + 1].text) != "null")
        return std::nullopt;
    return SegmentFault{words[n].at, "'" + std::string{sign} + " NULL' is never true",
                        equal ? "write IS NULL" : "write IS NOT NULL"};
}

}  // namespace

const std::vector<std::string>& pure_functions()
{
    static const std::vector<std::string> all{pure.begin(), pure.end()};
    return all;
}

bool is_pure(std::string_view function)
{
    return std::find(pure.begin(), pure.end(), function) != pure.end();
}

std::string small_letters(std::string_view text)
{
    std::string out{text};
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    return out;
}

std::vector<SegmentWord> words_of(std::string_view where)
{
    using Kind = SegmentWord::Kind;
    std::vector<SegmentWord> out;
    for (std::size_t i = 0; i < where.size();) {
        const char c = where[i];
        const auto run = [&](const auto& belongs) {
            std::size_t end = i + 1;
            while (end < where.size() && belongs(where[end])) ++end;
            return end;
        };
        std::size_t end = i + 1;
        Kind kind = Kind::sign;
        if (is_blank(c)) {
            i = run(&is_blank);
            continue;
        }
        if (is_quote(c)) {
            kind = c == '\'' ? Kind::text : Kind::quoted;
            end = end_of_quote(where, i).value_or(where.size() - 1) + 1;
        } else if (is_letter(c)) {
            kind = Kind::name;
            end = run([](char d) { return is_letter(d) || is_digit(d); });
        } else if (is_digit(c)) {
            kind = Kind::number;
            end = run([](char d) { return is_letter(d) || is_digit(d) || d == '.'; });
        } else if (c == '<' || c == '>' || c == '=' || c == '!' || c == '|') {
            end = run([](char d) { return d == '<' || d == '>' || d == '=' || d == '|'; });
        }
        out.push_back({kind, i, where.substr(i, end - i)});
        i = end;
    }
    return out;
}

std::optional<SegmentFault> refused_text(std::string_view where)
{
    if (where.size() > segment_bytes_max)
        return SegmentFault{0, "longer than " + std::to_string(segment_bytes_max) + " bytes"};
    if (const auto at = no_utf8(where)) return SegmentFault{*at, "this is no UTF-8"};
    if (auto fault = refused_characters(where)) return fault;
    const auto words = words_of(where);
    for (std::size_t n = 0; n < words.size(); ++n) {
        if (words[n].kind == SegmentWord::Kind::name)
            if (auto fault = refused_name(words, n)) return fault;
        if (words[n].kind == SegmentWord::Kind::sign)
            if (auto fault = compared_with_null(words, n)) return fault;
    }
    return std::nullopt;
}

namespace {

/// Places on a terminal: characters of East Asia from Hangul Jamo on are wide (roughly, as Unicode
/// has it).
std::size_t places_of(std::string_view character)
{
    const auto first = static_cast<unsigned char>(character.front());
    if (character.size() == 4) return 2;
    if (character.size() != 3) return 1;
    const unsigned code = (first & 0x0FU) << 12U
                          | (static_cast<unsigned char>(character[1]) & 0x3FU) << 6U
                          | (static_cast<unsigned char>(character[2]) & 0x3FU);
    const bool half_width = code >= 0xFF61 && code <= 0xFFDC;
    return !half_width && (code >= 0x2E80 || (code >= 0x1100 && code < 0x1160)) ? 2 : 1;
}

std::vector<std::string> characters_of(std::string_view text)
{
    std::vector<std::string> out;
    for (const char c : text) {
        if (out.empty() || begins_character(c)) out.emplace_back();
        const auto byte = static_cast<unsigned char>(c);
        out.back() += byte < 0x20 || byte == 0x7F ? ' ' : c;
    }
    return out;
}

}  // namespace

Problem problem_in(std::string_view where, const SegmentFault& fault)
{
    const auto before = where.substr(0, fault.at);
    const auto characters = std::count_if(before.begin(), before.end(), &begins_character);
    return {fault.what, "column " + std::to_string(characters + 1), fault.advice};
}

std::string pointed_at(const std::string& where, std::size_t column, std::size_t shown_max)
{
    const auto characters = characters_of(where);
    const std::size_t at = std::min(column == 0 ? 0 : column - 1, characters.size());
    std::size_t first = 0;
    if (characters.size() > shown_max && at > shown_max / 2)
        first = std::min(at - shown_max / 2, characters.size() - shown_max);
    const std::size_t last = std::min(first + shown_max, characters.size());
    std::string line;
    std::size_t blanks = 0;
    for (std::size_t i = first; i < last; ++i) {
        line += characters[i];
        if (i < at) blanks += places_of(characters[i]);
    }
    return line + '\n' + std::string(blanks, ' ') + '^';
}

std::optional<std::size_t> column_of(const Problem& problem)
{
    constexpr std::string_view word = "column ";
    const std::string_view where = problem.where;
    const auto found = where.rfind(word);
    if (found == std::string_view::npos) return std::nullopt;
    std::size_t column = 0;
    const auto* end = where.data() + where.size();
    const auto read = std::from_chars(where.data() + found + word.size(), end, column);
    if (read.ec != std::errc{} || read.ptr != end) return std::nullopt;
    return column;
}

}  // namespace raiten::ledger

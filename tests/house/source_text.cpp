#include "tests/house/source_text.hpp"

#include <cctype>

namespace raiten::house {
namespace {

bool is_word(char c)
{
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// One past the closing quote of the plain literal that opens at `from`.
std::size_t end_of_literal(std::string_view text, std::size_t from)
{
    for (std::size_t i = from + 1; i < text.size(); ++i) {
        if (text[i] == '\\')
            ++i;
        else if (text[i] == text[from] || text[i] == '\n')
            return i + 1;
    }
    return text.size();
}

/// The same for R"mark( … )mark", whose quote stands at `from`.
std::size_t end_of_raw(std::string_view text, std::size_t from)
{
    const auto open = text.find('(', from);
    if (open == std::string_view::npos) return text.size();
    const auto mark = ")" + std::string{text.substr(from + 1, open - from - 1)} + "\"";
    const auto close = text.find(mark, open);
    return close == std::string_view::npos ? text.size() : close + mark.size();
}

std::size_t end_of_comment(std::string_view text, std::size_t from)
{
    const bool line = text[from + 1] == '/';
    const auto end = line ? text.find('\n', from) : text.find("*/", from + 2);
    if (end == std::string_view::npos) return text.size();
    return line ? end : end + 2;
}

}  // namespace

SourceText take_apart(std::string_view text)
{
    SourceText out{std::string(text.size(), ' '), std::string(text.size(), ' ')};
    for (std::size_t i = 0; i < text.size(); ++i)
        if (text[i] == '\n') out.code[i] = out.comments[i] = '\n';

    for (std::size_t i = 0; i < text.size();) {
        const char c = text[i];
        const char before = i > 0 ? text[i - 1] : ' ';
        const auto next = text.substr(i + 1, 1);
        std::size_t end = i + 1;
        if (c == '/' && (next == "/" || next == "*")) {
            end = end_of_comment(text, i);
            out.comments.replace(i, end - i, text.substr(i, end - i));
        } else if (c == '"' || (c == '\'' && !is_word(before))) {
            end = c == '"' && before == 'R' ? end_of_raw(text, i) : end_of_literal(text, i);
            out.code[i] = out.code[end - 1] = c;
        } else if (c != '\n') {
            out.code[i] = c;
        }
        i = end;
    }
    return out;
}

}  // namespace raiten::house

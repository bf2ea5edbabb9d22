#include "drivers/scanner/code_line.hpp"

#include "drivers/scanner/check_digit.hpp"
#include "drivers/scanner/member_code.hpp"

namespace raiten::drivers {

void CodeLine::add(std::string_view text)
{
    bytes_ += text.size();
    if (!spoiled_.empty()) return;
    if (bytes_ > line_max) return spoil("a scan longer than any code", 0);
    text_ += text;
}

void CodeLine::spoil(std::string_view why, std::size_t bytes)
{
    bytes_ += bytes;
    if (spoiled_.empty()) spoiled_ = why;
    text_.clear();
}

void CodeLine::end(const Tell& tell)
{
    if (!spoiled_.empty()) {
        tell(Garbled{spoiled_, bytes_});
    } else if (!text_.empty()) {
        const auto token = member_token(text_);
        if (token.has_value())
            tell(TokenShown{*token, {}});
        else
            tell(Garbled{token.error().why, bytes_});
    }
    reset();
}

void CodeLine::cut(const Tell& tell)
{
    constexpr std::string_view card = "card:";
    if (spoiled_.empty() && !text_.empty()) {
        const auto token = member_token(text_);
        const bool vouched =
            token.has_value() && token->starts_with(card)
            && (token->size() == card.size() + 13 || token->size() == card.size() + 18)
            && gs1::has_check_digit(std::string_view{*token}.substr(card.size()));
        if (!vouched) spoil("a scan cut off before its end", 0);
    }
    end(tell);
}

void CodeLine::reset()
{
    text_.clear();
    bytes_ = 0;
    spoiled_ = {};
}

}  // namespace raiten::drivers

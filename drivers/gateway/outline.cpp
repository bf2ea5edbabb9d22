#include "drivers/gateway/outline.hpp"

namespace raiten::drivers::gateway {
namespace {

bool is_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-'
           || c == '+' || c == '.';
}

bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

}  // namespace

Outline::Step Outline::take(char c)
{
    if (in_string_) return take_in_string(c);
    if (in_word_) {
        if (is_word(c)) return Step::more;
        in_word_ = false;
        next_ = Next::comma_or_end;
    }
    if (is_blank(c)) return depth_ > 0 ? Step::more : Step::damaged;
    switch (c) {
        case '{':
        case '[':
            return open(c);
        case '}':
        case ']':
            return close(c);
        case '"':
            return quote();
        case ':':
            if (next_ != Next::colon) return Step::damaged;
            next_ = Next::value;
            return Step::more;
        case ',':
            if (next_ != Next::comma_or_end || depth_ == 0) return Step::damaged;
            next_ = in_object() ? Next::key : Next::value;
            return Step::more;
        default:
            in_word_ = depth_ > 0 && value_may_come() && is_word(c);
            return in_word_ ? Step::more : Step::damaged;
    }
}

Outline::Step Outline::open(char bracket)
{
    if (!value_may_come() || depth_ == depth_max) return Step::damaged;
    open_[depth_++] = bracket;
    next_ = bracket == '{' ? Next::key_or_end : Next::value_or_end;
    return Step::more;
}

Outline::Step Outline::close(char bracket)
{
    const bool may_end =
        next_ == Next::comma_or_end || next_ == Next::key_or_end || next_ == Next::value_or_end;
    if (depth_ == 0 || !may_end || in_object() != (bracket == '}')) return Step::damaged;
    --depth_;
    next_ = Next::comma_or_end;
    return depth_ == 0 ? Step::complete : Step::more;
}

Outline::Step Outline::quote()
{
    is_key_ = next_ == Next::key || next_ == Next::key_or_end;
    if (depth_ == 0 || (!is_key_ && !value_may_come())) return Step::damaged;
    in_string_ = true;
    return Step::more;
}

Outline::Step Outline::take_in_string(char c)
{
    if (c == '\n') return Step::damaged;  // JSON holds no raw line feeds
    if (escaped_) {
        escaped_ = false;
    } else if (c == '\\') {
        escaped_ = true;
    } else if (c == '"') {
        in_string_ = false;
        next_ = is_key_ ? Next::colon : Next::comma_or_end;
    }
    return Step::more;
}

}  // namespace raiten::drivers::gateway

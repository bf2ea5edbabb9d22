#include "drivers/poslog/words.hpp"

#include "drivers/xml/document.hpp"

#include <algorithm>
#include <array>

namespace raiten::drivers::poslog {

bool alike(std::string_view a, std::string_view b)
{
    const auto lower = [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [&](char x, char y) { return lower(x) == lower(y); });
}

bool yes(std::string_view text)
{
    return alike(text, "true") || text == "1" || alike(text, "yes") || alike(text, "y");
}

/// What web shops call themselves.
bool names_the_web(std::string_view text)
{
    constexpr std::array names{"web",      "online",    "ecommerce",  "e-commerce",
                               "ecom",     "webstore",  "webshop",    "web shop",
                               "internet", "mobileapp", "onlineshop", "eshop"};
    const auto local = xml::local_name(text);
    return std::any_of(names.begin(), names.end(),
                       [&](std::string_view name) { return alike(local, name); });
}

std::string_view trimmed(std::string_view text)
{
    constexpr std::string_view blanks = " \t\r\n";
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// Without half a character at its end.
void cut_to(std::string& text, std::size_t bytes_max)
{
    if (text.size() <= bytes_max) return;
    std::size_t end = bytes_max;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    text.resize(end);
}

void set_if_empty(std::string& into, std::string_view text)
{
    if (into.empty()) into = text;
}

bool is_body(std::string_view local)
{
    for (const std::string_view ending : {"Transaction", "Control", "Inventory", "EOD", "SOD"})
        if (local.ends_with(ending) && local.size() > ending.size()) return true;
    return false;
}

/// "07:00:00" -> "+07:00"; empty where it is no offset.
std::string as_offset(std::string_view text)
{
    std::string out = "+";
    if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
        out[0] = text[0];
        text.remove_prefix(1);
    }
    const auto digit = [&](std::size_t n) { return text[n] >= '0' && text[n] <= '9'; };
    const bool good =
        text.size() >= 5 && digit(0) && digit(1) && text[2] == ':' && digit(3) && digit(4);
    return good ? out.append(text.substr(0, 5)) : std::string{};
}

bool has_offset(std::string_view time)
{
    const auto clock = time.find_first_of("T ");
    if (clock == std::string_view::npos) return false;
    return time.find_first_of("Zz+-", clock) != std::string_view::npos;
}

bool is_no_number(std::string_view id)
{
    return id.find_first_not_of('0') == std::string_view::npos;
}

}  // namespace raiten::drivers::poslog

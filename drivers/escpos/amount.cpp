#include "drivers/escpos/amount.hpp"

#include <algorithm>
#include <string>

namespace raiten::drivers::escpos {
namespace {

struct Sign {
    std::string_view written;
    std::string_view currency;
};

/// Longer spellings first; Latin letters in any case.
constexpr Sign signs[] = {
    {"Euros", "EUR"}, {"Euro", "EUR"}, {"USD", "USD"}, {"EUR", "EUR"}, {"GBP", "GBP"},
    {"JPY", "JPY"},   {"KRW", "KRW"},  {"CNY", "CNY"}, {"CHF", "CHF"}, {"BRL", "BRL"},
    {"MYR", "MYR"},   {"IDR", "IDR"},  {"SGD", "SGD"}, {"AUD", "AUD"}, {"CAD", "CAD"},
    {"HKD", "HKD"},   {"TWD", "TWD"},  {"THB", "THB"}, {"VND", "VND"}, {"INR", "INR"},
    {"PLN", "PLN"},   {"SEK", "SEK"},  {"NOK", "NOK"}, {"DKK", "DKK"}, {"HUF", "HUF"},
    {"CZK", "CZK"},   {"RON", "RON"},  {"RUB", "RUB"}, {"UAH", "UAH"}, {"TRY", "TRY"},
    {"ILS", "ILS"},   {"PHP", "PHP"},  {"NGN", "NGN"}, {"BGN", "BGN"}, {"RSD", "RSD"},
    {"SAR", "SAR"},   {"AED", "AED"},  {"EGP", "EGP"}, {"KWD", "KWD"}, {"QAR", "QAR"},
    {"KZT", "KZT"},   {"MXN", "MXN"},  {"ARS", "ARS"}, {"CLP", "CLP"}, {"COP", "COP"},
    {"PEN", "PEN"},   {"ZAR", "ZAR"},  {"KES", "KES"}, {"NZD", "NZD"}, {"MOP", "MOP"},
    {"ISK", "ISK"},   {"US$", "USD"},  {"NT$", "TWD"}, {"HK$", "HKD"}, {"RMB", "CNY"},
    {"руб", "RUB"},   {"грн", "UAH"},  {"บาท", "THB"}, {"lei", "RON"}, {"SFr", "CHF"},
    {"R$", "BRL"},    {"S$", "SGD"},   {"A$", "AUD"},  {"C$", "CAD"},  {"S/", "PEN"},
    {"RM", "MYR"},    {"Rp", "IDR"},   {"Rs", ""},     {"kr", ""},     {"zł", "PLN"},
    {"Kč", "CZK"},    {"Ft", "HUF"},   {"TL", "TRY"},  {"лв", "BGN"},  {"Fr", "CHF"},
    {"р", "RUB"},     {"¥", "JPY"},    {"\\", "JPY"},  {"円", "JPY"},  {"元", "CNY"},
    {"€", "EUR"},     {"£", "GBP"},    {"₩", "KRW"},   {"원", "KRW"},  {"₫", "VND"},
    {"đ", "VND"},     {"฿", "THB"},    {"₹", "INR"},   {"₽", "RUB"}, {"₴", "UAH"},
    {"₺", "TRY"},     {"₪", "ILS"},    {"₱", "PHP"},   {"₦", "NGN"},   {"₸", "KZT"},
    {"$", ""}};

constexpr std::string_view minuses[] = {"-", "▲", "△"};

class Reader {
 public:
    explicit Reader(std::string_view text) : text_{text} {}

    std::optional<PrintedAmount> read()
    {
        before();
        std::string number = digits();
        after();
        if (!text_.empty() || number.empty()) return std::nullopt;
        const auto value = Money::parse(number);
        if (!value) return std::nullopt;
        found_.value = *value;
        return found_;
    }

 private:
    bool skip(std::string_view what)
    {
        if (!text_.starts_with(what)) return false;
        text_.remove_prefix(what.size());
        return true;
    }

    bool skip_in_any_case(std::string_view what)
    {
        const auto lower = [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        };
        const auto same = [&](char a, char b) { return lower(a) == lower(b); };
        if (text_.size() < what.size()
            || !std::equal(what.begin(), what.end(), text_.begin(), same))
            return false;
        text_.remove_prefix(what.size());
        return true;
    }

    /// In Latin or Cyrillic letters, not a symbol.
    static bool is_word(std::string_view sign)
    {
        const auto first = static_cast<unsigned char>(sign.front());
        return (first >= 'A' && first <= 'z' && sign.back() != '$') || first == 0xD0
               || first == 0xD1;
    }

    bool skip_decoration()
    {
        if (skip(" ") || skip("*") || skip("=")) return true;
        for (const auto minus : minuses)
            if (skip(minus)) return found_.negative = true;
        for (const auto& sign : signs) {
            if (!skip_in_any_case(sign.written)) continue;
            if (is_word(sign.written)) skip(".");  // Rp. Rs. руб.
            if (found_.currency.empty()) found_.currency = sign.currency;
            return true;
        }
        return false;
    }

    void before()
    {
        while (skip_decoration() || skip(":")) {
        }
        if (skip("(")) {
            bracket_ = found_.negative = true;
            while (skip_decoration()) {
            }
        }
    }

    void after()
    {
        while (skip_decoration() || skip(".-") || skip(",-") || (bracket_ && skip(")"))) {
        }
    }

    static bool is_digit(char c) { return c >= '0' && c <= '9'; }
    static bool is_separator(char c) { return c == '.' || c == ',' || c == '\'' || c == ' '; }

    /// The digits with at most one '.', as Money reads them; empty if they make no sense.
    std::string digits()
    {
        std::size_t length = 0;
        const auto digit_at = [this](std::size_t n) {
            return n < text_.size() && is_digit(text_[n]);
        };
        while (digit_at(length)
               || (length > 0 && length < text_.size() && is_separator(text_[length])
                   && digit_at(length + 1)))
            ++length;
        const std::string_view run = text_.substr(0, length);
        text_.remove_prefix(length);
        const auto point = decimal_point(run);
        if (!thousands_are_sound(run.substr(0, std::min(point, run.size())))) return {};

        std::string plain;
        for (std::size_t n = 0; n < run.size(); ++n) {
            if (is_digit(run[n])) plain.push_back(run[n]);
            if (n == point) plain.push_back('.');
        }
        return plain;
    }

    /// Where the decimals begin, or npos.
    static std::size_t decimal_point(std::string_view run)
    {
        const auto last = run.find_last_of(".,");
        if (last == std::string_view::npos) return last;
        const auto decimals = run.size() - last - 1;
        const bool repeated = std::ranges::count(run, run[last]) > 1;
        if (repeated) return std::string_view::npos;
        const bool other_before =
            run.substr(0, last).find_first_of(".,' ") != std::string_view::npos;
        const bool small = run.starts_with("0") && last == 1;
        if (decimals == 3 && !other_before && !small) return std::string_view::npos;
        return last;
    }

    /// 12,34,567: lakhs and crores.
    static bool is_indian(std::string_view whole)
    {
        if (whole.size() < 7 || std::ranges::count(whole, ',') < 2) return false;
        for (std::size_t n = 0; n < whole.size(); ++n) {
            const auto from_end = whole.size() - 1 - n;
            const bool comma = from_end >= 3 && from_end % 3 == 0;
            if (comma ? whole[n] != ',' : !is_digit(whole[n])) return false;
        }
        return true;
    }

    /// 1,234,567 but not 12,34,5; one kind of separator only.
    static bool thousands_are_sound(std::string_view whole)
    {
        if (is_indian(whole)) return true;
        const auto first = whole.find_first_of(".,' ");
        if (first == std::string_view::npos) return true;
        if (first == 0 || first > 3) return false;
        for (auto at = first; at < whole.size(); at += 4) {
            if (whole[at] != whole[first] || at + 4 > whole.size()) return false;
            if (!std::ranges::all_of(whole.substr(at + 1, 3), is_digit)) return false;
        }
        return true;
    }

    std::string_view text_;
    PrintedAmount found_{};
    bool bracket_{false};
};

}  // namespace

std::optional<PrintedAmount> parse_amount(std::string_view text)
{
    return Reader{text}.read();
}

}  // namespace raiten::drivers::escpos

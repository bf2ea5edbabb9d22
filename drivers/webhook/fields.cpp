#include "drivers/webhook/fields.hpp"

#include "daemon/base/iso8601.hpp"
#include "drivers/pos/transaction.hpp"

#include <algorithm>

namespace raiten::drivers::webhook {
namespace {

bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

const Value* scalar_at(const Value& object, std::string_view key)
{
    const Value& value = object[key];
    const bool told = value.type == Value::Type::text || value.type == Value::Type::number;
    return told && value.text != key ? &value : nullptr;
}

bool is_currency(std::string_view code)
{
    return code.size() == 3
           && std::all_of(code.begin(), code.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

}  // namespace

std::string text_at(const Value& object, std::string_view key)
{
    const Value* value = scalar_at(object, key);
    if (value == nullptr) return {};
    std::string text = value->text;
    if (text.size() > pos::text_bytes_max) {
        std::size_t end = pos::text_bytes_max;
        while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
        text.resize(end);
    }
    for (char& c : text)
        if (static_cast<unsigned char>(c) < 0x20 || c == '\x7f') c = ' ';
    return text;
}

std::string id_at(const Value& object, std::string_view key)
{
    const Value* value = scalar_at(object, key);
    if (value == nullptr || value->text.size() > id_bytes_max) return {};
    const bool plain = std::all_of(value->text.begin(), value->text.end(), [](char c) {
        return static_cast<unsigned char>(c) > 0x20 && c != '\x7f';
    });
    return plain ? value->text : std::string{};
}

std::optional<Money> money_at(const Value& object, std::string_view key)
{
    const Value* value = scalar_at(object, key);
    return value == nullptr ? std::nullopt : money_of(value->text);
}

std::optional<Money> money_of(std::string_view text)
{
    // Noughts behind the fourth decimal say nothing.
    const auto point = text.find('.');
    while (point != std::string_view::npos && text.size() > point + 5 && text.back() == '0')
        text.remove_suffix(1);
    const auto money = Money::parse(text);
    return money ? std::optional{*money} : std::nullopt;
}

std::optional<Money> minor_units(std::string_view amount, std::string_view currency)
{
    constexpr std::size_t digits_max = 14;
    const bool negative = amount.starts_with('-');
    if (negative) amount.remove_prefix(1);
    if (amount.empty() || amount.size() > digits_max || !is_currency(currency)
        || !std::all_of(amount.begin(), amount.end(), is_digit))
        return std::nullopt;
    std::int64_t ten_thousandths = 0;
    for (const char c : amount) ten_thousandths = ten_thousandths * 10 + (c - '0');
    for (int place = currency_decimals(currency); place < 4; ++place) ten_thousandths *= 10;
    return Money::from_ten_thousandths(negative ? -ten_thousandths : ten_thousandths);
}

std::optional<ToldTime> time_at(const Value& object, std::string_view key)
{
    const Value* value = scalar_at(object, key);
    if (value == nullptr || value->type != Value::Type::text) return std::nullopt;
    if (const auto time = parse_instant(value->text)) return ToldTime{*time, false};
    if (const auto wall = parse_instant(value->text + "Z")) return ToldTime{*wall, true};
    return std::nullopt;
}

std::optional<Money> times(Money price, Money quantity)
{
    std::int64_t product = 0;
    if (__builtin_mul_overflow(price.ten_thousandths(), quantity.ten_thousandths(), &product))
        return std::nullopt;
    return Money::from_ten_thousandths(product / Money::per_unit);
}

Money plus(Money a, Money b)
{
    std::int64_t sum = 0;
    if (__builtin_add_overflow(a.ten_thousandths(), b.ten_thousandths(), &sum)) return a;
    return Money::from_ten_thousandths(sum);
}

Money without_sign(Money amount)
{
    return amount < Money{} ? -amount : amount;
}

}  // namespace raiten::drivers::webhook

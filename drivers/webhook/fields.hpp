#pragma once

#include "daemon/model/reading.hpp"
#include "drivers/webhook/json_value.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// What the services' JSON has in common: texts, numbers of things, amounts and times, each of
/// them possibly absent, null, or a placeholder of a generated sample (`"customer_id":
/// "customer_id"`, a time that is none).
namespace raiten::drivers::webhook {

constexpr std::size_t id_bytes_max = 128;

/// For people: cut at pos::text_bytes_max, control characters made blanks; "" where there is none.
std::string text_at(const Value& object, std::string_view key);

/// The number or name of a thing, from a text or a number; "" where there is none, where it is a
/// placeholder, or longer than `id_bytes_max`.
std::string id_at(const Value& object, std::string_view key);

/// An amount in the currency's units: "12.50", 12.50, "-300", "25.00000".
std::optional<Money> money_at(const Value& object, std::string_view key);
std::optional<Money> money_of(std::string_view text);

/// Whole minor units: ("555", "USD") is 5.55, ("555", "JPY") is 555, ("555", "KWD") is 0.555.
/// Nothing where `currency` is not three capitals.
std::optional<Money> minor_units(std::string_view amount, std::string_view currency);

/// "2021-10-13T19:34:33.524Z"; without an offset it is the store's wall clock.
std::optional<ToldTime> time_at(const Value& object, std::string_view key);

/// Unit price times quantity, both exact; nothing where that is more than Money holds.
std::optional<Money> times(Money price, Money quantity);

/// The sum; what would be more than Money holds is left out.
Money plus(Money a, Money b);

Money without_sign(Money amount);

}  // namespace raiten::drivers::webhook

#pragma once

#include "daemon/base/result.hpp"

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace raiten {

/// An exact amount in a currency's units, kept in ten-thousandths: sums never round.
/// The currency itself stands beside it, as an ISO 4217 code.
class Money {
 public:
    static constexpr std::int64_t per_unit = 10'000;

    constexpr Money() = default;
    static constexpr Money from_units(std::int64_t units) { return Money{units * per_unit}; }
    static constexpr Money from_ten_thousandths(std::int64_t n) { return Money{n}; }

    /// "1280", "-3.50", "0.0001"; at most four decimals and 14 digits before the point.
    static Result<Money> parse(std::string_view text);

    constexpr std::int64_t ten_thousandths() const { return ten_thousandths_; }
    constexpr double units() const { return static_cast<double>(ten_thousandths_) / per_unit; }

    /// The shortest exact decimal with at least `decimals_min` places: "1280", "3.50".
    std::string text(int decimals_min = 0) const;

    constexpr Money operator-() const { return Money{-ten_thousandths_}; }
    constexpr Money& operator+=(Money other)
    {
        ten_thousandths_ += other.ten_thousandths_;
        return *this;
    }
    constexpr Money& operator-=(Money other)
    {
        ten_thousandths_ -= other.ten_thousandths_;
        return *this;
    }
    friend constexpr Money operator+(Money a, Money b) { return a += b; }
    friend constexpr Money operator-(Money a, Money b) { return a -= b; }
    friend constexpr auto operator<=>(Money, Money) = default;

 private:
    constexpr explicit Money(std::int64_t n) : ten_thousandths_{n} {}
    std::int64_t ten_thousandths_{};
};

/// How many decimals an ISO 4217 currency is written with (JPY 0, USD 2, KWD 3, CLF 4; else 2).
int currency_decimals(std::string_view currency);

}  // namespace raiten

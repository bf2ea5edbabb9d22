#include "daemon/base/money.hpp"

#include <catch2/catch.hpp>

using raiten::Money;

TEST_CASE("money: decimal text goes in and comes out exactly", "[base]")
{
    for (const auto* text : {"0", "1280", "-3.5", "0.0001", "99999999999999.9999"})
        CHECK(Money::parse(text)->text() == text);
    CHECK(Money::parse("12.5")->text(2) == "12.50");
    CHECK(Money::parse("1280")->text(2) == "1280.00");
    CHECK((*Money::parse("0.1") + *Money::parse("0.2")).text() == "0.3");
}

TEST_CASE("money: what is not an amount is refused", "[base]")
{
    for (const auto* text :
         {"", "-", ".5", "5.", "1e3", "1,280", "0.00001", "123456789012345", "+1", " 1"})
        CHECK_FALSE(Money::parse(text).has_value());
}

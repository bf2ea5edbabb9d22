#include "tests/scoring/peers/cross_sell.hpp"

#include "tests/scoring/peers/numpy_dice.hpp"

#include <catch2/catch.hpp>

using namespace raiten::peers;

TEST_CASE("cross-sell: every mark is met on the baskets of three shops", "[scoring][shared]")
{
    const auto marks = cross_sell_marks();
    if (marks.empty()) {
        WARN("skipped: no shared data");
        return;
    }
    REQUIRE(marks.size() == 6);
    for (const auto& mark : marks) {
        CAPTURE(mark.text());
        CHECK(mark.met());
    }
    // The peers' own figures, on their own cases.
    CHECK(marks[2].peer_value == Approx(611.0 / 1536).epsilon(1e-12));
    CHECK(marks[3].peer_value == Approx(527.0 / 1686).epsilon(1e-12));
}

TEST_CASE("cross-sell: the dice fall as numpy's", "[scoring]")
{
    NumpyDice dice{1};
    const auto order = dice.permutation(7'676);
    CHECK(std::vector(order.begin(), order.begin() + 6)
          == std::vector<std::size_t>{4656, 7601, 5080, 6506, 7342, 7645});
    std::vector<std::uint32_t> drawn;
    for (std::uint32_t below = 2; below < 10; ++below) drawn.push_back(dice.integer(below));
    CHECK(drawn == std::vector<std::uint32_t>{1, 0, 1, 1, 5, 5, 3, 5});
}

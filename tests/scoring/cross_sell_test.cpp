#include "tests/scoring/peers/cross_sell.hpp"

#include "tests/scoring/peers/numpy_dice.hpp"
#include "tests/scoring/peers/table.hpp"

#include <catch2/catch.hpp>

#include <numeric>

using namespace raiten;
using namespace raiten::peers;

TEST_CASE("cross-sell: every mark is met on the baskets of three shops", "[scoring][shared]")
{
    const auto marks = cross_sell_marks();
    if (marks.empty()) {
        WARN("skipped: no shared data");
        return;
    }
    CHECK(marks.size() == 6);
    for (const auto& mark : marks) {
        CAPTURE(mark.text());
        CHECK(mark.met());
    }
}

TEST_CASE("cross-sell: the cases are the peers' own, to the last digit", "[scoring][shared]")
{
    const auto mean = [](const std::vector<double>& values) {
        return std::accumulate(values.begin(), values.end(), 0.0)
               / static_cast<double>(values.size());
    };
    const auto shops = completions();
    if (shops.empty()) {
        WARN("skipped: no shared data");
        return;
    }
    const std::array printed{std::array{1536, 600, 611, 546}, std::array{1686, 85, 348, 527}};
    REQUIRE(shops.size() == printed.size());
    for (std::size_t i = 0; i < shops.size(); ++i) {
        const auto [cases, popularity, confidence, log_lift] = printed[i];
        CAPTURE(shops[i].name);
        CHECK(shops[i].ours.size() == static_cast<std::size_t>(cases));
        CHECK(mean(shops[i].popularity) * cases == Approx(popularity));
        CHECK(mean(shops[i].confidence) * cases == Approx(confidence));
        CHECK(mean(shops[i].log_lift) * cases == Approx(log_lift));
    }
}

TEST_CASE("cross-sell: 13,492 sets of groceries lie in ten baskets or more, as arules counts",
          "[scoring][shared]")
{
    const auto baskets = grocery_baskets();
    if (!baskets) {
        WARN("skipped: no shared data");
        return;
    }
    scoring::Affinity store;
    for (const auto& basket : *baskets) {
        std::vector<scoring::ItemId> items;
        for (const auto& item : basket) items.push_back(scoring::item_of(item));
        store.note(items);
    }
    CHECK(store.baskets() == 9'835);
    CHECK(store.items() == 169);
    CHECK(frequent_sets(store, *baskets) == 13'492);
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

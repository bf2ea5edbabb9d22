#include "tests/scoring/peers/marks.hpp"

#include <catch2/catch.hpp>

using namespace raiten::peers;

TEST_CASE("marks: a difference of paired means has the error of the textbook", "[scoring]")
{
    std::vector<double> ours, peers;
    for (int i = 0; i < 400; ++i) {
        peers.push_back(i % 7);
        ours.push_back(i % 7 + (i % 2 == 0 ? 1.5 : 0.5));  // 1 more in the mean, ± 0.5
    }
    const auto difference = bootstrap_means(ours, peers);
    CHECK(difference.value == Approx(1));
    CHECK(difference.standard_error == Approx(0.5 / 20).epsilon(0.15));
    CHECK(difference.low < 1);
    CHECK(difference.high > 1);
    CHECK(difference.high - difference.low == Approx(4 * difference.standard_error).epsilon(0.15));
}

TEST_CASE("marks: AUC counts ties half", "[scoring]")
{
    const std::vector<double> rank_by{1, 2, 2, 3};
    const std::vector<std::uint8_t> came{0, 0, 1, 1};
    CHECK(auc(rank_by, came) == Approx((1 + 0.5 + 1 + 1) / 4.0));
    CHECK(auc(rank_by, std::vector<std::uint8_t>(4, 1)) == 0.5);
}

TEST_CASE("marks: less than the peer by more than one standard error is a miss", "[scoring]")
{
    const Difference difference{-0.02, 0.01, -0.04, 0};
    CHECK_FALSE(beside_peer("AUC", 0.80, "recency", 0.82, false, difference).met());
    CHECK(beside_peer("AUC", 0.81, "recency", 0.82, false, difference).met());
    CHECK(beside_peer("MAE", 0.83, "median", 0.82, true, difference).met());
    CHECK_FALSE(beside_peer("MAE", 0.84, "median", 0.82, true, difference).met());
}

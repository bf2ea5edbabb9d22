#include "daemon/scoring/rfm.hpp"

#include "daemon/scoring/calibration.hpp"
#include "daemon/scoring/stage.hpp"
#include "tests/scoring/shared_history.hpp"

#include <random>

using namespace raiten;
using namespace raiten::scoring;
using test::number;

namespace {

std::size_t check_ranks(const std::filesystem::path& file)
{
    const auto rows = test::rows_of(file);
    std::vector<Custom> members;
    for (const auto& row : rows)
        members.push_back({number(row, "recency_days"), number(row, "transaction_count"),
                           number(row, "amount"), true});
    const auto cuts = RfmCuts::of(members);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto ranks = cuts.rank(members[i]);
        CAPTURE(file.string(), rows[i].at("customer_id"));
        CHECK(ranks.r == number(rows[i], "recency_score"));
        CHECK(ranks.f == number(rows[i], "frequency_score"));
        CHECK(ranks.m == number(rows[i], "monetary_score"));
    }
    return rows.size();
}

}  // namespace

TEST_CASE("rfm: 4,531 members of two shops rank as in R", "[scoring][shared]")
{
    const auto folder = test::shared_folder("data/history");
    if (!folder) return;
    CHECK(check_ranks(*folder / "cdnow/cdnow_rfm_R.csv.gz")
              + check_ranks(*folder / "online_retail/online_retail_shared_rfm_R.csv.gz")
          == 4'531);
}

TEST_CASE("rfm: quantiles as R's definition 7", "[scoring]")
{
    const std::array values{1.0, 2.0, 4.0, 8.0, 16.0, 32.0};
    CHECK(quantile(values, 0) == 1);
    CHECK(quantile(values, 0.2) == 2);  // exactly on a value
    CHECK(quantile(values, 0.5) == 6);
    CHECK(quantile(values, 0.75) == 14);
    CHECK(quantile(values, 1) == 32);
    CHECK(quantile(std::array{7.0}, 0.4) == 7);
}

TEST_CASE("rfm: ties skip ranks, and a shop of one member is no error", "[scoring]")
{
    std::vector<Custom> members(7, {10, 1, 5, true});
    members.insert(members.end(), 3, {1, 9, 80, true});
    const auto cuts = RfmCuts::of(members);
    CHECK(cuts.frequency.cuts() == std::array{2.0, 2.0, 2.0, 10.0});
    CHECK(cuts.rank(members[0]) == RfmRanks{4, 1, 1});
    CHECK(cuts.rank(members[9]) == RfmRanks{5, 4, 4});
    const auto alone = RfmCuts::of(std::span{members}.first(1));
    CHECK(alone.rank(members[0]) == RfmRanks{5, 1, 1});
    CHECK(RfmCuts::of({}).rank({3, 0, 0, false}) == RfmRanks{5, 1, 1});
}

TEST_CASE("rfm: who never bought ranks by the last visit, and moves no cut", "[scoring]")
{
    std::vector<Custom> members;
    for (int i = 1; i <= 10; ++i) members.push_back({10.0 * i, 1.0 * i, 5.0 * i, true});
    const auto before = RfmCuts::of(members);
    members.push_back({1, 0, 0, false});
    const auto after = RfmCuts::of(members);
    CHECK(before.recency.cuts() == after.recency.cuts());
    CHECK(after.rank(members.back()) == RfmRanks{5, 1, 1});
}

TEST_CASE("rfm: better is never ranked lower, in any order", "[scoring]")
{
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 dice{seed};
    const auto below = [&](unsigned n) { return static_cast<unsigned>(dice() % n); };
    for (int round = 0; round < 50; ++round) {
        std::vector<Custom> members;
        for (unsigned n = 1 + below(40); n-- > 0;)
            members.push_back({1.0 * below(30), 1.0 * below(6), 1.0 * below(90), true});
        const auto cuts = RfmCuts::of(members);
        std::shuffle(members.begin(), members.end(), dice);
        CHECK(RfmCuts::of(members).monetary.cuts() == cuts.monetary.cuts());
        for (const auto& one : members)
            for (const auto& other : members) {
                if (one.recency < other.recency) CHECK(cuts.rank(one).r >= cuts.rank(other).r);
                if (one.monetary > other.monetary) CHECK(cuts.rank(one).m >= cuts.rank(other).m);
            }
    }
}

TEST_CASE("stage: the first rule that matches wins", "[scoring]")
{
    CHECK(text_of(stage_of({1, 29.9, 100, 0.1, 15})) == "new");
    CHECK(text_of(stage_of({1, 30, 90, 0.9, 15})) == "dormant");
    CHECK(text_of(stage_of({9, 400, 10, 0.19, 15})) == "dormant");
    CHECK(text_of(stage_of({9, 400, 89, 0.49, 15})) == "at_risk");
    CHECK(text_of(stage_of({9, 400, 10, 0.5, 12})) == "core");
    CHECK(text_of(stage_of({9, 400, 10, {}, 11})) == "middle");
    CHECK(text_of(stage_of({2, 5, 1, 0.9, 7})) == "light");
}

TEST_CASE("calibration: errors, correlation and ranking of a few members by hand", "[scoring]")
{
    const std::array members{Foretold{2, 0.9, 3}, Foretold{1, 0.5, 0}, Foretold{0, 0.5, 1},
                             Foretold{0, 0.1, 0}};
    const auto result = calibrate(members);
    CHECK(result.expected == 3);
    CHECK(result.came == 4);
    CHECK(result.mean_error == 0.75);
    CHECK(*result.relative_error == 0.75);
    CHECK(*result.auc == 0.875);
    CHECK(*result.correlation == Approx(0.7385).epsilon(1e-3));
    CHECK_FALSE(calibrate({}).auc.has_value());
    CHECK_FALSE(calibrate(std::span{members}.first(1)).correlation.has_value());
}

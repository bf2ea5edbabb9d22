#include "tests/decision/open_bandit.hpp"
#include "daemon/decision/expected_reward.hpp"
#include "daemon/decision/off_policy.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <random>

using namespace raiten;
using namespace raiten::open_bandit;

namespace {

/// The numbers behind "key" in that part of the reference.
std::vector<double> numbers(const std::string& text, const std::string& part,
                            const std::string& key, std::size_t count)
{
    const auto at = text.find('"' + key + '"', text.find('"' + part + '"'));
    REQUIRE(at != std::string::npos);
    std::vector<double> out;
    auto from = text.find_first_of("0123456789", at + key.size() + 3);
    while (out.size() < count) {
        char* end = nullptr;
        out.push_back(std::strtod(text.c_str() + from, &end));
        from = text.find_first_of("0123456789", static_cast<std::size_t>(end - text.c_str()));
    }
    return out;
}

/// The peer's: quantiles .025 and .975 (R type 7) of 200 means of as many draws, by numpy's legacy
/// dice of seed 1, which are the Mersenne twister masked to the power of two above and drawn anew
/// where they lie beyond.
std::vector<double> bootstrap_interval(const std::vector<double>& values)
{
    std::mt19937 dice{1};
    const auto mask = std::bit_ceil(values.size()) - 1;
    std::vector<double> means(200);
    for (double& mean : means) {
        double sum = 0;
        for (std::size_t n = 0; n < values.size(); ++n) {
            std::size_t which = 0;
            while ((which = dice() & mask) >= values.size()) {
            }
            sum += values[which];
        }
        mean = sum / static_cast<double>(values.size());
    }
    std::sort(means.begin(), means.end());
    const auto quantile = [&](double share) {
        const double at = share * 199;
        const auto below = static_cast<std::size_t>(at);
        return means[below] + (at - static_cast<double>(below)) * (means[below + 1] - means[below]);
    };
    return {quantile(0.025), quantile(0.975)};
}

void check_beside_peer(const std::string& reference, const std::string& part, const Shown& log,
                       const Shares& shares)
{
    CAPTURE(part);
    const auto peer = [&](const std::string& key) { return numbers(reference, part, key, 1)[0]; };
    const auto near = [](double value) { return Approx(value).epsilon(0).margin(1e-9); };
    const auto policy = log.rows_of(shares);
    // Rates by item and place, each leaning on the mean with the weight of 200 decisions.
    const auto q = shrunken_rewards(log.log(), log.place, 200);
    REQUIRE(q.has_value());
    const auto value = evaluate_policy(log.log(), policy, *q);
    REQUIRE(value.has_value());
    CHECK(value->ips.value == near(peer("IPW")));
    CHECK(value->snips.value == near(peer("SNIPW")));
    CHECK(*value->direct == near(peer("DM")));
    CHECK(value->doubly_robust->value == near(peer("DR")));
    CHECK(value->effective_sample_size == near(peer("ESS")));
    CHECK(value->max_weight == near(peer("max_weight")));

    // Its intervals, from our weights.
    std::vector<double> weighted;
    for (std::size_t row = 0; row < log.decisions.size(); ++row)
        weighted.push_back(policy[row * items + log.decisions[row].action]
                           / log.decisions[row].propensity * log.decisions[row].reward);
    auto drawn = bootstrap_interval(weighted);
    const auto of_ips = numbers(reference, part, "IPW_95ci", 2);
    CHECK(drawn[0] == near(of_ips[0]));
    CHECK(drawn[1] == near(of_ips[1]));
    for (double& reward : weighted) reward /= value->mean_weight;
    drawn = bootstrap_interval(weighted);
    const auto of_snips = numbers(reference, part, "SNIPW_95ci", 2);
    CHECK(drawn[0] == near(of_snips[0]));
    CHECK(drawn[1] == near(of_snips[1]));

    // Ours hold what the other policy really brought when it was tried: .0046 lies beyond the upper
    // end of the peer's, because percentiles of a bootstrap take too little notice of skewness.
    const double truth = peer("ground_truth_onpolicy");
    CHECK((value->ips.lower < truth && truth < value->ips.upper));
    CHECK((value->snips.lower < truth && truth < value->snips.upper));
    CHECK((value->doubly_robust->lower < truth && truth < value->doubly_robust->upper));
    CHECK(value->ips.upper - value->ips.lower < 1.5 * (of_ips[1] - of_ips[0]));
    CHECK(value->snips.upper - value->snips.lower < 1.5 * (of_snips[1] - of_snips[0]));
}

}  // namespace

TEST_CASE("off-policy: the Open Bandit logs give what the Open Bandit Pipeline gives",
          "[decision][off-policy][shared]")
{
    const auto folder = peers::shared_history("open_bandit");
    if (!folder) {
        WARN("skipped: no shared data");
        return;
    }
    const auto reference = peers::text_of(*folder / "ope_ref_men.json");
    const auto by_chance = shown(*folder / "obd_random_men.csv.gz");
    const auto by_thompson = shown(*folder / "obd_bts_men.csv.gz");
    const auto shares = thompson(*folder / "bts_action_dist_men.csv");
    REQUIRE(by_chance.decisions.size() == 10'000);
    check_beside_peer(reference, "eval BTS from random log", by_chance, shares);
    check_beside_peer(reference, "eval uniform from BTS log", by_thompson, uniform());
}

TEST_CASE("off-policy: an Open Bandit log in which one weight dominates is refused",
          "[decision][off-policy][shared]")
{
    const auto folder = peers::shared_history("open_bandit");
    if (!folder) {
        WARN("skipped: no shared data");
        return;
    }
    auto log = shown(*folder / "obd_bts_men.csv.gz");
    const auto policy = log.rows_of(uniform());
    REQUIRE(evaluate_policy(log.log(), policy).has_value());
    // One chance as small as the data set has elsewhere: its weight is 21,739.
    log.decisions[4'711].propensity = 1.0 / items / 21'739;
    const auto value = evaluate_policy(log.log(), policy);
    REQUIRE_FALSE(value.has_value());
    CHECK(value.error().text().find("effective sample") != std::string::npos);
}

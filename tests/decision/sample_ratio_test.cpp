#include "daemon/decision/sample_ratio.hpp"

#include "tests/decision/planted_experiment.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

using namespace raiten::decision;
using planted::Dice;

namespace {

SampleRatio ratio(std::size_t draws, double chance, std::uint64_t drawn)
{
    return sample_ratio(std::vector<double>(draws, chance), drawn);
}

/// Of so many experiments, those that are told to be off.
int mismatches(int rounds, std::size_t members, double share, double drawn_share)
{
    const std::vector<double> chances(members, share);
    int out = 0;
    for (int seed = 1; seed <= rounds; ++seed) {
        Dice dice{static_cast<std::uint64_t>(seed)};
        std::uint64_t drawn = 0;
        for (std::size_t i = 0; i < members; ++i) drawn += dice.chance(drawn_share) ? 1U : 0U;
        out += sample_ratio(chances, drawn).mismatch() ? 1 : 0;
    }
    return out;
}

struct Log {
    std::vector<double> chances;
    std::vector<std::uint32_t> chosen;

    ArmDraws draws() const { return {3, chances, chosen}; }
};

/// Three arms whose chances move from draw to draw; `favoured` is drawn with so much more.
Log arm_log(std::size_t draws, double favour)
{
    Dice dice{5};
    Log out;
    for (std::size_t i = 0; i < draws; ++i) {
        const double first = 0.01 + 0.3 * dice.unit(), second = 0.2 + 0.3 * dice.unit();
        out.chances.insert(out.chances.end(), {first, second, 1 - first - second});
        const double at = dice.unit();
        out.chosen.push_back(at < first ? 0 : at < first + second + favour ? 1 : 2);
    }
    return out;
}

}  // namespace

TEST_CASE("sample ratio: small groups are told exactly", "[decision][sample_ratio]")
{
    CHECK(ratio(10, 0.5, 0).p == Approx(2.0 / 1024));
    CHECK(ratio(10, 0.5, 1).p == Approx(22.0 / 1024));
    CHECK(ratio(10, 0.5, 5).p == 1);
    CHECK(ratio(100, 0.1, 0).p == Approx(2 * std::pow(0.9, 100)));
    // of two unlike coins: none with .8 · .5
    CHECK(sample_ratio(std::vector{0.2, 0.5}, 0).p == Approx(0.8));
    CHECK(sample_ratio(std::vector{0.2, 0.5}, 2).p == Approx(0.2));
    CHECK(sample_ratio(std::vector<double>{}, 0).p == 1);
    CHECK(sample_ratio(std::vector{0.0, 0.0, 1.0}, 1).p == 1);
    CHECK(sample_ratio(std::vector{0.0, 0.0, 1.0}, 2).mismatch());  // that cannot be
}

TEST_CASE("sample ratio: the normal tails of many go on where the exact ones of fewer end",
          "[decision][sample_ratio]")
{
    // variance 99.99 is summed, 100.08 approximated; one member more changes next to nothing
    for (std::uint64_t drawn = 70; drawn <= 155; ++drawn) {
        const double exact = ratio(1'111, 0.1, drawn).p, normal = ratio(1'112, 0.1, drawn).p;
        INFO(drawn << " drawn: " << exact << " " << normal);
        if (exact > 1e-5) CHECK(normal / exact == Approx(1).margin(0.06));
    }
    CHECK(ratio(1'112, 0.1, 0).p < 1e-9);
    CHECK(ratio(1'112, 0.1, 1'112).p < 1e-9);
    CHECK(ratio(100'000, 0.1, 10'000).p == 1);
}

TEST_CASE("sample ratio: one false alarm in a thousand, and a lost control group is found",
          "[decision][sample_ratio]")
{
    // 3,000 rounds of one in a thousand: more than 12 once in 10,000 such tests
    CHECK(mismatches(3'000, 200, 0.1, 0.1) <= 12);
    CHECK(mismatches(300, 5'000, 0.1, 0.12) >= 240);
    CHECK(ratio(80, 0.1, 0).mismatch());
    CHECK_FALSE(ratio(60, 0.1, 0).mismatch());
}

TEST_CASE("sample ratio: each member counts with the share that he met", "[decision][sample_ratio]")
{
    const auto raised = planted::experiment({"", 4'000, 0.1, 1, 1, 0.1, 0.8, 0.1, false, 1.5}, 3);
    const auto ratio_of_all = sample_ratio(raised);
    CHECK(ratio_of_all.expected == Approx(600));
    CHECK_FALSE(ratio_of_all.mismatch());
    auto as_before = raised;
    for (auto& member : as_before) member.control_share = 0.1;
    CHECK(sample_ratio(as_before).mismatch());
    auto idle = raised;
    idle.resize(idle.size() + 2'000);  // members without a decision
    CHECK(sample_ratio(idle) == ratio_of_all);
}

TEST_CASE("sample ratio: arms drawn otherwise than logged are named", "[decision][sample_ratio]")
{
    for (const auto& arm : arm_ratios(arm_log(3'000, 0).draws())) CHECK_FALSE(arm.mismatch());
    const auto off = arm_ratios(arm_log(3'000, 0.06).draws());
    REQUIRE(off.size() == 3);
    CHECK_FALSE(off[0].mismatch());
    CHECK(off[1].mismatch());
    CHECK(static_cast<double>(off[1].drawn) > off[1].expected);
    CHECK(off[2].mismatch());

    auto log = arm_log(5, 0);
    log.chosen.back() = 3;
    CHECK(arm_ratios(log.draws()).empty());
    log.chosen.pop_back();
    CHECK(arm_ratios(log.draws()).empty());
}

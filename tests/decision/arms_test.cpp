#include "daemon/decision/arms.hpp"

#include "daemon/base/archive.hpp"
#include "tests/support/dice.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace raiten;
using stage::Dice;

namespace {

const std::vector<std::string> three{"popcorn", "drink", "half-price"};

void give(Arms& arms, const std::string& code, int coupons, int answers)
{
    for (int n = 0; n < coupons; ++n) arms.given(code);
    for (int n = 0; n < answers; ++n) arms.answered(code);
}

Arms read_back(const std::string& bytes, bool& done)
{
    Arms arms;
    ArchiveReader reader{bytes};
    reader(arms);
    done = reader.done();
    return arms;
}

std::string bytes_of(const Arms& arms)
{
    ArchiveWriter writer;
    writer(arms);
    return writer.bytes();
}

}  // namespace

TEST_CASE("arms: an offer that members answer is given more and more", "[decision]")
{
    Arms arms;
    CHECK(arms.probabilities(three) == std::vector<double>(3, 1.0 / 3));
    give(arms, "popcorn", 50, 2);
    give(arms, "drink", 50, 3);
    give(arms, "half-price", 50, 9);
    const auto early = arms.probabilities(three);
    CHECK(early[2] > 0.9);
    give(arms, "popcorn", 450, 18);
    give(arms, "drink", 450, 27);
    give(arms, "half-price", 450, 81);
    const auto late = arms.probabilities(three);
    CHECK(late[2] == Approx(0.98));  // the other two keep their hundredth
    CHECK(late[0] == arm_floor);
    CHECK(late[1] == arm_floor);
}

TEST_CASE("arms: a coupon counts at once, its answer when it comes", "[decision]")
{
    Arms arms;
    arms.given("drink");
    CHECK(arms.count("drink") == ArmCount{1, 0});
    arms.given("drink");
    arms.answered("drink");
    CHECK(arms.count("drink") == ArmCount{2, 1});
    arms.answered("drink");
    arms.answered("drink");  // a doubled message: there are no more answers than coupons
    CHECK(arms.count("drink") == ArmCount{2, 2});
    arms.answered("never given");
    CHECK(arms.count("never given") == ArmCount{0, 0});
}

TEST_CASE("arms: a revoked coupon counts for nothing", "[decision]")
{
    Arms arms;
    give(arms, "drink", 10, 4);
    arms.taken_back("drink", false);
    CHECK(arms.count("drink") == ArmCount{9, 4});
    arms.taken_back("drink", true);
    CHECK(arms.count("drink") == ArmCount{8, 3});
    arms.taken_back("popcorn", true);
    CHECK(arms.count("popcorn") == ArmCount{0, 0});
    for (int n = 0; n < 20; ++n) arms.taken_back("drink", false);
    CHECK(arms.count("drink") == ArmCount{0, 0});
}

TEST_CASE("arms: a new offer starts afresh, one that comes back has kept its counts", "[decision]")
{
    Arms arms;
    give(arms, "popcorn", 500, 20);
    give(arms, "drink", 500, 45);
    const std::vector<std::string> two{"popcorn", "drink"};
    const auto before = arms.probabilities(two);
    const std::vector<std::string> with_new{"popcorn", "drink", "half-price"};
    CHECK(arms.probabilities(with_new)[2] > 0.8);  // unknown: it is tried
    give(arms, "half-price", 300, 3);
    CHECK(arms.probabilities(with_new)[2] == arm_floor);
    CHECK(arms.probabilities(two) == before);
    CHECK(arms.count("half-price") == ArmCount{300, 3});
}

TEST_CASE("arms: of 64 codes the one given longest ago is forgotten", "[decision]")
{
    Arms arms;
    for (std::size_t n = 0; n < Arms::codes_max; ++n) arms.given("code " + std::to_string(n));
    arms.given("code 0");
    arms.given("one more");
    CHECK(arms.count("code 0") == ArmCount{2, 0});
    CHECK(arms.count("code 1") == ArmCount{0, 0});
    CHECK(arms.count("code 2") == ArmCount{1, 0});
    CHECK(arms.count("one more") == ArmCount{1, 0});
    arms.answered("code 1");
    CHECK(arms.count("code 1") == ArmCount{0, 0});
}

TEST_CASE("arms: chances follow from counts alone, not from the way there", "[decision]")
{
    const auto seed = GENERATE(range(1U, 21U));
    CAPTURE(seed);
    Dice dice{seed};
    Arms asked_often;
    std::vector<std::size_t> told;
    for (int n = 0; n < 60; ++n) {
        told.push_back(dice.below(three.size() * 2));
        const auto& code = three[told.back() / 2];
        told.back() % 2 == 0 ? asked_often.given(code) : asked_often.answered(code);
        asked_often.probabilities(three);
    }
    Arms asked_once;
    for (const auto& code : three) {
        const auto count = asked_often.count(code);
        give(asked_once, code, static_cast<int>(count.given), static_cast<int>(count.answered));
    }
    CHECK(asked_once.probabilities(three) == asked_often.probabilities(three));
    bool done = false;
    auto later = read_back(bytes_of(asked_often), done);
    REQUIRE(done);
    CHECK(later.probabilities(three) == asked_often.probabilities(three));
    const std::vector<std::string> others{three[2], three[0]};
    CHECK(later.probabilities(others) == asked_often.probabilities(others));
}

TEST_CASE("arms: counts survive a restart", "[decision]")
{
    Arms arms;
    for (std::size_t n = 0; n < Arms::codes_max; ++n)
        give(arms, "code " + std::to_string(n), static_cast<int>(n + 1), static_cast<int>(n / 3));
    bool done = false;
    auto later = read_back(bytes_of(arms), done);
    REQUIRE(done);
    CHECK(later == arms);
    CHECK(bytes_of(later) == bytes_of(arms));
    later.given("one more");  // and forgets the same one
    arms.given("one more");
    CHECK(later == arms);
}

TEST_CASE("arms: bytes that no store wrote are refused", "[decision]")
{
    using Pairs = std::vector<std::pair<std::string, std::pair<std::uint32_t, std::uint32_t>>>;
    const auto refused = [](const Pairs& pairs) {
        ArchiveWriter writer;
        writer(pairs);
        bool done = false;
        const auto arms = read_back(writer.bytes(), done);
        return !done && arms == Arms{};
    };
    CHECK_FALSE(refused({{"drink", {3, 2}}, {"popcorn", {0, 0}}}));
    CHECK(refused({{"drink", {3, 4}}}));                     // more answers than coupons
    CHECK(refused({{"drink", {3, 2}}, {"drink", {3, 2}}}));  // one code twice
    Pairs many;
    for (std::size_t n = 0; n <= Arms::codes_max; ++n) many.push_back({std::to_string(n), {1, 0}});
    CHECK(refused(many));

    Arms arms;
    give(arms, "drink", 300, 20);
    give(arms, "popcorn", 3, 1);
    const auto good = bytes_of(arms);
    for (std::size_t size = 0; size < good.size(); ++size) {
        bool done = true;
        read_back(good.substr(0, size), done);
        CHECK_FALSE(done);
    }
}

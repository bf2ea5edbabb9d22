#include "tests/bench/accuracy/matching.hpp"
#include "tests/bench/accuracy/statistics.hpp"

#include <catch2/catch.hpp>

using namespace raiten;
using namespace raiten::accuracy;

namespace {

Instant minute(double n)
{
    return Instant{Millis{static_cast<std::int64_t>(n * 60'000)}};
}
Stretch between(double from, double to)
{
    return {minute(from), minute(to)};
}
Visit visit(std::uint32_t person, double from, double to)
{
    return {person, between(from, to), true};
}
std::size_t pairs(const Matches& matches)
{
    std::size_t out = 0;
    for (const auto& each : matches.found) out += each ? 1U : 0U;
    return out;
}

}  // namespace

TEST_CASE("matching: half of the union is enough, less is not", "[accuracy]")
{
    const std::vector truth{visit(1, 10, 20)};
    CHECK(pairs(match(truth, {visit(1, 10, 20)}, {})) == 1);
    CHECK(pairs(match(truth, {visit(1, 15, 20)}, {})) == 1);    // 5 of 10
    CHECK(pairs(match(truth, {visit(1, 15.1, 20)}, {})) == 0);  // a little less
    CHECK(pairs(match(truth, {visit(1, 5, 25)}, {})) == 1);     // 10 of 20
    CHECK(pairs(match(truth, {visit(1, 5, 25.1)}, {})) == 0);
    CHECK(pairs(match(truth, {visit(1, 20, 30)}, {})) == 0);  // they touch
    CHECK(pairs(match(truth, {visit(2, 10, 20)}, {})) == 0);  // somebody else
}

TEST_CASE("matching: one to one", "[accuracy]")
{
    // One true visit that was found in two halves is found once; two that were found as one, too.
    CHECK(pairs(match({visit(1, 0, 20)}, {visit(1, 0, 10), visit(1, 10, 20)}, {})) == 1);
    const auto merged = match({visit(1, 0, 10), visit(1, 10, 20)}, {visit(1, 0, 20)}, {});
    CHECK(pairs(merged) == 1);
    CHECK(merged.truth[0].has_value());

    // In any order, and each knows the other.
    const auto several = match({visit(1, 100, 110), visit(2, 0, 9), visit(1, 0, 10)},
                               {visit(1, 0, 9), visit(1, 101, 110)}, {});
    REQUIRE(several.found[0].has_value());
    CHECK(*several.found[0] == 1);
    CHECK(!several.found[1].has_value());
    CHECK(*several.found[2] == 0);
    CHECK(*several.truth[0] == 2);
    CHECK(*several.truth[1] == 0);
}

TEST_CASE("matching: deaf time does not count", "[accuracy]")
{
    // Two readers: deaf is only when both are down.
    const Deaf deaf{2, {between(10, 30), between(20, 40), between(50, 60)}};
    REQUIRE(deaf.stretches().size() == 1);
    CHECK(deaf.heard(between(0, 60)) == std::chrono::minutes{50});
    CHECK(deaf.heard(between(22, 28)) == Millis{0});
    CHECK(deaf.at(minute(20)));
    CHECK(!deaf.at(minute(30)));

    // The member left at 30 unheard; found until the last sighting at 20: the same visit.
    CHECK(pairs(match({visit(1, 14, 30)}, {visit(1, 14, 20)}, deaf)) == 1);
    CHECK(pairs(match({visit(1, 14, 30)}, {visit(1, 14, 20)}, {})) == 0);
    // One that nobody could hear is never found.
    CHECK(pairs(match({visit(1, 21, 29)}, {visit(1, 21, 29)}, deaf)) == 0);
}

TEST_CASE("matching: acts alone belong to the visit in which they lie", "[accuracy]")
{
    const Visit act{1, between(15, 15), false};
    CHECK(pairs(match({visit(1, 10, 20)}, {act}, {})) == 1);
    CHECK(pairs(match({visit(1, 16, 20)}, {act}, {})) == 0);
    const auto both = match({visit(1, 10, 20)}, {act, visit(1, 10, 20)}, {});
    CHECK(*both.found[0] == 1);  // the span has the better claim
    CHECK(!both.truth[0].has_value());
}

TEST_CASE("statistics: medians and shares", "[accuracy]")
{
    CHECK(!median({}).has_value());
    CHECK(median({3, 1, 2}) == 2);
    CHECK(median({4, 1, 2, 3}) == 2.5);
    CHECK(!Share{}.value().has_value());
    CHECK(Share{3, 4}.value() == 0.75);
}

TEST_CASE("statistics: the bootstrap draws stores, not members", "[accuracy]")
{
    // Alike stores vary little, stores that are all or nothing vary a lot, at the same mean.
    const auto alike = bootstrap(std::vector<Share>(20, Share{50, 100}), 1);
    REQUIRE(alike.has_value());
    CHECK(alike->low == 0.5);
    CHECK(alike->high == 0.5);
    std::vector<Share> halves(10, Share{100, 100});
    halves.resize(20, Share{0, 100});
    const auto apart = bootstrap(halves, 1);
    REQUIRE(apart.has_value());
    // 20 coins: 0.5 -+ 1.96 · 0.112
    CHECK(apart->low == Approx(0.28).margin(0.051));
    CHECK(apart->high == Approx(0.72).margin(0.051));
    CHECK(!bootstrap({}, 1).has_value());
    CHECK(!bootstrap({Share{}}, 1).has_value());
}

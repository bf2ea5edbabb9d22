#include "daemon/kpi/quantiles.hpp"

#include "daemon/base/keyed_hash.hpp"
#include "tests/support/value_shapes.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <iostream>
#include <limits>

using namespace raiten;
using stage::Dice;

namespace {

std::vector<double> random_values(std::uint64_t seed, std::size_t count)
{
    Dice dice{seed};
    std::vector<double> out(count);
    for (auto& value : out) value = std::floor(dice.between(0, 100'000)) / 8;
    return out;
}

struct RankErrors {
    double median{};
    double p99{};

    void take(const std::vector<double>& sorted, const Quantiles& digest)
    {
        median = std::max(median, test::rank_error(sorted, *digest.quantile(0.5), 0.5));
        p99 = std::max(p99, test::rank_error(sorted, *digest.quantile(0.99), 0.99));
    }
};

}  // namespace

TEST_CASE("quantiles: few values are kept as they are", "[kpi]")
{
    const Quantiles digest{{30, 10, 20.5, 20.5}};
    CHECK(digest.text()
          == "flags 1 count 4 compression 200 centroids 4 (10, 1) (20.5, 1) (20.5, 1) (30, 1)");
    CHECK(digest.count() == 4);
    CHECK(digest.min() == 10);
    CHECK(digest.max() == 30);
    CHECK(digest.quantile(0.5) == 20.5);
    CHECK(digest.quantile(0.25) == 15.25);  // between the middles of the ranks, as the database
    CHECK(digest.quantile(0.1) == 10);
    CHECK(digest.quantile(0.95) == 30);
}

TEST_CASE("quantiles: no values have no quantile, and no text", "[kpi]")
{
    Quantiles none;
    CHECK_FALSE(none.quantile(0.5));
    CHECK(none.text().empty());
    CHECK(*Quantiles::from_text("") == none);
    CHECK(Quantiles{{}} == none);
    none.merge(Quantiles{{}});
    CHECK(none.count() == 0);
    const Quantiles some{{1, 2}};
    none.merge(some);
    CHECK(none == some);
    none.merge(Quantiles{});
    CHECK(none == some);
}

TEST_CASE("quantiles: the order of the values changes no byte", "[kpi]")
{
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        INFO("seed " << seed);
        auto values = random_values(seed, 3000);
        const auto text = Quantiles{values}.text();
        Dice dice{seed + 1000};
        for (std::size_t i = values.size() - 1; i > 0; --i)
            std::swap(values[i], values[dice.below(i + 1)]);
        CHECK(Quantiles{values}.text() == text);
    }
}

TEST_CASE("quantiles: the order of the parts changes no byte", "[kpi]")
{
    std::vector<Quantiles> parts;
    for (std::uint64_t seed = 1; seed <= 20; ++seed)
        parts.emplace_back(random_values(seed, 100 * seed));
    auto ab = parts[8];
    ab.merge(parts[15]);
    auto ba = parts[15];
    ba.merge(parts[8]);
    CHECK(ab == ba);
    const auto forth = Quantiles::united(parts);
    std::reverse(parts.begin(), parts.end());
    CHECK(Quantiles::united(parts) == forth);
    CHECK(forth.count() == 21'000);

    auto twice = parts[0];
    twice.merge(twice);
    CHECK(twice.count() == 2 * parts[0].count());
    CHECK(twice.max() == parts[0].max());
}

TEST_CASE("quantiles: the same values give the same bytes on every machine", "[kpi]")
{
    Quantiles digest{random_values(7, 20'000)};
    digest.merge(Quantiles{random_values(8, 5'000)});
    CHECK(KeyedHash{0}.add(digest.text()).value() == 0xfbf5'83b0'8bde'a309U);
}

TEST_CASE("quantiles: one value a thousand times is that value", "[kpi]")
{
    Quantiles digest{std::vector<double>(1000, 0.1)};
    digest.merge(Quantiles{std::vector<double>(333, 0.1)});
    for (const double q : {0.0, 0.001, 0.3, 0.5, 0.99, 1.0}) CHECK(digest.quantile(q) == 0.1);
}

TEST_CASE("quantiles: what is not a value is our own mistake", "[kpi]")
{
    using Limits = std::numeric_limits<double>;
    for (const double value : {Limits::infinity(), -Limits::infinity(), Limits::quiet_NaN(), 1e300})
        CHECK_THROWS_AS((Quantiles{{1.0, value}}), std::logic_error);
    CHECK(Quantiles{{-0.0}}.text() == Quantiles{{0.0}}.text());
}

TEST_CASE("quantiles: within 1 % of the ranks at the median and 0.2 % at p99, however merged",
          "[kpi]")
{
    for (const auto& shape : test::value_shapes) {
        RankErrors together;
        RankErrors one_by_one;
        std::size_t bytes = 0;
        for (std::uint64_t seed = 1; seed <= 6; ++seed) {
            for (const std::size_t parts_count : {1U, 2U, 7U, 30U, 100U}) {
                const std::size_t count = 200 + 1000 * (seed - 1);
                INFO(shape.name << ", seed " << seed << ", " << count << " values in "
                                << parts_count);
                Dice dice{seed << 32U | parts_count};
                const auto parts = test::parts_of(shape, dice, count, parts_count);
                const auto whole = test::sorted_whole(parts);
                std::vector<Quantiles> digests;
                Quantiles chain;
                for (const auto& part : parts) {
                    digests.emplace_back(part);
                    chain.merge(digests.back());
                }
                const auto united = Quantiles::united(digests);
                for (const Quantiles* digest : {&united, static_cast<const Quantiles*>(&chain)}) {
                    REQUIRE(digest->count() == count);
                    CHECK(digest->min() == whole.front());
                    CHECK(digest->max() == whole.back());
                    const auto read = Quantiles::from_text(digest->text());
                    REQUIRE(read.has_value());
                    CHECK(*read == *digest);
                    bytes = std::max(bytes, digest->text().size());
                }
                together.take(whole, united);
                one_by_one.take(whole, chain);
            }
        }
        std::cout << shape.name << ": worst rank error at once p50 " << 100 * together.median
                  << " %, p99 " << 100 * together.p99 << " %; one by one p50 "
                  << 100 * one_by_one.median << " %, p99 " << 100 * one_by_one.p99 << " %; "
                  << bytes << " bytes of text\n";
        INFO(shape.name);
        CHECK(together.median <= 0.01);
        CHECK(together.p99 <= 0.002);
        CHECK(one_by_one.median <= 0.01);
        CHECK(one_by_one.p99 <= 0.002);
    }
}

TEST_CASE("quantiles: a quantile never goes back", "[kpi]")
{
    for (const auto& shape : test::value_shapes) {
        Dice dice{5};
        const Quantiles digest{test::parts_of(shape, dice, 3000, 1)[0]};
        double before = *digest.min();
        for (int i = 0; i <= 1000; ++i) {
            const double here = *digest.quantile(i / 1000.0);
            CHECK(here >= before);
            before = here;
        }
        CHECK(before == digest.max());
    }
}

TEST_CASE("quantiles: the database's way of writing is read", "[kpi]")
{
    const auto means = Quantiles::from_text(
        "flags 1 count 5 compression 200 centroids 2 (0.333333, 2) (1000000.000000, 3)");
    REQUIRE(means.has_value());
    CHECK(means->max() == 1e6);
    const auto sums = Quantiles::from_text(
        "flags 0 count 5 compression 200 centroids 2 (1.000000, 2) (6.000000, 3)");
    REQUIRE(sums.has_value());
    CHECK(sums->text() == "flags 1 count 5 compression 200 centroids 2 (0.5, 2) (2, 3)");
}

TEST_CASE("quantiles: damaged text is refused", "[kpi]")
{
    for (const char* text : {
             "flags",
             "flags 1 count 3 compression 200 centroids",
             "flags 2 count 3 compression 200 centroids 1 (1, 3)",
             "flags 1 count 3 compression 100 centroids 1 (1, 3)",
             "flags 1 count 0 compression 200 centroids 0",
             "flags 1 count -3 compression 200 centroids 1 (1, 3)",
             "flags 1 count 1000000000001 compression 200 centroids 1 (1, 1000000000001)",
             "flags 1 count 18446744073709551616 compression 200 centroids 1 (1, 3)",
             "flags 1 count 3 compression 200 centroids 2001 (1, 3)",
             "flags 1 count 3 compression 200 centroids 2 (1, 3)",
             "flags 1 count 3 compression 200 centroids 1 (1, 2)",
             "flags 1 count 3 compression 200 centroids 1 (1, 4)",
             "flags 1 count 3 compression 200 centroids 2 (1, 3) (1, 0)",
             "flags 1 count 3 compression 200 centroids 2 (2, 1) (1, 2)",
             "flags 1 count 3 compression 200 centroids 1 (nan, 3)",
             "flags 1 count 3 compression 200 centroids 1 (inf, 3)",
             "flags 1 count 3 compression 200 centroids 1 (1e16, 3)",
             "flags 1 count 3 compression 200 centroids 1 (1, 3",
             "flags 1 count 3 compression 200 centroids 1 (1, 3) ",
             "flags 1 count 3 compression 200 centroids 1 (1, 3) (2, 1)",
             " flags 1 count 3 compression 200 centroids 1 (1, 3)",
         }) {
        INFO(text);
        CHECK(Quantiles::from_text(text).has_error());
    }
    CHECK(Quantiles::from_text(std::string(Quantiles::text_bytes_max + 1, ' ')).has_error());

    // However a good one is damaged, what is still read is whole.
    const auto good = Quantiles{random_values(3, 400)}.text();
    Dice dice{4};
    for (int round = 0; round < 2000; ++round) {
        auto bad = good.substr(0, 1 + dice.below(good.size()));
        bad[dice.below(bad.size())] = "0123456789 (),.-eflags"[dice.below(22)];
        const auto read = Quantiles::from_text(bad);
        if (read.has_error()) continue;
        CHECK(Quantiles::from_text(read->text()).has_value());
    }
}

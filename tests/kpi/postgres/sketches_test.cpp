#include "daemon/base/hex.hpp"
#include "daemon/kpi/quantiles.hpp"
#include "daemon/kpi/unique_count.hpp"
#include "tests/support/fleet.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/value_shapes.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <fstream>
#include <iostream>
#include <sstream>

using namespace raiten;
using stage::Dice;
using test::Postgres;

namespace {

/// As the database reads and writes bytes.
std::string hex_of(const UniqueCount& count)
{
    return "\\x" + to_hex(count.bytes());
}

std::string quoted(const std::string& text)
{
    return "'" + text + "'";
}

std::vector<std::string> lines_of(const std::string& text)
{
    std::vector<std::string> out;
    std::istringstream in{text};
    for (std::string line; std::getline(in, line);) out.push_back(line);
    return out;
}

/// In COPY's text a backslash is two.
std::string copied(const UniqueCount& count)
{
    return "\\" + hex_of(count);
}

const char* const schema =
    "create table store_day (store int, day int, m0 hll(11, 5, 0, 0), m1 hll(11, 5, 0, 0),"
    " m2 hll(11, 5, 0, 0), m3 hll(11, 5, 0, 0), dwell tdigest);";

std::string loading(const test::Fleet& fleet)
{
    std::string out = "truncate store_day; copy store_day from stdin;\n";
    for (const auto& day : fleet.days) {
        out += std::to_string(day.store) + "\t" + std::to_string(day.day) + "\t";
        for (const auto& one : day.members.counts()) out += copied(one) + "\t";
        out += day.dwell.text() + "\n";
    }
    return out + "\\.\n";
}

std::string quantile_function()
{
    std::ostringstream out;
    out << std::ifstream{RAITEN_SOURCE_DIR "/daemon/kpi/quantile.sql"}.rdbuf();
    return out.str();
}

}  // namespace

TEST_CASE("PostgreSQL: unique counts are hll: registers, unions and estimates are the same",
          "[kpi][postgres]")
{
    if (!Postgres::installed()) {
        WARN(Postgres::missing);
        return;
    }
    const Postgres database;
    std::cout << "hll " << database.query("select extversion from pg_extension where extname='hll'")
              << "\n";
    CHECK(std::stod(database.query("select hll_cardinality('" + hex_of({}) + "'::hll)")) == 0);

    for (const std::size_t members : {1U, 3U, 100U, 2000U, 4900U, 5100U, 5300U, 20'000U}) {
        Dice dice{members};
        UniqueCount ours;
        std::string hashes = "truncate hashes; copy hashes from stdin;\n";
        for (std::size_t i = 0; i < members; ++i) {
            const auto hash = SketchKey{dice.word()}.hash(std::to_string(i));
            ours.add(hash);
            hashes += std::to_string(static_cast<std::int64_t>(hash)) + "\n";
        }
        if (members == 3) {  // no run at all, and longer ones than five bits hold
            for (const auto hash : {std::uint64_t{77}, std::uint64_t{1} << 63U | 5U}) {
                ours.add(hash);
                hashes += std::to_string(static_cast<std::int64_t>(hash)) + "\n";
            }
        }
        const auto said =
            lines_of(database.query(
                "set extra_float_digits = 3; create temp table hashes (hash bigint);" + hashes
                + "\\.\n"
                  "select hll_add_agg(hash::hll_hashval, 11, 5, 0, 0) from hashes;"
                  "select hll_cardinality('"
                + hex_of(ours) + "'::hll)"));
        REQUIRE(said.size() == 2);
        INFO(members << " members");
        CHECK(said[0] == hex_of(ours));
        CHECK(std::stod(said[1]) == Approx(ours.estimate()).epsilon(1e-12));
    }
}

TEST_CASE("PostgreSQL: hll_union of our unique counts is our merge", "[kpi][postgres]")
{
    if (!Postgres::installed()) {
        WARN(Postgres::missing);
        return;
    }
    const Postgres database;
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        INFO("seed " << seed);
        Dice dice{seed};
        std::vector<UniqueCount> parts(40);  // the last is of nobody
        UniqueCount merged;
        std::string sql =
            "create temp table part (members hll(11, 5, 0, 0)); copy part from stdin;\n";
        for (std::size_t i = 0; i < parts.size(); ++i) {
            const auto members = i + 1 == parts.size() ? 0 : dice.below(400);
            for (std::uint64_t k = 0; k < members; ++k)
                parts[i].add(SketchKey{seed}.hash(std::to_string(dice.below(3000))));
            merged.merge(parts[i]);
            sql += copied(parts[i]) + "\n";
        }
        CHECK(database.query(sql + "\\.\nselect hll_union_agg(members) from part")
              == hex_of(merged));
        auto two = parts[0];
        two.merge(parts[1]);
        const auto united = database.query("select hll_union('" + hex_of(parts[0]) + "'::hll, '"
                                           + hex_of(parts[1]) + "'::hll)");
        CHECK(united == hex_of(two));
        const auto bytes = from_hex(std::string_view{united}.substr(2));
        REQUIRE(bytes);
        CHECK(*UniqueCount::from_bytes(*bytes) == two);
    }
}

TEST_CASE("PostgreSQL: digests are tdigests, and what it prints is read", "[kpi][postgres]")
{
    if (!Postgres::installed()) {
        WARN(Postgres::missing);
        return;
    }
    const Postgres database;
    std::cout << "tdigest "
              << database.query("select extversion from pg_extension where extname='tdigest'")
              << "\n";
    database.query(quantile_function());
    constexpr std::size_t values_total = 30'000;  // enough that parts are compressed
    for (const auto& shape : test::value_shapes) {
        Dice dice{11};
        const auto parts = test::parts_of(shape, dice, values_total, 20);
        const auto whole = test::sorted_whole(parts);
        std::vector<Quantiles> digests;
        std::string array;
        for (const auto& part : parts) {
            digests.emplace_back(part);
            array += (array.empty() ? "" : ",") + quoted(digests.back().text());
        }
        const auto united = Quantiles::united(digests);
        array = "array[" + array + "]::tdigest[]";
        INFO(shape.name);

        // Loaded and printed, the same: to six decimals.
        const auto printed = database.query("select " + quoted(united.text()) + "::tdigest");
        const auto read = Quantiles::from_text(printed);
        REQUIRE(read.has_value());
        CHECK(read->count() == united.count());
        for (const double q : {0.0, 0.01, 0.5, 0.99, 1.0})
            CHECK(*read->quantile(q) == Approx(*united.quantile(q)).margin(1e-6));

        // Its own union is coarser than ours, yet a digest that is read and merged.
        const auto its_union =
            Quantiles::from_text(database.query("select tdigest(d) from unnest(" + array + ") d"));
        REQUIRE(its_union.has_value());
        CHECK(its_union->count() == values_total);
        auto more = *its_union;
        more.merge(united);
        CHECK(more.count() == 2 * values_total);

        // What it says of the quantiles: its own way, and from the centroids as they are.
        for (const double q : {0.5, 0.99}) {
            const auto said = lines_of(database.query(
                "set extra_float_digits = 3; select tdigest_percentile(d, " + std::to_string(q)
                + ") from unnest(" + array + ") d; select raiten_quantile(" + array + ", "
                + std::to_string(q) + ")"));
            REQUIRE(said.size() == 2);
            const double its_error = test::rank_error(whole, std::stod(said[0]), q);
            const double sql_error = test::rank_error(whole, std::stod(said[1]), q);
            std::cout << shape.name << ", " << values_total << " values in 20 digests, q " << q
                      << ": rank error of tdigest_percentile " << 100 * its_error
                      << " %, of raiten_quantile " << 100 * sql_error << " %\n";
            CHECK(sql_error <= (q == 0.5 ? 0.01 : 0.002));
            CHECK(its_error <= 0.1);
        }
    }
}

TEST_CASE("PostgreSQL: a quantile of one digest is interpolated as we do", "[kpi][postgres]")
{
    if (!Postgres::installed()) {
        WARN(Postgres::missing);
        return;
    }
    const Postgres database;
    database.query(quantile_function());
    // Its percentile compresses first, but 20 values far apart it leaves alone; and the function
    // that does not compress says the same of any digest.
    for (const std::size_t count : {1U, 2U, 3U, 20U, 300U, 5000U}) {
        Dice dice{count};
        std::vector<double> values(count);
        for (auto& value : values) value = dice.between(-1000, 1000);
        const Quantiles digest{values};
        for (const char* q : {"0", "0.01", "0.1", "0.25", "0.5", "0.77", "0.99", "1"}) {
            INFO(count << " values, q " << q);
            const auto said = lines_of(database.query(
                "set extra_float_digits = 3; select raiten_quantile(array['" + digest.text()
                + "']::tdigest[], " + q + "); select tdigest_percentile('" + digest.text()
                + "'::tdigest, " + q + ")"));
            REQUIRE(said.size() == 2);
            const double ours = *digest.quantile(std::stod(q));
            CHECK(std::stod(said[0]) == Approx(ours).epsilon(1e-12));
            if (count <= 20) CHECK(std::stod(said[1]) == Approx(ours).epsilon(1e-12));
        }
    }
    CHECK(database.query("select raiten_quantile(array[]::tdigest[], 0.5) is null") == "t");
    CHECK(database.query("select raiten_quantile(array[null, 'flags 1 count 1 compression 200 "
                         "centroids 1 (7, 1)']::tdigest[], 0.5)")
          == "7");
}

TEST_CASE("PostgreSQL: refuses what we refuse", "[kpi][postgres]")
{
    if (!Postgres::installed()) {
        WARN(Postgres::missing);
        return;
    }
    const Postgres database;
    for (const char* text : {"flags 1 count 3 compression 200 centroids 2 (2, 1) (1, 2)",
                             "flags 1 count 3 compression 200 centroids 1 (1, 2)",
                             "flags 1 count 0 compression 200 centroids 0",
                             "flags 1 count 3 compression 200 centroids 2001 (1, 3)"}) {
        INFO(text);
        CHECK(Quantiles::from_text(text).has_error());
        CHECK_THAT(database.refusal_of("select '" + std::string{text} + "'::tdigest"),
                   Catch::Contains("ERROR"));
    }
    const auto hex = hex_of({});
    CHECK_THAT(database.refusal_of("select '" + hex.substr(0, hex.size() - 2) + "'::hll"),
               Catch::Contains("inconsistently sized"));
}

TEST_CASE("PostgreSQL: a thousand store-days unite to the fleet", "[kpi][postgres]")
{
    if (!Postgres::installed()) {
        WARN(Postgres::missing);
        return;
    }
    const Postgres database;
    database.query(schema + quantile_function());
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        auto fleet = test::fleet_of(seed);
        REQUIRE(fleet.days.size() == 1000);
        database.query(loading(fleet));
        const auto said =
            lines_of(database.query("set extra_float_digits = 3;"
                                    "select (hll_cardinality(hll_union_agg(m0))"
                                    " + hll_cardinality(hll_union_agg(m1))"
                                    " + hll_cardinality(hll_union_agg(m2))"
                                    " + hll_cardinality(hll_union_agg(m3))) / 4 from store_day;"
                                    "select hll_union_agg(m3) from store_day;"
                                    "select raiten_quantile(array_agg(dwell), 0.5) from store_day;"
                                    "select raiten_quantile(array_agg(dwell), 0.99) from store_day;"
                                    "select sum(tdigest_count(dwell)) from store_day"));
        REQUIRE(said.size() == 5);

        MeanCount united;
        for (const auto& day : fleet.days) united.merge(day.members);
        const auto truth = static_cast<double>(fleet.members.size());
        const double error = 100 * (std::stod(said[0]) / truth - 1);
        std::sort(fleet.dwell_s.begin(), fleet.dwell_s.end());
        const double p50 = test::rank_error(fleet.dwell_s, std::stod(said[2]), 0.5);
        const double p99 = test::rank_error(fleet.dwell_s, std::stod(said[3]), 0.99);
        std::cout << "fleet, seed " << seed << ": " << truth << " members, the database says "
                  << said[0] << " (" << error << " %); rank error of dwell p50 " << 100 * p50
                  << " %, p99 " << 100 * p99 << " %\n";
        INFO("seed " << seed);
        CHECK(said[1] == hex_of(united.counts()[3]));
        CHECK(std::stod(said[0]) == Approx(united.estimate()).epsilon(1e-12));
        CHECK(std::abs(error) <= 3 * 2.3 / 2);  // three standard errors of the mean of four
        CHECK(p50 <= 0.01);
        CHECK(p99 <= 0.002);
        CHECK(said[4] == std::to_string(fleet.dwell_s.size()));
    }
}

#include "daemon/kpi/unique_count.hpp"

#include "tests/support/dice.hpp"
#include "tests/support/fleet.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <iostream>
#include <limits>

using namespace raiten;
using stage::Dice;

static_assert(sizeof(UniqueCount) <= 2048);

namespace {

std::vector<std::byte> copy_of(const UniqueCount& count)
{
    const auto bytes = count.bytes();
    return {bytes.begin(), bytes.end()};
}

UniqueCount of_random(std::uint64_t seed, std::size_t members)
{
    Dice dice{seed};
    UniqueCount out;
    for (std::size_t i = 0; i < members; ++i) out.add(dice.word());
    return out;
}

std::vector<std::byte> bytes_of(const MeanCount& count)
{
    std::vector<std::byte> out;
    for (const auto& one : count.counts()) {
        const auto bytes = one.bytes();
        out.insert(out.end(), bytes.begin(), bytes.end());
    }
    return out;
}

}  // namespace

TEST_CASE("unique count: parts merge to the whole to the last bit", "[kpi]")
{
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        INFO("seed " << seed);
        Dice dice{seed};
        const auto parts_count = 1 + dice.below(30);
        std::vector<UniqueCount> parts(parts_count);
        UniqueCount whole;
        const auto members = dice.below(4000);
        for (std::uint64_t visit = 0; visit < 3000; ++visit) {
            const auto hash = SketchKey{seed}.hash(std::to_string(dice.below(members + 1)));
            parts[dice.below(parts_count)].add(hash);
            whole.add(hash);
        }
        UniqueCount forth;
        UniqueCount back;
        for (std::size_t i = 0; i < parts.size(); ++i) {
            forth.merge(parts[i]);
            back.merge(parts[parts.size() - 1 - i]);
        }
        CHECK(forth == whole);
        CHECK(back == whole);
        back.merge(parts[0]);
        CHECK(back.bytes() == whole.bytes());
    }
}

TEST_CASE("unique count: nobody is nobody, and one member is one however often", "[kpi]")
{
    UniqueCount count;
    CHECK(count.estimate() == 0.0);
    CHECK(count.smooth_estimate() == 0.0);
    const SketchKey key{1, 2};
    for (int i = 0; i < 100; ++i) count.add(key.hash("member-7"));
    CHECK(count.estimate() == Approx(1.0).epsilon(0.001));
    CHECK(count.smooth_estimate() == Approx(1.0).epsilon(0.001));
}

TEST_CASE("unique count: a hash says its register below and its run above", "[kpi]")
{
    const auto data_of = [](std::uint64_t hash) {
        UniqueCount count;
        count.add(hash);
        const auto bytes = count.bytes();
        CHECK(bytes[0] == std::byte{0x14});
        CHECK(bytes[1] == std::byte{0x8b});
        CHECK(bytes[2] == std::byte{0x00});
        return std::vector<int>{std::to_integer<int>(bytes[3]), std::to_integer<int>(bytes[4]),
                                std::to_integer<int>(bytes.back())};
    };
    CHECK(data_of(1ULL << 11U) == std::vector{0b00001'000, 0, 0});
    CHECK(data_of(1ULL << 12U | 1U) == std::vector{0b00000'000, 0b10'000000, 0});
    CHECK(data_of(1ULL << 63U) == std::vector{0b11111'000, 0, 0});  // 53, in five bits
    CHECK(data_of(1ULL << 11U | 2047U) == std::vector{0, 0, 0b000'00001});
    CHECK(data_of(2047U) == std::vector{0, 0, 0});  // no run at all
}

TEST_CASE("unique count: what was written is read, and damage is refused", "[kpi]")
{
    const auto count = of_random(1, 5000);
    auto bytes = copy_of(count);
    const auto read = UniqueCount::from_bytes(bytes);
    REQUIRE(read.has_value());
    CHECK(*read == count);

    for (std::size_t size = 0; size < bytes.size(); ++size)
        CHECK_FALSE(UniqueCount::from_bytes(std::span{bytes}.first(size)).has_value());
    bytes.push_back(std::byte{0});
    CHECK_FALSE(UniqueCount::from_bytes(bytes).has_value());
    bytes.pop_back();

    for (std::size_t at = 0; at < 3; ++at) {
        for (unsigned bit = 0; bit < 8; ++bit) {
            auto damaged = bytes;
            damaged[at] ^= std::byte{1} << bit;
            const auto refused = UniqueCount::from_bytes(damaged);
            REQUIRE(refused.has_error());
            CHECK(refused.error().where == "byte " + std::to_string(at));
        }
    }
    // Any registers are somebody's: what follows the header is read as it is.
    Dice dice{2};
    for (int round = 0; round < 50; ++round) {
        for (std::size_t at = 3; at < bytes.size(); ++at)
            bytes[at] = static_cast<std::byte>(dice.below(256));
        const auto any = UniqueCount::from_bytes(bytes);
        REQUIRE(any.has_value());
        CHECK(copy_of(*any) == bytes);
        CHECK(std::isfinite(any->estimate()));
        CHECK(std::isfinite(any->smooth_estimate()));
    }
    for (std::size_t at = 3; at < bytes.size(); ++at) bytes[at] = std::byte{0xff};
    const auto full = UniqueCount::from_bytes(bytes);  // more than there are hashes
    REQUIRE(full.has_value());
    CHECK(std::isinf(full->estimate()));
    CHECK(std::isinf(full->smooth_estimate()));
}

TEST_CASE("unique count: stores with one key agree, and nobody without it can look a member up",
          "[kpi]")
{
    const SketchKey key{0x0123'4567'89ab'cdefU, 0xfedc'ba98'7654'3210U};
    // For good: stores run different versions, and years are added.
    CHECK(key.hash("member-7") == 0xa2b2'bc1b'ba08'a276U);
    CHECK(key.hash("member-7") != key.hash("member-8"));
    CHECK(key.hash("member-7") != SketchKey{key.low, key.high ^ 1U}.hash("member-7"));
    CHECK(key.hash("member-7") != SketchKey{key.low ^ 1U, key.high}.hash("member-7"));
}

TEST_CASE("unique count: the error is that of 2,048 registers", "[kpi]")
{
    struct Row {
        std::size_t members;
        double hll_rms, smooth_rms;  ///< at most, in percent
    };
    // hll's own estimator has a seam where linear counting ends, at 5,120.
    for (const Row row :
         {Row{500, 2.0, 2.0}, Row{2000, 2.3, 2.2}, Row{5000, 4.2, 2.3}, Row{15000, 2.7, 2.7}}) {
        constexpr int seeds = 200;
        double hll = 0;
        double smooth = 0;
        int hll_good = 0;
        int smooth_good = 0;
        for (std::uint64_t seed = 0; seed < seeds; ++seed) {
            const auto count = of_random(seed << 32U | row.members, row.members);
            const auto truth = static_cast<double>(row.members);
            const double hll_error = count.estimate() / truth - 1;
            const double smooth_error = count.smooth_estimate() / truth - 1;
            hll += hll_error * hll_error;
            smooth += smooth_error * smooth_error;
            hll_good += std::abs(hll_error) <= 0.02 ? 1 : 0;
            smooth_good += std::abs(smooth_error) <= 0.02 ? 1 : 0;
        }
        const double hll_rms = 100 * std::sqrt(hll / seeds);
        const double smooth_rms = 100 * std::sqrt(smooth / seeds);
        std::cout << row.members << " members, " << seeds << " seeds: hll's estimator rms "
                  << hll_rms << " %, within 2 %: " << hll_good << "; smooth rms " << smooth_rms
                  << " %, within 2 %: " << smooth_good << "\n";
        CHECK(hll_rms <= row.hll_rms);
        CHECK(smooth_rms <= row.smooth_rms);
    }
}

TEST_CASE("unique count: store-days of a fleet unite to its members", "[kpi]")
{
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        const auto fleet = test::fleet_of(seed);
        MeanCount united;
        for (const auto& day : fleet.days) united.merge(day.members);
        const auto truth = static_cast<double>(fleet.members.size());
        const double error = 100 * (united.estimate() / truth - 1);
        std::cout << "fleet, seed " << seed << ": " << truth << " members, estimate off by "
                  << error << " %\n";
        CHECK(std::abs(error) < 3 * 2.3 / 2);
        const auto united_bytes = bytes_of(united);
        CHECK((MeanCount::from_bytes(united_bytes).value() == united));
        CHECK_FALSE(MeanCount::from_bytes(std::span{united_bytes}.first(united_bytes.size() - 1))
                        .has_value());
    }
}

// Unique counts and quantiles: how fast, and how exact over many seeds. The tables of
// daemon/kpi/README.md are this program's standard error.
#include "daemon/base/keyed_hash.hpp"
#include "tests/bench/bench.hpp"
#include "tests/support/fleet.hpp"
#include "tests/support/value_shapes.hpp"

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

using namespace raiten;
using stage::Dice;

namespace {

/// Errors of one estimator over seeds.
class Errors {
 public:
    void take(double error)
    {
        squares_ += error * error;
        sum_ += error;
        worst_ = std::max(worst_, std::abs(error));
        good_ += std::abs(error) <= 0.02 ? 1 : 0;
        ++count_;
    }
    void tell(const char* who) const
    {
        std::fprintf(stderr, " | %s rms %4.2f bias %+5.2f worst %4.1f within 2 %%: %5.1f", who,
                     100 * std::sqrt(squares_ / count_), 100 * sum_ / count_, 100 * worst_,
                     100 * good_ / count_);
    }

 private:
    double squares_{}, sum_{}, worst_{}, good_{}, count_{};
};

UniqueCount of_random(Dice& dice, std::size_t members)
{
    UniqueCount out;
    for (std::size_t i = 0; i < members; ++i) out.add(dice.word());
    return out;
}

/// Also: what the mean of several sketches of the same members under keys of their own would give.
void tell_unique_errors()
{
    std::fprintf(stderr, "unique members, 1000 seeds, errors in %%\n");
    for (const std::size_t members :
         {100U, 500U, 1000U, 2000U, 3000U, 4000U, 5000U, 6000U, 8000U, 10'000U, 20'000U, 50'000U}) {
        Errors hll, smooth, four, eight;
        for (std::uint64_t seed = 0; seed < 1000; ++seed) {
            Dice dice{seed << 32U | members};
            double sum = 0;
            for (int key = 1; key <= 8; ++key) {
                const auto count = of_random(dice, members);
                const auto truth = static_cast<double>(members);
                const double error = count.smooth_estimate() / truth - 1;
                sum += error;
                if (key == 1) {
                    hll.take(count.estimate() / truth - 1);
                    smooth.take(error);
                }
                if (key == 4) four.take(sum / 4);
                if (key == 8) eight.take(sum / 8);
            }
        }
        std::fprintf(stderr, "%6zu", members);
        hll.tell("hll");
        smooth.tell("smooth");
        four.tell("4 keys");
        eight.tell("8 keys");
        std::fprintf(stderr, "\n");
    }
}

void tell_fleets()
{
    constexpr std::uint64_t seeds = 200;
    Errors hll, four;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        const auto fleet = test::fleet_of(seed);
        MeanCount united;
        for (const auto& day : fleet.days) united.merge(day.members);
        const auto truth = static_cast<double>(fleet.members.size());
        hll.take(united.counts()[0].estimate() / truth - 1);
        four.take(united.estimate() / truth - 1);
    }
    std::fprintf(stderr, "fleets of 1000 store-days, %d seeds, errors in %%\n",
                 static_cast<int>(seeds));
    hll.tell("one");
    four.tell("mean of 4");
    std::fprintf(stderr, "\n");
}

/// The worst rank error of a shape at p50 and p99: of one digest, of digests united at once, and
/// merged one by one.
struct Worst {
    double one[2]{}, united[2]{}, chain[2]{};
    std::size_t text_bytes{};

    static void take(double (&worst)[2], const std::vector<double>& sorted, const Quantiles& digest)
    {
        const double shares[2]{0.5, 0.99};
        for (int k = 0; k < 2; ++k) {
            worst[k] = std::max(worst[k],
                                test::rank_error(sorted, *digest.quantile(shares[k]), shares[k]));
        }
    }
};

void one_round(Worst& worst, const test::ValueShape& shape, Dice& dice, std::size_t count,
               std::size_t parts_count)
{
    const auto parts = test::parts_of(shape, dice, count, parts_count);
    const auto whole = test::sorted_whole(parts);
    std::vector<Quantiles> digests;
    Quantiles chain;
    for (const auto& part : parts) {
        digests.emplace_back(part);
        chain.merge(digests.back());
    }
    const auto united = Quantiles::united(digests);
    if (parts_count == 1) Worst::take(worst.one, whole, united);
    Worst::take(worst.united, whole, united);
    Worst::take(worst.chain, whole, chain);
    worst.text_bytes = std::max(worst.text_bytes, chain.text().size());
}

void rank_errors()
{
    std::fprintf(stderr,
                 "worst rank errors in %% (p50 p99), 200 to 100000 values in 1 to 100 parts\n");
    double median = 0;
    double p99 = 0;
    for (const auto& shape : test::value_shapes) {
        Worst worst;
        for (const std::size_t count : {200U, 500U, 1000U, 3000U, 10'000U, 30'000U, 100'000U}) {
            const std::uint64_t seeds = count > 50'000 ? 10 : count > 5000 ? 60 : 200;
            for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
                for (const std::size_t parts_count : {1U, 2U, 10U, 100U}) {
                    Dice dice{seed << 40U | count << 8U | parts_count};
                    one_round(worst, shape, dice, count, parts_count);
                }
            }
        }
        std::fprintf(
            stderr, "%-18s one %.3f %.3f | united %.3f %.3f | one by one %.3f %.3f | text %zu\n",
            shape.name, 100 * worst.one[0], 100 * worst.one[1], 100 * worst.united[0],
            100 * worst.united[1], 100 * worst.chain[0], 100 * worst.chain[1], worst.text_bytes);
        median = std::max({median, worst.united[0], worst.chain[0]});
        p99 = std::max({p99, worst.united[1], worst.chain[1]});
    }
    // More is better, so the promise's inverse.
    bench::print("merged quantiles, worst rank at p50", 1 / median, "1/error",
                 {"required", 1 / 0.01}, 1.0);
    bench::print("merged quantiles, worst rank at p99", 1 / p99, "1/error", {"required", 1 / 0.002},
                 1.0);
}

void speeds()
{
    constexpr int count = 1'000'000;
    std::vector<std::string> names;
    for (int i = 0; i < 1000; ++i) names.push_back("member-" + std::to_string(100'000 + i));
    const SketchKey key{1, 2};
    UniqueCount sketch;
    const double counted = bench::best_millions_a_second(count, [&] {
        for (int i = 0; i < count; ++i)
            sketch.add(key.hash(names[static_cast<std::size_t>(i % 1000)]));
        bench::keep(sketch);
    });
    const double hashed = bench::best_millions_a_second(count, [&] {
        std::uint64_t sum = 0;
        for (int i = 0; i < count; ++i) sum += key.hash(names[static_cast<std::size_t>(i % 1000)]);
        bench::keep(sum);
    });
    bench::print("members counted", counted, "M/s", {"SipHash alone", hashed});

    Dice dice{1};
    std::vector<double> values(100'000);
    for (auto& value : values) value = std::exp(6 + dice.normal());
    const auto total = static_cast<double>(values.size());
    const double digested = bench::best_millions_a_second(
        total, [&] { bench::keep(Quantiles{values}); }, 5);
    const double sorted = bench::best_millions_a_second(
        total,
        [&] {
            auto copy = values;
            std::sort(copy.begin(), copy.end());
            bench::keep(copy);
        },
        5);
    bench::print("values into a digest", digested, "M/s", {"sort alone", sorted});
}

}  // namespace

int main()
{
    tell_unique_errors();
    tell_fleets();
    rank_errors();
    speeds();
}

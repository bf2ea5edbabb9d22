#include "daemon/scoring/propensity.hpp"

#include "daemon/base/archive.hpp"
#include "tests/bench/accuracy/store_visits.hpp"
#include "tests/bench/bench.hpp"
#include "tests/bench/scoring/parts.hpp"
#include "tests/scoring/peers/planted_visits.hpp"

#include <cstdio>
#include <string>
#include <utility>
#include <vector>

/// Learning and foretelling who will buy: in a shop with planted habits, and in a simulated store
/// as the engine found its visits.
namespace {

using namespace raiten;
using namespace raiten::scoring;

constexpr double visit_seconds_max = 20e-6;  ///< to learn one and to foretell one
constexpr double kept_bytes_max = 64'000;

std::vector<SettledVisit> planted(double trend_a_year)
{
    peers::PlantedShop shop;
    shop.trend_a_year = trend_a_year;
    std::vector<SettledVisit> out;
    for (auto& each : peers::planted_visits(shop)) out.push_back(std::move(each.visit));
    return out;
}

void print_quality(const std::string& shop, const char* when, const RunningMarks& marks)
{
    const auto line = marks.line().value_or(RunningMarks::Line{});
    std::fprintf(stderr,
                 "%s, %s: log loss %.4f, of the rate %.4f; AUC %.3f; calibration error %.4f, "
                 "line %+.3f %+.3f x; expected/came by tenth",
                 shop.c_str(), when, marks.log_loss(), marks.base_log_loss(),
                 marks.auc().value_or(0.5), marks.calibration_error(), line.intercept, line.slope);
    for (const auto& tenth : marks.deciles())
        std::fprintf(stderr, " %.3f/%.3f", tenth.expected, tenth.came);
    std::fprintf(stderr, "\n");
}

void print_quality(const std::string& shop, const std::vector<SettledVisit>& visits)
{
    Propensity propensity;
    propensity.learn(visits);
    const auto name = shop + ", " + std::to_string(visits.size()) + " visits";
    print_quality(name, "at any landmark", propensity.marks());
    print_quality(name, "at the opening", propensity.marks_at_opening());
    bench::print(("will buy, " + shop + ": 1 / log loss").c_str(),
                 1 / propensity.marks().log_loss(), "1/nat",
                 {"the member's rate", 1 / propensity.marks().base_log_loss()}, 0.99);
}

void print_speed(const std::vector<SettledVisit>& visits)
{
    const auto count = static_cast<double>(visits.size());
    const double learned = bench::best_seconds(
        [&] {
            Propensity propensity;
            propensity.learn(visits);
            bench::keep(propensity);
        },
        3);
    Propensity propensity;
    propensity.learn(visits);
    double asked = 0;
    const double foretold = bench::best_seconds([&] {
        double sum = 0;
        asked = 0;
        for (const auto& visit : visits) {
            if (visit.landmarks.empty()) continue;
            sum += propensity.foresee(visit.landmarks.back().features).probability;
            asked += 1;
        }
        bench::keep(sum);
    });
    bench::print("propensity: a visit learned and foretold with reasons",
                 1e-3 / (learned / count + foretold / asked), "k visits/s",
                 {"required", 1e-3 / visit_seconds_max}, 1);
    bench::print("propensity: visits learned", 1e-3 * count / learned, "k visits/s",
                 {"foretold with reasons", 1e-3 * asked / foretold});
    ArchiveWriter writer;
    writer(propensity);
    const double held =
        sizeof(Propensity) + 8.0 * 2 * inputs::count * (inputs::count + 3) + 6 * 160;
    std::fprintf(stderr, "propensity: %.0f bytes held, %zu stored\n", held, writer.bytes().size());
    bench::print("propensity: models in the memory for one", kept_bytes_max / held, "models",
                 {"required", 1}, 1);
}

}  // namespace

void raiten::bench::bench_propensity()
{
    const auto visits = planted(0);
    print_speed(visits);
    print_quality("planted shop", visits);
    print_quality("planted shop that changes", planted(1.5));
    simulator::Scenario scenario;
    scenario.advertising = std::chrono::seconds{20};
    print_quality("simulated store", accuracy::store_visits(accuracy::keep_book(scenario, 1, 60)));
}

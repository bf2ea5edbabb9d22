#include "daemon/scoring/next_visit.hpp"

#include "daemon/scoring/rhythm_fit.hpp"
#include "tests/bench/bench.hpp"
#include "tests/bench/scoring/parts.hpp"
#include "tests/scoring/rhythm_store.hpp"

#include <cstdio>

namespace raiten::bench {
namespace {

using namespace raiten::scoring;

/// A member about whom as much is known as is ever kept.
Rhythm long_known(WallDay last)
{
    Rhythm member;
    for (int i = 99; i >= 0; --i)
        member.note(WallTime{std::chrono::days{last - 3 * i}} + std::chrono::hours{10 + i % 8});
    return member;
}

}  // namespace

void bench_next_visit()
{
    test::RhythmStore store;
    store.members = 200'000;
    store.days = 180;
    store.level = 2.5;
    const auto visits = store.visits();
    RhythmSample sample;
    const double told = best_seconds(
        [&] {
            RhythmSample fresh;
            for (std::size_t i = 0; i < visits.size(); ++i) fresh.note(i, visits[i]);
            sample = std::move(fresh);
        },
        3);
    auto fit = fit_rhythm(sample, store.today(), {}, false);
    if (!fit) {
        std::fprintf(stderr, "%s\n", fit.error().text().c_str());
        return;
    }
    const double fitted =
        best_seconds([&] { keep(fit_rhythm(sample, store.today(), fit->model, true)); }, 3);
    print("rhythm: 200,000 members told and fitted, with a look back", 1 / (told + fitted),
          "fits/s", {"required", 0.2}, 1);

    const auto now = WallTime{std::chrono::days{store.today()}} + std::chrono::hours{13};
    const auto member = long_known(store.today() - 5);
    constexpr int calls = 20'000;
    const double point = best_seconds([&] {
        for (int i = 0; i < calls; ++i) keep(next_visit(fit->model, member, now));
    });
    print("next visit of a long known member", calls / point / 1e6, "M/s",
          {"required (10 us)", 0.1}, 1);
    const double hours = best_seconds([&] {
        for (int i = 0; i < calls; ++i) keep(visit_hours(fit->model, member, now));
    });
    print("its probability for each of 168 hours", calls / hours / 1e6, "M/s",
          {"required (30 us)", 1.0 / 30}, 1);
}

}  // namespace raiten::bench

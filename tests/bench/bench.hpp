#pragma once

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <limits>
#include <optional>

/// What benchmarks share; README.md describes the line that they print.
namespace raiten::bench {

/// What this thread has worked, in seconds. Time during which others had the processor, or during
/// which it waited, does not count.
inline double worked_seconds()
{
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// Seconds of work of the fastest of some rounds: other work on the machine only ever makes it
/// slower. `work` does the same each time, on this thread alone.
template <class Work>
double best_seconds(const Work& work, int rounds = 9)
{
    double best = std::numeric_limits<double>::max();
    for (int n = 0; n < rounds; ++n) {
        const double start = worked_seconds();
        work();
        best = std::min(best, worked_seconds() - start);
    }
    return best;
}

/// Units of work a second, in millions.
template <class Work>
double best_millions_a_second(double units, const Work& work, int rounds = 9)
{
    return units / best_seconds(work, rounds) / 1e6;
}

/// The compiler must believe that the value is looked at.
template <class Value>
void keep(const Value& value)
{
    asm volatile("" : : "r"(&value) : "memory");
}

struct Limit {
    const char* name;
    double value;
};

inline void print(const char* name, double ours, const char* unit, const Limit& limit,
                  std::optional<double> required_ratio = {})
{
    std::printf("%s\t%.4g\t%s\t%s\t%.4g\t%.3g", name, ours, unit, limit.name, limit.value,
                ours / limit.value);
    if (required_ratio) std::printf("\t%.3g", *required_ratio);
    std::printf("\n");
    std::fflush(stdout);
}

}  // namespace raiten::bench

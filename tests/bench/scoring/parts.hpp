#pragma once

/// The parts of bench_scoring, each in a file of its name.
namespace raiten::bench {

void bench_affinity();
void bench_next_visit();
void bench_propensity();
void bench_uplift();
/// The figures beside those of others, with their intervals on standard error.
void print_marks();

}  // namespace raiten::bench

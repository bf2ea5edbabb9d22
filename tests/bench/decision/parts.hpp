#pragma once

/// The parts of bench_decision, each in a file of its name.
namespace raiten::bench {

void bench_arms();
void bench_nightly_segments();
void bench_segments();

}  // namespace raiten::bench

#pragma once

/// The parts of bench_scoring, each in a file of its name.
namespace raiten::bench {

void bench_next_visit();

}  // namespace raiten::bench

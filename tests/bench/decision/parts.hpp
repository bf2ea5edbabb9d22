#pragma once

/// The parts of the decision bench.
namespace raiten::bench {

void bench_effects();

}  // namespace raiten::bench

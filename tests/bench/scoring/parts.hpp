#pragma once

/// The parts of the benchmark of scoring: each prints its lines.
void bench_propensity();
void bench_uplift();

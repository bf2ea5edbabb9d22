#pragma once

/// The parts of bench_scoring: each prints the lines of one kind of score.
void bench_propensity();

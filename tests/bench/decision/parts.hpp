#pragma once

/// The parts of bench_decision, each in a file of its name.
namespace raiten::bench {

void bench_arms();
void bench_nightly_segments();
void bench_segments();
void bench_off_policy();
/// A daily stock over simulated weeks, and what the limits of one decision cost.
void bench_pacing();
void bench_effects();
/// A film-rental chain's case, with people who are made up.
void bench_rental();
/// The same store's effect figures as the product reckons them, beside what was planted.
void bench_rental_figures();

}  // namespace raiten::bench

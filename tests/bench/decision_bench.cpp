#include "tests/bench/decision/parts.hpp"

int main()
{
    using namespace raiten::bench;
    bench_segments();
    bench_nightly_segments();
    bench_arms();
    bench_off_policy();
    bench_pacing();
    bench_effects();
    bench_rental();
    bench_rental_figures();
}

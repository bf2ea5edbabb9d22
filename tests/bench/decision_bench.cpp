#include "tests/bench/decision/parts.hpp"

/// Decisions: whether what is said of them is true, and how long it takes.
int main()
{
    raiten::bench::bench_off_policy();
}

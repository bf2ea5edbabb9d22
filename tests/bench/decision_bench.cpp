#include "tests/bench/decision/parts.hpp"

int main()
{
    raiten::bench::bench_effects();
}

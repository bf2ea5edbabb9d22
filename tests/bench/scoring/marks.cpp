#include "tests/bench/scoring/parts.hpp"
#include "tests/scoring/peers/cross_sell.hpp"
#include "tests/scoring/peers/hold_out.hpp"
#include "tests/scoring/peers/next_visit.hpp"
#include "tests/scoring/peers/propensity.hpp"
#include "tests/scoring/peers/uplift.hpp"

#include <cstdio>

namespace raiten::bench {
namespace {

/// The ratio is above 1 where ours is the better one, whichever way that is.
void print_mark(const peers::Mark& mark)
{
    std::fprintf(stderr, "%s\n", mark.text().c_str());
    if (mark.ours == 0 || mark.peer_value == 0) return;
    const auto better = [&](double one, double other) {
        return mark.less_is_better ? other / one : one / other;
    };
    std::printf("%s\t%.6g\t\t%s\t%.6g\t%.3f\t%.3f\n", mark.name.c_str(), mark.ours,
                mark.peer.c_str(), mark.peer_value, better(mark.ours, mark.peer_value),
                better(mark.enough, mark.peer_value));
    std::fflush(stdout);
}

}  // namespace

void print_marks()
{
    for (const auto& marks :
         {&peers::hold_out_marks, &peers::next_visit_marks, &peers::cross_sell_marks,
          &peers::uplift_marks, &peers::propensity_marks})
        for (const auto& mark : marks()) print_mark(mark);
}

}  // namespace raiten::bench

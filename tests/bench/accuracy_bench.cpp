#include "tests/bench/accuracy/figures.hpp"
#include "tests/bench/bench.hpp"
#include <cstdlib>
using namespace raiten;
using namespace raiten::accuracy;
int main(int argc, char** argv)
{
    simulator::Scenario s;
    s.crowd = static_cast<simulator::Crowd>(argc > 1 ? std::atoi(argv[1]) : 1);
    s.advertising = Millis{std::int64_t(1000 * (argc > 2 ? std::atof(argv[2]) : 3))};
    s.reception = argc > 3 ? std::atof(argv[3]) : .6;
    const auto days = std::uint32_t(argc > 4 ? std::atoi(argv[4]) : 7);
    if (argc > 5) s.member_share = std::atof(argv[5]);
    const auto start = bench::worked_seconds();
    const auto book = keep_book(s, 1, days);
    const auto f = judge(book);
    const auto sh = [](const char* n, Share q) { std::printf("%s %zu/%zu = %.4f\n", n, q.hits, q.of, q.value().value_or(-1)); };
    std::printf("%.2f s, %zu events, truth %zu found %zu inaudible %zu unknown %zu false %zu fixtures %zu\n", bench::worked_seconds() - start, f.events, book.truth.size(), book.found.size(), f.inaudible, f.unknown, f.false_visits, f.of_fixtures);
    sh("recall>=5", f.whole.recall); sh("prec>=5", f.whole.precision); sh("recall 1-5", f.brief.recall); sh("prec 1-5", f.brief.precision);
    std::printf("entry %.1f exit %.1f\n", median(f.entry_seconds).value_or(-1), median(f.exit_seconds).value_or(-1));
    sh("ret recall", f.returns.recall); sh("ret prec", f.returns.precision); sh("told prec", f.told_returns.precision);
    sh("inferred wrong", f.inferred_wrong); sh("join", f.join);
    const auto& l = f.live;
    std::printf("triggers %zu wrong %zu after_named %zu after_alone %zu told_later %zu at_once %zu never %zu no_visit %zu\n", l.triggers, l.wrong, l.after_named, l.after_alone, l.told_later, l.revoked_at_once, l.never_told, l.no_visit);
}

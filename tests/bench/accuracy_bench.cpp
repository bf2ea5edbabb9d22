// Visits, returns and receipts of simulated stores, found by the engine with its default rules,
// beside what really happened. Standard error gets the tables as daemon/engine/ACCURACY.md keeps
// them.

#include "tests/bench/accuracy/table.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <future>
#include <string>
#include <vector>

using namespace raiten;
using namespace raiten::accuracy;
using simulator::Crowd;

namespace {

constexpr std::uint32_t days = 7;
constexpr std::uint64_t seeds = 3;
constexpr std::uint64_t bootstrap_seed = 1;
constexpr std::array crowds{Crowd::quiet, Crowd::normal, Crowd::crowded};

/// A line as tests/bench/run reads it: more is better, so of an error the mark is beside what was
/// measured.
void print(const Line& line)
{
    const double least = 1e-6;  // an error of 0 is divided by
    const double ours = line.at_most ? line.mark : line.value;
    const double beside = line.at_most ? std::max(line.value, least) : line.mark;
    std::printf("%s%s\t%.4g\t%s\t%s\t%.4g\t%.6g\t1\n", line.name.c_str(),
                line.at_most ? " (at most)" : "", ours, line.unit.c_str(),
                line.at_most ? "measured" : "required", beside, ours / beside);
    std::fflush(stdout);
}

void print(const std::string& name, const Share& share, double mark, bool at_most = false)
{
    if (const auto value = share.value()) print({name, *value, "share", mark, at_most});
}

simulator::Scenario scenario_of(const Cell& cell)
{
    simulator::Scenario out;
    out.crowd = cell.crowd;
    out.advertising = cell.advertising;
    out.reception = cell.reception;
    return out;
}

/// Such a store for each seed, at the same time.
std::vector<Figures> stores(const simulator::Scenario& scenario)
{
    std::vector<std::future<Figures>> running;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed)
        running.push_back(std::async(std::launch::async, [&scenario, seed] {
            return judge(keep_book(scenario, seed, days));
        }));
    std::vector<Figures> out;
    for (auto& each : running) out.push_back(each.get());
    return out;
}

/// Returns of stores, for the interval over stores.
struct Returns {
    std::vector<Share> recall;
    std::vector<Share> precision;

    void add(const Found& store)
    {
        recall.push_back(store.recall);
        precision.push_back(store.precision);
    }
};

void print_returns(const std::string& name, const std::vector<Share>& stores)
{
    Share all;
    for (const auto& each : stores) all += each;
    const auto interval = bootstrap(stores, bootstrap_seed);
    if (!interval) return;
    print("returns, " + name, all, returns_mark);
    std::fprintf(stderr, "| %s | %s | %.3f to %.3f |\n", name.c_str(),
                 text_of(all, returns_mark).c_str(), interval->low, interval->high);
}

void print_live(const Live& live)
{
    const auto count = [](const char* what, std::size_t n) {
        std::fprintf(stderr, "| %s | %zu |\n", what, n);
    };
    std::fprintf(stderr, "\n| live triggers | |\n| --- | ---: |\n");
    count("all", live.triggers);
    count("wrong", live.wrong);
    count("… after a receipt that named the member (mark: 0)", live.after_named);
    count("… after a receipt that could be nobody else's (mark: 0)", live.after_alone);
    count("… whose receipt came later", live.told_later);
    count("… … revoked with it or one event after (mark: all)", live.revoked_at_once);
    count("… whose receipt told nobody", live.never_told);
    count("… where somebody who went by was taken for a visit, now or before", live.no_visit);
    const auto none = [&](const char* name, std::size_t n) {
        print({name, static_cast<double>(n), "triggers", 0, true});
    };
    none("live triggers after a receipt that named the member", live.after_named);
    none("live triggers after a receipt of nobody else", live.after_alone);
    print("wrong live triggers revoked with their receipt", {live.revoked_at_once, live.told_later},
          1);
}

/// Every crowd, interval and reception: a row each over all seeds.
void visits(Live& live)
{
    Returns whole, told;
    std::fprintf(stderr,
                 "| cell | ≥ 5 min: recall | precision | 1–5 min: recall | precision | entry, s | "
                 "exit, s | unknown |\n"
                 "| --- | --- | --- | --- | --- | --- | --- | ---: |\n");
    for (const auto crowd : crowds)
        for (const int seconds : {1, 2, 5, 10})
            for (const double reception : {0.3, 0.6, 0.9}) {
                const Cell cell{crowd, std::chrono::seconds{seconds}, reception};
                Figures sum;
                for (const auto& store : stores(scenario_of(cell))) {
                    whole.add(store.returns);
                    told.add(store.told_returns);
                    sum += store;
                }
                for (const auto& line : lines_of(cell, sum)) print(line);
                const auto mark = whole_mark(cell);
                std::fprintf(
                    stderr, "| %s | %s | %s | %s | %s | %s | %s | %zu |\n", name_of(cell).c_str(),
                    text_of(sum.whole.recall, mark).c_str(),
                    text_of(sum.whole.precision, mark).c_str(),
                    text_of(sum.brief.recall, brief_mark).c_str(),
                    text_of(sum.brief.precision, brief_mark).c_str(),
                    text_of_error(median(sum.entry_seconds), entry_limit_seconds(cell)).c_str(),
                    text_of_error(median(sum.exit_seconds), exit_limit_seconds(cell)).c_str(),
                    sum.unknown);
                live += sum.live;
            }
    std::fprintf(stderr,
                 "\n| non-purchase returns | share | 95 %% over stores |\n"
                 "| --- | --- | --- |\n");
    print_returns("recall", whole.recall);
    print_returns("precision", whole.precision);
    print_returns("precision where the sale before named its buyer", told.precision);
}

/// Who is given receipts without a name, by how many of the receipts are members'.
void receipts(Live& live)
{
    std::fprintf(stderr,
                 "\n| members' share of receipts | given to the wrong one | members' sales "
                 "without a name that found their visit |\n| --- | --- | --- |\n");
    for (const double share : {0.1, 0.3, 0.6}) {
        Figures sum;
        for (const auto crowd : crowds) {
            simulator::Scenario scenario;
            scenario.crowd = crowd;
            scenario.member_share = share;
            for (const auto& store : stores(scenario)) sum += store;
        }
        const auto name = std::to_string(static_cast<int>(share * 100)) + " %";
        print("receipts inferred wrongly at " + name, sum.inferred_wrong, inferred_wrong_mark,
              true);
        std::fprintf(stderr, "| %s | %s | %s |\n", name.c_str(),
                     text_of(sum.inferred_wrong, inferred_wrong_mark, true).c_str(),
                     text_of(sum.join, 0).c_str());
        live += sum.live;
    }
}

}  // namespace

int main()
{
    Live live;
    visits(live);
    receipts(live);
    print_live(live);
}

#include "tests/ledger/support.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

using namespace raiten;
using namespace raiten::ledger;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t in_flight_max = 40;

/// What one batch writes, in four tables: a half batch would show.
Batch numbered(std::uint64_t number, MemberId member)
{
    std::mt19937_64 random{number};
    Batch batch;
    batch.engine_time = at(Millis{number});
    batch.journal.push_back(
        {*batch.engine_time, *batch.engine_time, "checkin", std::to_string(number)});
    batch.stream.push_back({number, *batch.engine_time, "t", std::to_string(number), "{}"});
    batch.outbox.push_back({Lane::coupon, number, "t", std::to_string(number), {}, {}});
    auto visit = some_visit(random, member, "m-1", static_cast<std::uint32_t>(number));
    visit.id = VisitId{number};
    batch.visits.push_back(visit);
    return batch;
}

/// The child: commits on and on, and says which numbers were acknowledged, until it is killed.
[[noreturn]] void write_until_killed(const std::string& path, std::uint64_t next, int pipe) noexcept
{
    TestLoop loop;
    const auto opened = value(Ledger::open(options_for(path), loop.post()));
    auto& ledger = *opened;
    MemberId member{1};
    if (next == 1) {
        bool done = false;
        const auto ids = ledger.enrol({{"m-1", false, true, {}, {token(1)}}},
                                      [&](const Result<void>&) { done = true; });
        if (!ids.has_value() || !loop.run_until([&] { return done; })) ::_exit(4);
    }
    std::uint64_t acknowledged = next - 1;
    for (;; ++next) {
        ledger.commit(numbered(next, member), [&, next](const Result<void>& how) {
            if (how.has_error() || ::write(pipe, &next, sizeof next) != sizeof next) ::_exit(5);
            acknowledged = next;
        });
        if (!loop.run_until([&] { return next - acknowledged < in_flight_max; })) ::_exit(6);
    }
}

/// Starts a child, waits for `acks` acknowledged numbers, kills it, and gives the last of all
/// numbers that it had acknowledged by then.
std::uint64_t round_of(const std::string& path, std::uint64_t next, std::uint64_t acks)
{
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const auto child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        ::close(ends[0]);
        write_until_killed(path, next, ends[1]);
    }
    ::close(ends[1]);
    std::uint64_t last = next - 1;
    std::uint64_t number = 0;
    while (::read(ends[0], &number, sizeof number) == sizeof number) {
        CHECK(number == last + 1);
        last = number;
        if (last == next - 1 + acks) ::kill(child, SIGKILL);
    }
    ::close(ends[0]);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    REQUIRE(WTERMSIG(status) == SIGKILL);
    return last;
}

}  // namespace

TEST_CASE("crash: kill -9 loses nothing that was acknowledged and leaves no half batch", "[ledger]")
{
    const auto seed = 20'261'122u;
    INFO("seed " << seed);
    std::mt19937_64 random{seed};
    TempFolder folder;
    const auto path = folder.file("ledger.db");
    std::uint64_t next = 1;
    for (int round = 0; round < 30; ++round) {
        INFO("round " << round << ", from batch " << next);
        const auto last = round_of(path, next, 1 + random() % 120);

        TestLoop loop;
        const auto opened = value(Ledger::open(options_for(path), loop.post()));
        auto& ledger = *opened;
        const auto written = ledger.next_cursor() - 1;
        CHECK(written >= last);
        CHECK(written <= last + in_flight_max + 1);
        CHECK(value(ledger.lane_head(Lane::coupon)).next == written + 1);
        CHECK(ledger.engine_time() == at(Millis{written}));
        const auto journal = value(ledger.journal_after(next - 1, 10'000));
        REQUIRE(journal.size() == written - next + 1);
        for (const auto& row : journal) CHECK(row.entry.payload == std::to_string(row.row));
        const auto visits = value(ledger.visits_of(MemberId{1}, 1000));
        CHECK(visits.size() == std::min<std::uint64_t>(written, 1000));
        CHECK(visits.front().id == VisitId{written});
        next = written + 1;
    }
}

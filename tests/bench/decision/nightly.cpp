#include "daemon/ledger/database.hpp"
#include "daemon/ledger/nightly_segment.hpp"
#include "daemon/ledger/schema.hpp"
#include "tests/bench/bench.hpp"
#include "tests/bench/decision/parts.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

/// A segment over a whole ledger: one million members with scores, in a real file.
namespace raiten::bench {
namespace {

constexpr double seconds_max = 2;
constexpr Instant now{std::chrono::days{20'780}};

/// Members as the tables have them, with habits of the size that a year of visits leaves.
void fill(ledger::Database& database)
{
    database.begin();
    database.run(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000)"
        " INSERT INTO member(id, name, kinds, staff, consent, birth_month, visits, settled_visits,"
        " purchases, spend, currency, first_visit_at, last_purchase_at, last_visit, last_left_at,"
        " last_streak)"
        " SELECT i, printf('m-%08x%08x', i * 2654435761 % 4294967296, i), 4, i % 500 = 0,"
        " i % 50 <> 0, i % 12 + 1, i % 40, i % 40, i % 17, (i % 9000) * 10000, 'JPY',"
        " ?1 - (i % 800) * 86400000, CASE WHEN i % 17 > 0 THEN ?1 - (i % 300) * 86400000 END, i,"
        " ?1 - (i % 250) * 86400000, i % 4 FROM n",
        now);
    database.run(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000)"
        " INSERT INTO score(member, at, stage, stage_changes, habits, rfm_r, rfm_f, rfm_m,"
        " recency_days, frequency, monetary, x, t_x, t_total, p_alive, expected_purchases,"
        " expected_spend, ltv, p_purchase, next_visit_at, next_visit_lo, next_visit_hi, p_visit_7d,"
        " visit_hour_from, visit_hour_to, after_visits, first_expected)"
        " SELECT i, ?1, i % 6, 3, zeroblob(400), i % 5 + 1, i / 5 % 5 + 1, i / 25 % 5 + 1, i % 300,"
        " i % 17, (i % 9000) * 5000, i % 17, i % 200 * 1.0, i % 400 * 1.0, (i % 997) / 997.0,"
        " (i % 83) / 10.0, 1500.0 + i % 700, (i % 12000) * 1.0, (i % 89) / 89.0,"
        " ?1 + (i % 30) * 86400000, ?1, ?1 + (i % 60) * 86400000, (i % 79) / 79.0, 10.0, 13.0,"
        " i % 40, 20781 FROM n",
        now);
    if (const auto done = database.commit(); !done) {
        std::fprintf(stderr, "%s\n", done.error().text().c_str());
        std::abort();
    }
}

}  // namespace

void bench_nightly_segments()
{
    std::string folder =
        (std::filesystem::temp_directory_path() / "raiten-segments-XXXXXX").string();
    if (::mkdtemp(folder.data()) == nullptr) std::abort();
    {
        auto opened = ledger::Database::open(folder + "/ledger.sqlite",
                                             ledger::Database::Access::read_write, Millis{1000});
        if (!opened || !ledger::bring_up_to_date(**opened)) std::abort();
        fill(**opened);
        const std::atomic<bool> cancelled{};
        for (const char* where :
             {"days_since_visit > 90 AND purchases > 0",
              "stage IN ('core', 'middle') AND rfm_m >= 4 AND p_visit_7d > 0.3",
              "ltv > 5000 AND p_alive < 0.5 AND days_since_purchase BETWEEN 30 AND 200"}) {
            std::size_t members = 0;
            const double seconds = best_seconds(
                [&] {
                    members = 0;
                    const auto read = ledger::each_in_segment(
                        **opened, where, now, MemberId{0},
                        [&](const ledger::InSegment& each) {
                            keep(each);
                            ++members;
                            return true;
                        },
                        cancelled);
                    if (!read) {
                        std::fprintf(stderr, "%s\n", read.error().text().c_str());
                        std::abort();
                    }
                },
                3);
            const auto name = "1,000,000 members, " + std::to_string(members) + " in: " + where;
            print(name.c_str(), 1 / seconds, "segments/s", {"required", 1 / seconds_max}, 1);
        }
    }
    std::filesystem::remove_all(folder);
}

}  // namespace raiten::bench

#include "daemon/ledger/segments.hpp"
#include "daemon/decision/decisions.hpp"
#include "tests/bench/bench.hpp"
#include "tests/bench/decision/parts.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

/// What a decision costs beside the one combined statement that it needs.
namespace raiten::bench {
namespace {

constexpr int rounds = 4000;
constexpr int calls_a_round = 8;
constexpr double decision_us_max = 20;
constexpr std::optional most_beside{1 / 1.3};  ///< a decision, of the bare statement

/// What campaigns ask, with numbers of their own each so that no two are the same.
std::string typical(std::size_t n)
{
    const auto k = std::to_string(1 + n / 10);
    switch (n % 10) {
        case 0:
            return "streak >= " + k + " AND rfm_m >= 3 AND stage <> 'new'";
        case 1:
            return "days_since_visit > 9" + k;
        case 2:
            return "stage = 'dormant' AND ltv > 500" + k;
        case 3:
            return "visits >= 5" + k + " AND purchases = 0";
        case 4:
            return "stage IN ('core', 'middle') AND p_alive > 0.9" + k;
        case 5:
            return "spend > 1000" + k + " AND days_since_purchase > 30";
        case 6:
            return "hour BETWEEN " + k + " AND 12 AND zone = 'floor'";
        case 7:
            return "birth_month = 1" + k;
        case 8:
            return "coalesce(days_since_purchase, 999) > 60" + k + " AND rfm_r <= 2";
        default:
            return "p_visit_7d < 0.2" + k + " AND ltv > 1000";
    }
}

ScoreCard some_card()
{
    ScoreCard card;
    card.member = "m-000017";
    card.zone = "register";
    card.visits = 23;
    card.purchases = 9;
    card.spend = Money::from_units(8'450);
    card.streak = 1;
    card.days_since_visit = 12.5;
    card.days_since_purchase = 26.25;
    card.hour = 17.5;
    card.birth_month = 4;
    card.stage = Stage::core;
    card.rfm_r = 3;
    card.rfm_m = 2;
    card.p_alive = 0.83;
    card.ltv = 950.0;
    card.p_visit_7d = 0.31;
    return card;
}

/// The median of some thousand rounds, in microseconds a call.
template <class Work>
double median_us(const Work& work)
{
    std::vector<double> times;
    for (int n = 0; n < rounds; ++n) {
        const auto start = std::chrono::steady_clock::now();
        for (int i = 0; i < calls_a_round; ++i) work();
        const std::chrono::duration<double, std::micro> took =
            std::chrono::steady_clock::now() - start;
        times.push_back(took.count() / calls_a_round);
    }
    std::nth_element(times.begin(), times.begin() + rounds / 2, times.end());
    return times[rounds / 2];
}

enum class Form : std::uint8_t {
    truths,  ///< (w1) IS TRUE, (w2) IS TRUE, …
    cases,   ///< CASE WHEN w1 THEN 1 END, …: AND and OR end early
};

/// The combined statement as one would write it by hand.
class Bare {
 public:
    Bare(const std::vector<std::string>& wheres, const ScoreCard& card, Form form) : card_{card}
    {
        sqlite3_open_v2(":memory:", &database_,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_NOMUTEX, nullptr);
        std::string answers;
        std::string all;
        for (const auto& where : wheres) {
            if (!answers.empty()) answers += ", ";
            answers += form == Form::truths ? "(" + where + ") IS TRUE"
                                            : "CASE WHEN " + where + " THEN 1 END";
            all += where + ' ';
        }
        std::string columns;
        for (const auto& column : card_columns()) {
            if (all.find(column.name) == std::string::npos) continue;
            used_.push_back(&column);
            columns += (used_.size() == 1 ? "CAST(?" : ", CAST(?") + std::to_string(used_.size())
                       + " AS " + std::string{column.type} + ") AS " + std::string{column.name};
        }
        const auto sql = "SELECT " + answers + " FROM (SELECT " + columns + ")";
        if (sqlite3_prepare_v3(database_, sql.c_str(), -1, SQLITE_PREPARE_PERSISTENT, &statement_,
                               nullptr)
            != SQLITE_OK) {
            std::fprintf(stderr, "%s\n", sqlite3_errmsg(database_));
            std::abort();
        }
    }
    ~Bare()
    {
        sqlite3_finalize(statement_);
        sqlite3_close(database_);
    }
    Bare(const Bare&) = delete;
    Bare& operator=(const Bare&) = delete;

    int run()
    {
        int place = 0;
        for (const auto* column : used_) {
            const auto value = column->of(card_);
            ++place;
            if (const auto* number = std::get_if<std::int64_t>(&value))
                sqlite3_bind_int64(statement_, place, *number);
            else if (const auto* real = std::get_if<double>(&value))
                sqlite3_bind_double(statement_, place, *real);
            else if (const auto* text = std::get_if<std::string_view>(&value))
                sqlite3_bind_text(statement_, place, text->data(), static_cast<int>(text->size()),
                                  SQLITE_STATIC);
            else
                sqlite3_bind_null(statement_, place);
        }
        sqlite3_step(statement_);
        int matched = 0;
        for (int i = 0; i < sqlite3_column_count(statement_); ++i)
            matched += sqlite3_column_int(statement_, i);
        sqlite3_reset(statement_);
        return matched;
    }

 private:
    const ScoreCard& card_;
    sqlite3* database_{};
    sqlite3_stmt* statement_{};
    std::vector<const CardColumn*> used_;
};

Campaign campaign(std::size_t n, Moment moment)
{
    Campaign out;
    out.id = "campaign-" + std::to_string(1000 + n);
    out.moment = moment;
    out.where = typical(n);
    out.offers.push_back({"A", {}, Money::from_units(100), Money::from_units(60), {}});
    out.offers.push_back({"B", {}, Money::from_units(200), Money::from_units(90), {}});
    out.per_member.push_back({2, std::chrono::hours{24 * 30}});
    out.per_store.push_back({1'000'000, {}});
    out.budget = Money::from_units(1'000'000'000);
    out.min_gap = std::chrono::hours{24};
    return out;
}

MemberRecord some_member()
{
    MemberRecord member;
    member.id = MemberId{17};
    member.name = "m-000017";
    return member;
}

/// 100 campaigns, of which the first `asked` have the moment.
void print_decision(std::size_t asked, bool one_matches)
{
    std::vector<Campaign> campaigns;
    std::vector<std::string> wheres;
    for (std::size_t n = 0; n < 100; ++n) {
        campaigns.push_back(campaign(n, n < asked ? Moment::visit_opened : Moment::purchased));
        if (n == 0 && one_matches) campaigns.back().where = "streak = 1 AND rfm_m < 3";
        if (n < asked) wheres.push_back(campaigns.back().where);
    }
    const auto card = some_card();
    ledger::SegmentMatcher matcher;
    const auto set = matcher.together(wheres);
    Decisions decisions{{{}, 1, 2}, campaigns};
    const auto member = some_member();
    StoreClock clock;
    const Occasion occasion{
        Moment::visit_opened, "v0000000000000001", {}, Instant{std::chrono::hours{493'000}}, {}};
    const auto decide = [&] {
        Asked ask;
        ask.look = [&]() -> Look { return {&card, set->matching(card)}; };
        ask.decided_before = [](CouponId) { return false; };
        ask.expected = [](const Campaign&, const ScoreCard&) { return Expected{}; };
        keep(decisions.decide(occasion, member, clock, ask));
    };
    Bare truths{wheres, card, Form::truths};
    Bare cases{wheres, card, Form::cases};
    const double bare = median_us([&] { keep(truths.run()); });
    const double quick = median_us([&] { keep(cases.run()); });
    const double ours = median_us([&] { keep(set->matching(card)); });
    const double whole = median_us(decide);
    const std::string name = std::to_string(asked) + " of 100 have the moment, "
                             + (one_matches ? "one decided" : "none decided") + ": ";
    const auto say = [&](const std::string& what, double us, const char* beside, double limit_us,
                         std::optional<double> required = {}) {
        print((name + what).c_str(), 1 / us, "M/s", {beside, 1 / limit_us}, required);
    };
    say("matching", ours, "IS TRUE by hand", bare);
    say("matching", ours, "CASE by hand", quick);
    say("decide()", whole, "IS TRUE by hand", bare, one_matches ? std::nullopt : most_beside);
    say("decide()", whole, "CASE by hand", quick);
    if (asked <= 20)
        say("decide()", whole, "required", decision_us_max, 1);
    else
        say("decide()", whole, "20 us", decision_us_max);
    if (matcher.failures() > 0) std::abort();
}

}  // namespace

void bench_segments()
{
    for (const std::size_t asked : {1U, 5U, 20U, 100U}) {
        print_decision(asked, false);
        print_decision(asked, true);
    }
}

}  // namespace raiten::bench

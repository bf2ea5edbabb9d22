#include "daemon/ledger/histories.hpp"

#include "daemon/ledger/database.hpp"
#include "daemon/model/records.hpp"

#include <algorithm>
#include <tuple>

namespace raiten::ledger {
namespace {

constexpr Millis patience{1000};

/// Follows the chain of a member's rows backwards from `row`.
MemberHistory history_of(Database& database, MemberId member, std::optional<std::int64_t> row)
{
    MemberHistory out;
    out.member = member;
    while (row && database.ok() && out.visits.size() < visits_of_one_max) {
        auto at = database.query(
            "SELECT previous, ordinal, state, opened_at, close_reason, streak, outcome, spend"
            " FROM visit WHERE row = ?",
            *row);
        if (!at.next()) break;  // pruned from here on
        const auto previous = at.get<std::optional<std::int64_t>>();
        if (previous && *previous >= *row) {
            database.damaged("visit row " + std::to_string(*row) + " points forward");
            break;
        }
        row = previous;
        SettledVisit visit;
        visit.ordinal = at.get<std::uint32_t>();
        if (visit.ordinal == 0) out.complete = true;
        if (at.get<VisitState>() != VisitState::settled) continue;
        visit.opened_at = at.get<Instant>();
        if (at.get<std::optional<CloseReason>>() == CloseReason::withdrawn) continue;
        visit.streak = at.get<std::uint32_t>();
        visit.purchase = at.get<VisitOutcome>() == VisitOutcome::purchase;
        const auto spend = at.get<Money>();
        if (visit.purchase) visit.spend = spend;
        out.visits.push_back(visit);
    }
    std::sort(out.visits.begin(), out.visits.end(), [](const auto& a, const auto& b) {
        return std::tie(a.opened_at, a.ordinal) < std::tie(b.opened_at, b.ordinal);
    });
    return out;
}

}  // namespace

void each_member(Database& database, const std::function<bool(const MemberHistory&)>& take)
{
    auto members = database.query(
        "SELECT id, last_visit FROM member WHERE last_visit IS NOT NULL ORDER BY id");
    while (members.next()) {
        const auto member = members.get<MemberId>();
        const auto history =
            history_of(database, member, members.get<std::optional<std::int64_t>>());
        if (!database.ok() || !take(history)) return;
    }
}

std::vector<SurveyDay> survey_days(Database& database, Instant from, Instant to)
{
    std::vector<SurveyDay> out;
    auto rows = database.query(
        "SELECT day, score, count(*) FROM survey WHERE at >= ? AND at < ?"
        " GROUP BY day, score ORDER BY day",
        from, to);
    while (rows.next()) {
        const auto day = rows.get<std::chrono::sys_days>();
        const auto score = rows.get<std::size_t>();
        if (out.empty() || out.back().day != day) out.push_back({day, {}});
        if (score < out.back().answers.size())
            out.back().answers[score] = rows.get<std::uint64_t>();
    }
    return out;
}

Histories::Histories(std::unique_ptr<Database> database) : database_{std::move(database)} {}
Histories::~Histories() = default;
Histories::Histories(Histories&&) noexcept = default;

Result<Histories> Histories::open(const std::string& path)
{
    auto opened = Database::open(path, Database::Access::read_only, patience);
    if (!opened) return opened.error();
    (*opened)->run("BEGIN");
    if (const auto begun = (*opened)->outcome(); !begun) return begun.error();
    return Histories{std::move(opened).value()};
}

Result<void> Histories::each_member(const std::function<bool(const MemberHistory&)>& take)
{
    ledger::each_member(*database_, take);
    return database_->outcome();
}

Result<std::vector<SurveyDay>> Histories::survey_days(Instant from, Instant to)
{
    auto days = ledger::survey_days(*database_, from, to);
    if (const auto read = database_->outcome(); !read) return read.error();
    return days;
}

}  // namespace raiten::ledger

#include "daemon/kpi/figures.hpp"

#include <catch2/catch.hpp>

using namespace raiten;
using namespace std::chrono_literals;

namespace {

const Instant ten{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + 10h};

VisitRecord visit(std::uint64_t id, std::uint64_t member, Instant at, const char* spend = nullptr,
                  std::uint32_t streak = 0)
{
    VisitRecord out;
    out.id = VisitId{id};
    out.member = MemberId{member};
    out.ordinal = static_cast<std::uint32_t>(id);
    out.opened_at = out.left_at = at;
    out.streak = streak;
    out.state = VisitState::settled;
    if (spend) {
        VisitReceipt receipt;
        receipt.total = *Money::parse(spend);
        receipt.currency = "JPY";
        out.receipts.push_back(receipt);
    }
    return out;
}

}  // namespace

TEST_CASE("figures: an hour is issued when its visits have had time to settle, and corrected later",
          "[kpi]")
{
    const StoreClock utc;
    Figures figures{utc, {20min, 36h}};
    CHECK_FALSE(figures.next_due());
    figures.note(visit(0, 1, ten + 5min), ten + 50min);
    figures.note(visit(1, 1, ten + 30min, "500", 1), ten + 50min);
    figures.note_passer_by(ten + 40min, ten + 50min);
    REQUIRE(figures.next_due() == ten + 1h + 20min);

    const auto first = figures.issue();
    CHECK(first.bucket == Summary::Bucket::hour);
    CHECK(first.from == ten);
    CHECK(first.to == ten + 1h);
    CHECK(first.revision == 1);
    CHECK(first.visits == 2);
    CHECK(first.members == 1);
    CHECK(first.new_members == 1);
    CHECK(first.passers_by == 1);
    CHECK(first.purchase_visits == 1);
    CHECK(first.non_purchase_visits == 1);
    CHECK(first.non_purchase_returns == 1);
    CHECK(first.returns_with_purchase == 1);
    CHECK(first.revenue == *Money::parse("500"));
    CHECK(first.visits_to_purchase[1] == 1);
    CHECK(first.spend_by_visits_to_purchase[1] == *Money::parse("500"));

    // A void, after the hour was told: the same hour again, at the next full hour + delay.
    auto undone = visit(1, 1, ten + 30min, "500", 1);
    undone.receipts[0].undone = undone.receipts[0].total;
    figures.note(undone, ten + 1h + 30min);
    REQUIRE(figures.next_due() == ten + 2h + 20min);
    const auto second = figures.issue();
    CHECK(second.from == ten);
    CHECK(second.revision == 2);
    CHECK(second.purchase_visits == 0);
    CHECK(second.revenue == Money{});

    REQUIRE(figures.next_due() == std::chrono::floor<std::chrono::days>(ten) + 24h + 20min);
    const auto day = figures.issue();
    CHECK(day.bucket == Summary::Bucket::day);
    CHECK(day.visits == 2);
    CHECK_FALSE(figures.next_due());
}

TEST_CASE("figures: a visit that was withdrawn is in none", "[kpi]")
{
    const StoreClock utc;
    Figures figures{utc, {20min, 36h}};
    figures.note(visit(0, 1, ten), ten + 50min);
    auto gone = visit(0, 1, ten);
    gone.close_reason = CloseReason::withdrawn;
    figures.note(gone, ten + 50min);
    CHECK(figures.issue().visits == 0);
}

TEST_CASE("figures: what was issued before a restart is not issued again", "[kpi]")
{
    const StoreClock utc;
    Figures before{utc, {20min, 36h}};
    before.note(visit(0, 1, ten), ten + 50min);
    before.note_passer_by(ten, ten + 50min);
    const auto hour = before.issue();
    const auto unissued = before.unissued();
    REQUIRE(unissued.size() == 1);  // the day

    Figures after{utc, {20min, 36h}};
    after.note(visit(0, 1, ten), ten + 50min);
    after.restore(hour);
    after.restore(unissued[0]);
    after.restored(ten + 2h);
    REQUIRE(after.next_due() == std::chrono::floor<std::chrono::days>(ten) + 24h + 20min);
    const auto day = after.issue();
    CHECK(day.bucket == Summary::Bucket::day);
    CHECK(day.revision == 1);
    CHECK(day.passers_by == 1);
}

TEST_CASE("figures: a day that is over for good is not told again after a restart", "[kpi]")
{
    const StoreClock utc;
    Figures after{utc, {20min, 36h}};
    after.note(visit(0, 1, ten), ten + 48h);  // it came along with the visits that can still change
    after.restored(ten + 72h);
    CHECK_FALSE(after.next_due());
}

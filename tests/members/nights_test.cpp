#include "daemon/app/model_store.hpp"
#include "daemon/app/store_clock.hpp"
#include "daemon/base/archive.hpp"
#include "daemon/ledger/score_table.hpp"
#include "daemon/scoring/card.hpp"
#include "tests/members/town.hpp"

#include <algorithm>
#include <cmath>
#include <set>

/// What a night leaves of a store, and what it must leave alone.
using namespace raiten;
using namespace raiten::test;
using namespace std::chrono_literals;

namespace {

constexpr Millis day = 24h;

Instant night(int after)
{
    return Town::start + after * day + 3h + 30min;
}

std::set<std::string> as_set(const std::vector<std::string>& all)
{
    return {all.begin(), all.end()};
}

std::optional<scoring::Models> models_of(Shelf& shelf)
{
    return ledger::value(app::models_in_force(
        [&](const std::string& kind) -> Result<std::optional<ledger::ModelRow>> {
            return ledger::model_of(shelf.database(), kind);
        },
        night_rules().training.cards));
}

std::optional<ledger::StoredScore> stored(Shelf& shelf, std::uint64_t member)
{
    return ledger::score_of(shelf.database(), MemberId{member});
}

/// Cards that these models make of what the last night left.
std::string cards_by(Shelf& shelf, const scoring::Models& models, std::size_t members, Instant at)
{
    std::string all;
    for (std::uint64_t member = 1; member <= members; ++member) {
        const auto kept = stored(shelf, member);
        if (!kept || !kept->habits) continue;
        ScoreCard card;
        scoring::score(card, *kept->habits, models, scoring::today_at(at, StoreClock{}));
        all += text_of(card);
    }
    return all;
}

void leave_out(Shelf& shelf, std::uint64_t member, bool out)
{
    shelf.database().run("UPDATE member SET consent = ? WHERE id = ?", !out, MemberId{member});
    REQUIRE(shelf.database().ok());
}

}  // namespace

TEST_CASE("nights: over the ledger and over a replay's memory they are one, to the bit", "[nights]")
{
    const auto seed = GENERATE(1U, 2U, 3U);
    INFO("seed " << seed);
    const Town town{seed, 60, 150};
    Shelf shelf;
    app::MemoryMembers memory;
    std::shared_ptr<const scoring::Models> kept, remembered;
    std::size_t moves = 0;
    for (const int at : {60, 61, 90, 130}) {
        INFO("night " << at);
        town.write(shelf, night(at));
        town.write(memory, night(at));
        const auto one = night_over(shelf, night(at), kept.get());
        const auto other = night_over(memory, night(at), remembered.get());
        REQUIRE(one.out.has_value());
        REQUIRE(other.out.has_value());
        CHECK(one.cards.size() > 50);
        CHECK(one.cards == other.cards);
        CHECK(one.habits == other.habits);
        CHECK(one.moves == other.moves);
        moves += one.moves.size();
        kept = one.out->models;
        remembered = other.out->models;
        CHECK(kept->purchases.has_value());
    }
    CHECK(moves > 10);
}

TEST_CASE("nights: a first scoring is silent, and the same night again changes nothing", "[nights]")
{
    const Town town{4, 60, 150};
    Shelf shelf;
    town.write(shelf, night(80));
    const auto first = night_over(shelf, night(80), nullptr);
    REQUIRE(first.out.has_value());
    CHECK(first.moves.empty());
    const auto models = first.out->models;
    const auto again = night_over(shelf, night(80), nullptr);
    CHECK(again.cards == first.cards);
    CHECK(again.habits == first.habits);
    CHECK(again.moves.empty());

    town.write(shelf, night(120));
    const auto later = night_over(shelf, night(120), models.get());
    CHECK(later.moves.size() > 5);
    // Those who came in between are scored for the first time.
    for (const auto& [member, card] : later.cards)
        if (!first.cards.contains(member))
            CHECK(std::none_of(later.moves.begin(), later.moves.end(), [&](const auto& move) {
                return move.starts_with("m" + std::to_string(member) + " ");
            }));
    const auto repeated = night_over(shelf, night(120), models.get());
    CHECK(repeated.cards == later.cards);
    CHECK(repeated.moves.empty());
}

TEST_CASE("nights: who is left out loses the score and moves nowhere", "[nights]")
{
    const Town town{5, 20, 100};
    Shelf shelf;
    town.write(shelf, night(50));
    const auto first = night_over(shelf, night(50), nullptr);
    REQUIRE(first.cards.contains(7));
    leave_out(shelf, 7, true);
    const auto second = night_over(shelf, night(200), nullptr);
    CHECK(second.unscored == std::vector<std::uint64_t>{7});
    CHECK_FALSE(second.cards.contains(7));
    CHECK_FALSE(stored(shelf, 7)->scored);
    CHECK_FALSE(stored(shelf, 7)->habits.has_value());
    const auto is_seven = [](const auto& move) { return move.starts_with("m7 "); };
    CHECK(std::none_of(second.moves.begin(), second.moves.end(), is_seven));
    CHECK(second.moves.size() > 10);  // everybody else has been gone for months
    CHECK(night_over(shelf, night(201), nullptr).unscored.empty());

    leave_out(shelf, 7, false);
    const auto back = night_over(shelf, night(202), nullptr);
    CHECK(back.cards.contains(7));
    CHECK(std::none_of(back.moves.begin(), back.moves.end(), is_seven));
}

TEST_CASE("nights: what retention lets go of is remembered in habits", "[nights]")
{
    const Town town{6, 60, 150};
    Shelf whole, pruned;
    for (auto* shelf : {&whole, &pruned}) {
        town.write(*shelf, night(100));
        REQUIRE(night_over(*shelf, night(100), nullptr).out.has_value());
        town.write(*shelf, night(140));
    }
    pruned.database().run("DELETE FROM visit WHERE opened_at < ?", night(75));
    REQUIRE(pruned.database().ok());
    const auto one = night_over(whole, night(140), nullptr);
    const auto other = night_over(pruned, night(140), nullptr);
    REQUIRE(one.out.has_value());
    REQUIRE(other.out.has_value());
    CHECK(other.habits == one.habits);
    CHECK(other.unscored.empty());
    CHECK(other.moves.size() > 5);

    // Also when nothing of anybody is kept any more.
    pruned.database().run("DELETE FROM visit");
    REQUIRE(pruned.database().ok());
    const auto none = night_over(pruned, night(141), nullptr);
    CHECK(none.unscored.empty());
    CHECK(none.cards.size() == one.cards.size());
}

TEST_CASE("nights: one broken off between slices is finished by the next, each move told once",
          "[nights]")
{
    const Town town{7, 400, 60};
    Shelf cut, whole;
    for (auto* shelf : {&cut, &whole}) {
        town.write(*shelf, night(30));
        REQUIRE(night_over(*shelf, night(30), nullptr).slices > 2);
        town.write(*shelf, night(60));
    }
    const auto uncut = night_over(whole, night(60), nullptr);
    const auto begun = night_over(cut, night(60), nullptr, 2);
    CHECK_FALSE(begun.out.has_value());
    CHECK(begun.cards.size() > 0);
    CHECK(begun.cards.size() < uncut.cards.size());
    const auto finished = night_over(cut, night(60), nullptr);
    CHECK(finished.cards == uncut.cards);

    auto moves = begun.moves;
    CHECK_FALSE(moves.empty());
    moves.insert(moves.end(), finished.moves.begin(), finished.moves.end());
    CHECK(as_set(moves).size() == moves.size());
    CHECK(as_set(moves) == as_set(uncut.moves));
}

TEST_CASE("nights: a past that has lost its receipts does not replace a good model", "[nights]")
{
    const Town town{8, 300, 200};
    Shelf shelf;
    town.write(shelf);
    const auto good = night_over(shelf, night(200), nullptr);
    REQUIRE(good.out.has_value());
    REQUIRE(good.out->models->purchases.has_value());

    shelf.database().run("UPDATE visit SET outcome = 0, spend = 0 WHERE member % 50 <> 0");
    REQUIRE(shelf.database().ok());
    const auto bad = night_over(shelf, night(201), good.out->models.get());
    REQUIRE(bad.out.has_value());
    const auto& rows = bad.out->versions;
    for (const std::string kind : {"buying", "spend"}) {
        const auto row = std::find_if(rows.begin(), rows.end(),
                                      [&](const auto& each) { return each.kind == kind; });
        REQUIRE(row != rows.end());
        INFO(kind << ": " << row->reason);
        CHECK_FALSE(row->accepted);
        CHECK_FALSE(row->reason.empty());
    }
    CHECK(bad.out->models->purchases->model.parameters
          == good.out->models->purchases->model.parameters);
    CHECK(bad.out->models->spend->model.p == good.out->models->spend->model.p);
    for (const auto& [member, card] : bad.cards) CHECK(card.find("nan") == std::string::npos);
    // What is in force after a restart is the good one too.
    CHECK(models_of(shelf)->purchases->model.parameters
          == good.out->models->purchases->model.parameters);
}

TEST_CASE("nights: models taken up again make the same cards to the bit", "[nights]")
{
    const Town town{9, 80, 150};
    Shelf shelf;
    town.write(shelf);
    const auto last = night_over(shelf, night(150), nullptr);
    REQUIRE(last.out.has_value());
    const auto again = models_of(shelf);
    REQUIRE(again.has_value());
    CHECK(again->purchases.has_value());
    CHECK(again->spend.has_value());
    CHECK(cards_by(shelf, *again, 80, night(152))
          == cards_by(shelf, *last.out->models, 80, night(152)));
}

TEST_CASE("nights: bodies of another version are left out until the next night", "[nights]")
{
    const Town town{10, 80, 150};
    Shelf shelf;
    town.write(shelf);
    const auto last = night_over(shelf, night(150), nullptr);
    shelf.database().run("UPDATE model SET body = CAST('of another version' AS BLOB)");
    shelf.database().run("UPDATE score SET habits = CAST('likewise' AS BLOB)");
    REQUIRE(shelf.database().ok());
    const auto none = models_of(shelf);
    REQUIRE(none.has_value());
    CHECK_FALSE(none->purchases.has_value());
    CHECK_FALSE(none->spend.has_value());
    REQUIRE(stored(shelf, 1).has_value());
    CHECK_FALSE(stored(shelf, 1)->habits.has_value());

    const auto next = night_over(shelf, night(150), &*none);
    CHECK(next.habits == last.habits);
    CHECK(next.moves.empty());
    REQUIRE(next.out.has_value());
    CHECK(next.out->models->purchases->model.parameters
          == last.out->models->purchases->model.parameters);
    CHECK(models_of(shelf)->purchases.has_value());
}

TEST_CASE("nights: damaged bodies are refused or make cards, and never more than that", "[nights]")
{
    const Town town{11, 40, 120};
    Shelf shelf;
    town.write(shelf);
    REQUIRE(night_over(shelf, night(120), nullptr).out.has_value());
    std::map<std::string, ledger::ModelRow> rows;
    for (const std::string kind : {"rfm", "buying", "spend", "churn", "rhythm"})
        if (auto row = ledger::model_of(shelf.database(), kind)) rows[kind] = std::move(*row);
    REQUIRE(rows.size() >= 4);
    ArchiveWriter writer;
    writer(*stored(shelf, 1)->habits);
    const auto habits = writer.bytes();

    const auto seed = 20261123U;
    INFO("seed " << seed);
    stage::Dice dice{seed};
    const auto damaged = [&](std::string bytes) {
        for (auto flips = 1 + dice.below(3); flips > 0 && !bytes.empty(); --flips)
            bytes[dice.below(bytes.size())] ^= static_cast<char>(1U << dice.below(8));
        if (dice.below(8) == 0) bytes.resize(dice.below(bytes.size() + 1));
        return bytes;
    };
    const auto today = scoring::today_at(night(125), StoreClock{});
    const auto good = models_of(shelf);
    std::size_t refused = 0, taken = 0;
    for (int round = 0; round < 600; ++round) {
        INFO("round " << round);
        const auto models = ledger::value(app::models_in_force(
            [&](const std::string& kind) -> Result<std::optional<ledger::ModelRow>> {
                const auto found = rows.find(kind);
                if (found == rows.end()) return std::optional<ledger::ModelRow>{};
                auto row = found->second;
                row.body = damaged(row.body);
                return std::optional{row};
            },
            night_rules().training.cards));
        REQUIRE(models.has_value());
        ScoreCard card;
        scoring::score(card, *stored(shelf, 3 + dice.below(38))->habits, *models, today);

        shelf.database().run("UPDATE score SET habits = ? WHERE member = 2", damaged(habits));
        const auto kept = stored(shelf, 2);
        REQUIRE(kept.has_value());
        ++(kept->habits ? taken : refused);
        if (!kept->habits) continue;
        ScoreCard other;
        scoring::score(other, *kept->habits, *good, today);
        CHECK(finite(other));
    }
    CHECK(refused > 100);
    CHECK(taken > 10);
}

TEST_CASE("nights: each date has one, also where the clocks change", "[nights]")
{
    const std::string zone = GENERATE("Europe/Berlin", "America/Sao_Paulo", "Africa/Cairo",
                                      "Australia/Lord_Howe", "Asia/Tokyo");
    const auto refresh_at = GENERATE(0min, 30min, 90min, 120min, 150min, 179min, 180min, 1439min);
    INFO(zone << " at " << refresh_at.count() << " min");
    const auto clock = ledger::value(app::make_store_clock(zone, 4h));
    for (const auto first : {std::chrono::sys_days{std::chrono::year{2018} / 10 / 30},
                             std::chrono::sys_days{std::chrono::year{2018} / 2 / 14},
                             std::chrono::sys_days{std::chrono::year{2026} / 3 / 26},
                             std::chrono::sys_days{std::chrono::year{2026} / 10 / 1},
                             std::chrono::sys_days{std::chrono::year{2026} / 10 / 22}}) {
        auto last = app::night_of(first, clock, refresh_at);
        for (Instant now = first; now < Instant{first} + 9 * day; now += 30min) {
            const auto newest = app::night_of(now, clock, refresh_at);
            const auto due = app::night_due(newest, clock, refresh_at);
            CHECK(due <= now);
            CHECK(now - due <= 25h);
            CHECK(app::night_of(due, clock, refresh_at) == newest);
            CHECK(app::night_of(due - 1ms, clock, refresh_at) == newest - std::chrono::days{1});
            CHECK((newest == last || newest == last + std::chrono::days{1}));
            last = newest;
        }
    }
}

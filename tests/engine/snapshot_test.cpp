#include "daemon/base/archive.hpp"
#include "tests/engine/random_day.hpp"
#include "tests/support/dice.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <set>

/// An engine that is cut anywhere and goes on from its snapshot is the engine that was not cut.
///
///     events    ──┬──────┬────────────┬────►   a
///     cut         │      │            │
///     events    ──┘ └────┘ └──────────┘ └──►   b: answers and final bytes as a's
using namespace raiten;
using namespace raiten::test;

namespace {

std::vector<Campaign> campaigns()
{
    Campaign first;
    first.id = "again";
    Offer offer;
    offer.code = "ten";
    offer.cost = *Money::parse("10");
    first.offers = {offer};
    first.control = 0.3;
    first.valid_for = std::chrono::hours{2};
    first.per_store = {{6, {}}};
    first.budget = *Money::parse("80");
    Campaign second = first;
    second.id = "rare";
    second.min_gap = std::chrono::hours{1};
    return {first, second};
}

/// All that an answer says, to the byte.
std::string bytes_of(const Consequence& out)
{
    ArchiveWriter w;
    w(out.verdict, out.reason, out.visits, out.members, out.coupons, out.coupon, out.visit,
      out.exits, out.timers_fired);
    for (const auto& effect : out.effects) {
        w(effect.at, StoreDay::text_of_effect(effect));
        if (const auto* issued = std::get_if<SummaryIssued>(&effect.what)) w(issued->summary);
        if (const auto* settled = std::get_if<VisitSettled>(&effect.what)) w(settled->visit);
        if (const auto* amended = std::get_if<VisitAmended>(&effect.what)) w(amended->visit);
    }
    return std::move(w).bytes();
}

std::string counts_of(const Engine& engine)
{
    ArchiveWriter w;
    w(engine.counts(), engine.decisions().standings(), engine.now());
    return std::move(w).bytes();
}

/// The story of a store in which what is triggered is shown and used, now and then.
struct Life {
    explicit Life(VisitRules rules = {}) : day{rules, campaigns()} {}

    StoreDay day;
    std::vector<std::string> answers;

    void tell(const Event& event)
    {
        day.tell(event);
        answers.push_back(bytes_of(day.last));
        const auto effects = day.last.effects;
        for (const auto& effect : effects) {
            const auto* coupon = std::get_if<CouponTriggered>(&effect.what);
            if (!coupon) continue;
            const auto id = coupon->coupon.id;
            const Instant now = event.received_at;
            if (id.value() % 2 == 0) day.tell({now, now, Delivery{id, "kiosk"}});
            answers.push_back(bytes_of(day.last));
            if (id.value() % 3 == 0) day.tell({now, now, Redemption{id, "till"}});
            answers.push_back(bytes_of(day.last));
        }
        if (answers.size() % 500 == 0) {
            ArchiveWriter w;
            const auto told = day.engine().checkpoint();
            w(told.visits, told.summaries, told.exits, day.engine().present());
            answers.push_back(std::move(w).bytes());
        }
    }
    void settle()
    {
        for (int n = 0; n < 100; ++n) {
            const auto due = day.engine().next_due();
            if (!due) break;
            tell({*due + Millis{1}, *due + Millis{1}, Tick{}});
        }
    }
    std::string members()
    {
        ArchiveWriter w;
        for (const auto* name : {"ann", "bob", "cid", "sue"}) w(day.member(name));
        return std::move(w).bytes();
    }
};

}  // namespace

TEST_CASE("property: an engine cut anywhere goes on from its snapshot as if it had not been",
          "[engine][property]")
{
    std::size_t coupons = 0;
    std::size_t learned = 0;
    for (std::uint32_t seed = 1; seed <= 24; ++seed) {
        INFO("seed " << seed);
        // Every second store has impatient rules: visits that last too long, staff, equipment.
        VisitRules rules;
        if (seed % 2 == 0) {
            rules.max_visit = std::chrono::minutes{12};
            rules.staff_hours = std::chrono::minutes{4};
            rules.lateness = std::chrono::minutes{1};
        }
        Life straight{rules};
        const auto events = random_days(straight.day, seed, 3);
        for (const auto& event : events) straight.tell(event);
        straight.settle();

        stage::Dice dice{seed};
        std::set<std::size_t> cuts;
        for (auto n = 1 + dice.below(40); n > 0; --n) cuts.insert(dice.below(events.size()));
        Life cut{rules};
        random_days(cut.day, seed, 3);
        for (std::size_t i = 0; i < events.size(); ++i) {
            if (cuts.contains(i)) {
                INFO("cut before event " << i);
                const auto before = cut.day.engine().snapshot();
                REQUIRE(cut.day.restart().has_value());
                REQUIRE(cut.day.engine().snapshot() == before);
            }
            cut.tell(events[i]);
        }
        cut.settle();

        REQUIRE(straight.answers.size() == cut.answers.size());
        for (std::size_t i = 0; i < straight.answers.size(); ++i) {
            INFO("answer " << i);
            REQUIRE(straight.answers[i] == cut.answers[i]);
        }
        REQUIRE(straight.members() == cut.members());
        REQUIRE(counts_of(straight.day.engine()) == counts_of(cut.day.engine()));
        REQUIRE(straight.day.engine().snapshot() == cut.day.engine().snapshot());
        for (const auto& effect : straight.day.effects)
            coupons += std::holds_alternative<CouponTriggered>(effect.what) ? 1U : 0U;
        for (const auto& model : straight.day.engine().exit_times())
            learned += model.visits > 0 ? 1U : 0U;
    }
    CHECK(coupons > 0);
    CHECK(learned > 0);
}

TEST_CASE("property: a snapshot that was cut short or damaged anywhere is refused",
          "[engine][property]")
{
    Life life;
    auto events = random_days(life.day, 1, 1);
    events.resize(events.size() / 2);
    for (const auto& event : events) life.tell(event);
    const auto bytes = life.day.engine().snapshot();
    for (std::size_t i = 0; i < bytes.size(); i += 1 + i / 50) {
        INFO("byte " << i << " of " << bytes.size());
        REQUIRE_FALSE(life.day.restart(bytes.substr(0, i)).has_value());
        auto damaged = bytes;
        damaged[i] = static_cast<char>(damaged[i] ^ 1);
        REQUIRE_FALSE(life.day.restart(damaged).has_value());
    }
    // And nothing came of it.
    CHECK(life.day.engine().snapshot() == bytes);
    CHECK(life.day.restart(bytes).has_value());
}

TEST_CASE("a snapshot belongs to the configuration that it was made under", "[engine]")
{
    StoreDay usual;
    usual.play("10:00-10:01 see ann door -60 10");
    const auto bytes = usual.engine().snapshot();

    VisitRules rules;
    rules.exit_timeout += std::chrono::minutes{1};
    StoreDay longer{rules};
    const auto refused = longer.restart(bytes);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().what
          == "the snapshot of the engine was made under another configuration");
    CHECK(longer.engine().unsettled() == 0);

    // Campaigns come and go.
    StoreDay with_campaigns{{}, campaigns()};
    CHECK(with_campaigns.restart(bytes).has_value());
    CHECK(with_campaigns.engine().unsettled() == 1);
}

TEST_CASE("a visit in the making survives: opened later, dated back to the first sighting",
          "[engine]")
{
    StoreDay day;
    CHECK(day.play("10:00:00 see ann door -60\n10:00:15 see ann door -60").empty());
    REQUIRE(day.restart().has_value());
    CHECK(day.play("10:00:30 see ann door -60")
          == std::vector<std::string>{"10:00:30 opened ann since 10:00:00 in entrance"});
}

TEST_CASE("a reader that nobody configured keeps its place", "[engine]")
{
    StoreDay day;
    const auto popup = *day.engine().reader("popup", false);
    REQUIRE(day.restart().has_value());
    CHECK(day.engine().reader("popup", false) == popup);
    CHECK(day.engine().info(popup).name == "popup");
    const Instant at{std::chrono::hours{24 * 365 * 56}};
    day.tell({at, at, CheckIn{popup, day.token("ann", TokenKind::card), ""}});
    CHECK(day.last_verdict == Verdict::accepted);
    REQUIRE(day.restart().has_value());
    CHECK(day.engine().info(popup).name == "popup");
}

#include "daemon/ledger/coupon_table.hpp"
#include "daemon/ledger/histories.hpp"
#include "daemon/ledger/member_table.hpp"
#include "daemon/ledger/schema.hpp"
#include "daemon/ledger/visit_table.hpp"
#include "tests/ledger/support.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <random>

using namespace raiten;
using namespace raiten::ledger;
using namespace std::chrono_literals;

namespace {

struct Written {
    std::vector<VisitRecord> visits;
    std::vector<CouponRecord> coupons;  ///< ascending by decision
    bool left_out{};
};

/// A visit every few hours, some of them with receipts at any time around it.
VisitRecord next_visit(std::mt19937_64& random, MemberId member, std::uint32_t ordinal,
                       Instant from)
{
    auto visit = some_visit(random, member, "m" + std::to_string(member.value()), ordinal);
    visit.opened_at = from + Millis{static_cast<std::int64_t>(random() % 20'000'000)};
    visit.left_at = visit.opened_at + Millis{static_cast<std::int64_t>(random() % 4'000'000)};
    if (ordinal % 5 != 4) visit.state = VisitState::settled;
    if (random() % 8 == 0)
        visit.close_reason = CloseReason::withdrawn;
    else
        visit.close_reason = CloseReason::timeout;
    visit.receipts.clear();
    for (auto n = random() % 3; n > 0; --n) {
        VisitReceipt receipt;
        receipt.pos = "reg-1";
        receipt.number = std::to_string(random());
        receipt.at = visit.opened_at + Millis{static_cast<std::int64_t>(random() % 4'000'000)};
        receipt.total = Money::from_units(static_cast<std::int64_t>(random() % 1'000 + 1));
        if (random() % 4 == 0) receipt.undone = receipt.total;
        if (random() % 4 == 0) receipt.undone = Money::from_ten_thousandths(5'000);
        receipt.currency = "JPY";
        receipt.attribution = random() % 3 == 0 ? Attribution::inferred : Attribution::token;
        if (receipt.attribution == Attribution::inferred) receipt.confidence = 0.6;
        visit.receipts.push_back(receipt);
    }
    return visit;
}

/// The same told from the records, all with all.
DecisionOutcome expected(const CouponRecord& coupon, const Written& of)
{
    DecisionOutcome out;
    out.left_out = of.left_out;
    for (const auto& visit : of.visits) {
        if (visit.close_reason == CloseReason::withdrawn) continue;
        const bool settled = visit.state == VisitState::settled;
        if (!settled && visit.opened_at <= coupon.expires_at && visit.left_at >= coupon.decided_at)
            out.unsettled = true;
        for (const auto& receipt : visit.receipts) {
            if (!settled || !receipt.counts() || receipt.at <= coupon.decided_at
                || receipt.at > coupon.expires_at)
                continue;
            if (visit.uncertain()) {
                out.uncertain = true;
            } else {
                out.bought = true;
                out.spend += receipt.total - receipt.undone;
            }
        }
    }
    return out;
}

}  // namespace

TEST_CASE("outcomes: a decision is followed by what its member bought while it was valid",
          "[ledger]")
{
    const auto seed = GENERATE(1U, 2U, 3U, 4U, 5U);
    INFO("seed " << seed);
    std::mt19937_64 random{seed};
    const TempFolder folder;
    const auto path = folder.file("ledger.sqlite");
    std::map<std::uint64_t, Written> written;
    {
        const auto database = value(Database::open(path, Database::Access::read_write, 1s));
        REQUIRE(bring_up_to_date(*database).has_value());
        database->begin();
        std::uint64_t coupons = 0;
        for (std::uint64_t who = 1; who <= 30; ++who) {
            auto& of = written[who];
            MemberRecord member;
            member.id = MemberId{who};
            member.name = "m" + std::to_string(who);
            member.staff = who % 7 == 0;
            member.consent = who % 11 != 0;
            of.left_out = member.left_out();
            put_basics(*database, member);
            Instant from = at(0ms);
            for (std::uint32_t n = 0; n < random() % 25; ++n) {
                of.visits.push_back(next_visit(random, member.id, n, from));
                from = of.visits.back().left_at;
                put_visit(*database, of.visits.back(), from);
            }
            Instant decided = at(0ms);
            for (auto n = random() % 5; n > 0; --n) {
                auto coupon = some_coupon(random, member.id, member.name);
                decided += Millis{static_cast<std::int64_t>(random() % 100'000'000)};
                coupon.id = CouponId{++coupons};
                coupon.campaign = n % 4 == 1 ? "another" : "asked";
                coupon.decided_at = decided;
                coupon.expires_at = decided + 24h;
                coupon.control = 0.25;
                put_coupon(*database, coupon, at(0ms));
                if (coupon.campaign == "asked") of.coupons.push_back(coupon);
            }
        }
        REQUIRE(database->commit().has_value());
    }
    auto past = value(Histories::open(path));
    const auto outcomes = value(past.outcomes("asked"));
    std::size_t at_row = 0, bought = 0, uncertain = 0, unsettled = 0;
    for (const auto& [who, of] : written) {
        for (const auto& coupon : of.coupons) {
            REQUIRE(at_row < outcomes.size());
            const auto& read = outcomes[at_row++];
            const auto right = expected(coupon, of);
            CHECK(read.member == MemberId{who});
            CHECK(read.offer == coupon.offer);
            CHECK(read.arm_probability == coupon.arm_probability);
            CHECK(read.control == 0.25);
            CHECK(read.decided_at == coupon.decided_at);
            CHECK(read.expires_at == coupon.expires_at);
            CHECK(read.left_out == right.left_out);
            CHECK(read.unsettled == right.unsettled);
            CHECK(read.uncertain == right.uncertain);
            CHECK(read.bought == right.bought);
            CHECK(read.spend == right.spend);
            bought += read.bought ? 1 : 0;
            uncertain += read.uncertain ? 1 : 0;
            unsettled += read.unsettled ? 1 : 0;
        }
    }
    CHECK(at_row == outcomes.size());
    CHECK(bought > 3);
    CHECK(uncertain > 0);
    CHECK(unsettled > 0);
    CHECK(value(past.outcomes("never heard of")).empty());
}

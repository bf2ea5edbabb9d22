#include "tests/ledger/support.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <random>

/// How campaigns stand, as the ledger's rows say it.
using namespace raiten;
using namespace raiten::ledger;
using namespace std::chrono_literals;

namespace {

struct Sums {
    Money used, reserved;
    std::uint64_t pieces{};
    double control{};
    std::map<std::string, std::pair<std::uint32_t, std::uint32_t>> arms;
    bool operator==(const Sums&) const = default;
};

Sums sums_of(const Decisions::Recalled& standing)
{
    Sums out{standing.account.budget.used,
             standing.account.budget.reserved,
             standing.account.stock.used,
             standing.control,
             {}};
    for (const auto& arm : standing.arms) out.arms[arm.offer] = {arm.given, arm.answered};
    return out;
}

}  // namespace

TEST_CASE("standing: what coupons used up of a budget outlives them", "[ledger]")
{
    std::mt19937_64 random{9};
    TempFolder folder;
    Opened store{folder.file("ledger.db")};
    auto& ledger = *store.ledger;
    const auto id = store.enrol({{"m-1", false, true, {}, {}}}).front();
    constexpr int days = 1'000;
    Sums truth;
    for (int day = 0; day < days; ++day) {
        Batch batch;
        batch.engine_time = at(day * 24h);
        auto coupon = some_coupon(random, id, "m-1");
        coupon.decided_at = *batch.engine_time;
        coupon.offer = random() % 2 == 0 ? "TEN" : "TWENTY";
        coupon.cost = Money::from_units(static_cast<std::int64_t>(random() % 50));
        coupon.took_stock = random() % 2 == 0;
        coupon.control = static_cast<double>(random() % 100) / 100;
        if (random() % 3 == 0) coupon.answered_at = coupon.decided_at + 1h;
        truth.control = std::max(truth.control, coupon.control);
        if (coupon.state == CouponState::redeemed) {
            truth.used += coupon.cost;
            truth.pieces += coupon.took_stock ? 1U : 0U;
        } else if (coupon.state <= CouponState::delivered
                   && coupon.state != CouponState::withheld) {
            truth.reserved += coupon.cost;
        }
        if (coupon.state != CouponState::withheld && coupon.state != CouponState::revoked) {
            auto& [given, answered] = truth.arms[coupon.offer];
            ++given;
            answered += coupon.answered_at ? 1U : 0U;
        }
        batch.coupons.push_back(coupon);
        if (day + 1 < days)
            ledger.commit(std::move(batch), {});
        else
            store.commit(std::move(batch));
    }
    CHECK(sums_of(value(ledger.remember()).standings.at("welcome-back")) == truth);
    const auto rows = value(ledger.counts()).coupons;
    for (std::uint64_t slice = 1; slice > 0;) {
        bool done = false;
        ledger.prune(at((days - 1) * 24h), [&](const Result<std::uint64_t>& gone) {
            slice = gone.has_value() ? *gone : 0;
            done = true;
        });
        REQUIRE(store.loop.run_until([&] { return done; }));
    }
    CHECK(value(ledger.counts()).coupons < rows - 100);
    CHECK(sums_of(value(ledger.remember()).standings.at("welcome-back")) == truth);
}

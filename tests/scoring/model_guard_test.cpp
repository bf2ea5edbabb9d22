#include "daemon/scoring/model_guard.hpp"

#include "tests/scoring/buying_shop.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

using namespace raiten;
using namespace raiten::scoring;

namespace {

const PurchaseModel habits{ModelKind::mbg_nbd, {0.9, 30, 0.6, 3}, 1};
constexpr double span = 60;

/// A store's night: its members, what they did of late, and the model that they were fitted to.
struct Night {
    std::vector<BuyingHistory> members;
    std::vector<RecentPast> past;
    ModelInUse fitted;
};

Night night(std::uint32_t seed, const PurchaseModel& model = habits, std::size_t count = 1'500)
{
    Night out;
    const auto shop = test::shop_of(model, {count, 300, 200, seed}, span);
    const auto then = shop.histories();
    for (std::size_t i = 0; i < then.size(); ++i) out.past.push_back({then[i], shop.bought[i]});
    out.members = then;
    const auto fit = fit_purchases(model.kind, out.members);
    REQUIRE(fit.has_value());
    out.fitted = {fit->model, out.members.size()};
    return out;
}

Verdict judge_in(const Night& tonight, const PurchaseModel& fit, const ModelInUse& before)
{
    return judge(fit, before, tonight.members, tonight.past, span);
}

void check_kept(const Verdict& verdict, Grounds grounds)
{
    CAPTURE(verdict.reason, std::string{name_of(verdict.grounds)});
    CHECK_FALSE(verdict.accepted);
    CHECK(verdict.grounds == grounds);
    CHECK_FALSE(verdict.reason.empty());
}

}  // namespace

TEST_CASE("guard: honest fits of one night after the other are taken", "[scoring]")
{
    constexpr std::uint32_t seed = 100;
    std::optional<ModelInUse> in_use;
    for (std::uint32_t n = 0; n < 5; ++n) {
        const auto tonight = night(seed + n);
        const auto verdict =
            judge(tonight.fitted.model, in_use, tonight.members, tonight.past, span);
        CAPTURE(n, verdict.reason);
        CHECK(verdict.accepted);
        CHECK(verdict.grounds == (n == 0 ? Grounds::first : Grounds::as_good));
        in_use = tonight.fitted;
    }
}

TEST_CASE("guard: parameters that are none, or absurd, never replace good ones", "[scoring]")
{
    const auto tonight = night(1);
    for (const double value : {std::nan(""), 0.0, -1.0, std::numeric_limits<double>::infinity()})
        for (std::size_t i = 0; i < 4; ++i) {
            auto bad = tonight.fitted.model;
            bad.parameters[i] = value;
            check_kept(judge_in(tonight, bad, tonight.fitted), Grounds::unusable);
        }
    auto hectic = tonight.fitted.model;
    hectic.parameters = {50, 0.1, 1e-6, 10};
    check_kept(judge_in(tonight, hectic, tonight.fitted), Grounds::absurd);
    auto empty = tonight.fitted.model;
    empty.parameters = {0.9, 30, 1e4, 1};
    check_kept(judge_in(tonight, empty, tonight.fitted), Grounds::absurd);
    CHECK_FALSE(judge(hectic, {}, tonight.members, tonight.past, span).accepted);
}

TEST_CASE("guard: a fit to a damaged history is seen on the whole one", "[scoring]")
{
    const auto tonight = night(2);
    auto halved = tonight.members;  // every other purchase is missing
    for (auto& member : halved) {
        member.repeats /= 2;
        if (member.repeats == 0) member.last = 0;
    }
    const auto damaged = fit_purchases(ModelKind::mbg_nbd, halved);
    REQUIRE(damaged.has_value());
    check_kept(judge_in(tonight, damaged->model, tonight.fitted), Grounds::less_likely);
    check_kept(judge(damaged->model, tonight.fitted, tonight.members, {}, span),
               Grounds::less_likely);
}

TEST_CASE("guard: when members are missing the fit to the rest is not used", "[scoring]")
{
    auto tonight = night(3);
    const auto before = tonight.fitted;
    tonight.members.resize(tonight.members.size() / 2);
    const auto fit = fit_purchases(ModelKind::mbg_nbd, tonight.members);
    REQUIRE(fit.has_value());
    check_kept(judge_in(tonight, fit->model, before), Grounds::shrunken);
}

TEST_CASE("guard: what fits tonight's damaged data but not what came is not used", "[scoring]")
{
    auto tonight = night(4);
    const auto before = tonight.fitted;
    // The register's line was dead for the last hundred days.
    auto shop = test::shop_of(habits, {1'500, 300, 200, 4}, span);
    tonight.members.clear();
    for (auto& days : shop.known) {
        while (days.size() > 1 && days.back().day > shop.today - 100) days.pop_back();
        tonight.members.push_back(
            habits_of(days).history(std::max(shop.today, days.back().day), 1));
    }
    const auto fit = fit_purchases(ModelKind::mbg_nbd, tonight.members);
    REQUIRE(fit.has_value());
    check_kept(judge_in(tonight, fit->model, before), Grounds::foretells_worse);
}

TEST_CASE("guard: an unusable model in use is replaced, whatever it was", "[scoring]")
{
    const auto tonight = night(5);
    auto broken = tonight.fitted;
    broken.model.parameters[1] = std::nan("");
    const auto verdict = judge_in(tonight, tonight.fitted.model, broken);
    CHECK(verdict.accepted);
    CHECK(verdict.grounds == Grounds::first);
}

TEST_CASE("guard: another kind of model may take over, and a store may change", "[scoring]")
{
    const PurchaseModel regular{ModelKind::mbg_cnbd_k, {1.3, 20, 0.4, 0.8}, 2};
    const auto tonight = night(6, regular);
    const auto plain = fit_purchases(ModelKind::mbg_nbd, tonight.members);
    REQUIRE(plain.has_value());
    CHECK(judge_in(tonight, tonight.fitted.model, {plain->model, tonight.members.size()}).accepted);
    // Habits of another store, such as last year's: tonight's data wins.
    CHECK(judge_in(tonight, tonight.fitted.model, night(7).fitted).accepted);
}

TEST_CASE("guard: spend is judged by its likelihood", "[scoring]")
{
    test::Dice dice{8};
    std::vector<Spending> members;
    for (int i = 0; i < 800; ++i) {
        const double rate = dice.gamma(3.7, 15.4);
        const auto purchases = 1 + dice.number() % 9;
        members.push_back({purchases, dice.gamma(6.2 * purchases, rate) / purchases});
    }
    const auto fit = fit_spend(members);
    REQUIRE(fit.has_value());
    CHECK(judge(fit->model, std::optional<SpendModel>{}, members).grounds == Grounds::first);
    CHECK(judge(fit->model, std::optional{fit->model}, members).grounds == Grounds::as_good);
    auto yen = fit->model;  // somebody fitted it in another currency
    yen.v *= 150;
    check_kept(judge(yen, std::optional{fit->model}, members), Grounds::less_likely);
    yen.v = std::nan("");
    check_kept(judge(yen, std::optional{fit->model}, members), Grounds::unusable);
}

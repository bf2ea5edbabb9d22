#include "daemon/scoring/experiences.hpp"

#include "tests/support/dice.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <string>

using namespace raiten;
using namespace raiten::scoring;
using namespace std::chrono_literals;
using stage::Dice;

namespace {

constexpr Millis day = 24h;
const Instant opening{std::chrono::sys_days{std::chrono::year{2026} / 1 / 5}};  // a Monday
const Instant today = opening + 200 * day;

Diary::Visit visit(double days_in, bool purchase = false)
{
    Diary::Visit out;
    out.at = opening + Millis{std::llround(days_in * static_cast<double>(day.count()))};
    const auto wall = std::chrono::floor<std::chrono::days>(out.at);
    out.day = std::chrono::weekday{wall};
    out.time = std::chrono::floor<std::chrono::minutes>(out.at - wall);
    out.purchase = purchase;
    return out;
}

/// Somebody who comes on these days after the opening.
Diary somebody(const std::vector<double>& days_in)
{
    Diary out;
    out.complete = true;
    for (const auto in : days_in) out.visits.push_back(visit(in));
    return out;
}

Experiences of(const std::vector<Diary>& members, const ExperienceRules& rules = {},
               Instant as_of = today)
{
    ExperienceCount count{rules, as_of};
    for (const auto& member : members) count.note(member);
    return count.found();
}

const Experience* find(const Experiences& all, const std::string& behaviour,
                       const std::string& zone = {})
{
    const auto found = std::find_if(all.list.begin(), all.list.end(), [&](const Experience& each) {
        return each.behaviour == behaviour && each.zone == zone;
    });
    return found == all.list.end() ? nullptr : &*found;
}

/// Whether the one who is asked about did it: beside them stand one who did and one who did not.
std::optional<bool> did(const std::string& behaviour, const Diary& one, const Diary& who_did,
                        const Diary& who_did_not, const std::string& zone = {})
{
    const auto all = of({one, who_did, who_did_not}, {30 * day, 90 * day, 1});
    const auto* found = find(all, behaviour, zone);
    REQUIRE(found != nullptr);
    CHECK(found->groups.did.members + found->groups.did_not.members <= 3);
    if (found->groups.did.members == 2) return true;
    if (found->groups.did_not.members == 2) return false;
    return std::nullopt;
}

/// A made-up store in which it is known what makes members come again.
struct Town {
    double coupon_effect{};  ///< adds to the chance to come again
    double per_visit{};      ///< adds with every visit in the window, up to the eighth
    std::size_t members{400};
};

Diary citizen(Dice& dice, const Town& town)
{
    std::vector<double> days{dice.between(0, 60)};
    const double gap = dice.between(3, 40);
    for (double next = days[0];;) {
        next += -gap * std::log(1 - dice.share());
        if (next > days[0] + 30) break;
        days.push_back(next);
    }
    Diary out = somebody(days);
    const bool redeems = dice.share() < 0.4;
    if (redeems) out.redeemed.push_back(out.visits[0].at + 1h);
    for (auto& each : out.visits) {
        each.checked_in = dice.share() < 0.25;  // who comes more often checks in sooner or later
        each.purchase = dice.share() < 0.5;
        each.dwell = Millis{std::llround(dice.between(1, 40) * 60'000)};
        for (const auto* zone : {"floor", "fitting", "garden"})
            if (dice.share() < 0.3) each.zones.emplace_back(zone);
    }
    if (dice.share() < 0.3) out.answered.push_back(out.visits[0].at);
    const auto often = static_cast<double>(std::min<std::size_t>(days.size(), 8));
    if (dice.share() < 0.2 + (redeems ? town.coupon_effect : 0) + town.per_visit * often)
        out.visits.push_back(visit(days[0] + dice.between(30.1, 119)));
    return out;
}

Experiences found_in(Dice& dice, const Town& town)
{
    ExperienceCount count{{}, today};
    for (std::size_t i = 0; i < town.members; ++i) count.note(citizen(dice, town));
    return count.found();
}

bool holds(const Difference& difference, double truth)
{
    return difference.lower <= truth && truth <= difference.upper;
}

}  // namespace

TEST_CASE("experiences: what is done by the landmark counts, what comes after it is retention",
          "[scoring]")
{
    const auto kept = [](const std::vector<double>& days) {
        return of({somebody(days)}).members.kept == 1;
    };
    CHECK_FALSE(kept({0}));
    CHECK_FALSE(kept({0, 5, 30}));  // the landmark itself is the window's
    CHECK(kept({0, 30.01}));
    CHECK(kept({0, 5, 120}));
    CHECK_FALSE(kept({0, 120.01}));
    CHECK_FALSE(kept({0, 121, 150}));

    const auto yes = somebody({0, 14}), no = somebody({0, 20});
    CHECK(did("came_back_within_14_d", somebody({0, 14}), yes, no) == true);
    CHECK(did("came_back_within_14_d", somebody({0, 14.01}), yes, no) == false);
    CHECK(did("came_back_within_14_d", somebody({0, 60}), yes, no) == false);

    auto redeems = somebody({0}), too_late = somebody({0, 40}), never = somebody({0});
    redeems.redeemed = {opening + 30 * day};
    too_late.redeemed = {opening + 31 * day};
    CHECK(did("redeemed_coupon", redeems, redeems, never) == true);
    CHECK(did("redeemed_coupon", too_late, redeems, never) == false);
    auto late_check_in = somebody({0, 40}), check_in = somebody({0, 29});
    late_check_in.visits[1].checked_in = check_in.visits[1].checked_in = true;
    CHECK(did("checked_in", check_in, check_in, never) == true);
    CHECK(did("checked_in", late_check_in, check_in, never) == false);
}

TEST_CASE("experiences: who cannot be judged yet, or not any more, is left out and counted",
          "[scoring]")
{
    auto forgotten = somebody({0, 40});
    forgotten.complete = false;
    const auto all = of({somebody({80}), somebody({80.01}), somebody({199}), forgotten, Diary{}});
    CHECK(all.members.members == 1);
    CHECK(all.too_recent == 2);
    CHECK(all.incomplete == 1);
    CHECK(all.list.empty());
}

TEST_CASE("experiences: what is in doubt, or was not asked, is in neither group", "[scoring]")
{
    auto bought = somebody({0, 3}), browsed = somebody({0, 3}), unclear = somebody({0, 3});
    bought.visits[0].purchase = true;
    unclear.visits[0].purchase.reset();
    CHECK(did("bought_on_first_visit", bought, bought, browsed) == true);
    CHECK(did("bought_on_first_visit", browsed, bought, browsed) == false);
    CHECK(did("bought_on_first_visit", unclear, bought, browsed) == std::nullopt);
    const auto once = somebody({0});
    CHECK(did("back_after_no_purchase", browsed, browsed, once) == true);
    CHECK(did("back_after_no_purchase", once, browsed, once) == false);
    CHECK(did("back_after_no_purchase", bought, browsed, once) == std::nullopt);
    CHECK(did("back_after_no_purchase", unclear, browsed, once) == std::nullopt);

    auto by_app = somebody({0}), by_card = somebody({0}), by_either = somebody({0});
    for (auto* each : {&by_app, &by_card, &by_either}) each->visits[0].checked_in = true;
    by_app.app = true;
    by_card.app = false;
    CHECK(did("checked_in_by_app", by_app, by_app, by_card) == true);
    CHECK(did("checked_in_by_app", by_card, by_app, by_card) == false);
    CHECK(did("checked_in_by_app", by_either, by_app, by_card) == std::nullopt);
    CHECK(did("checked_in_by_app", once, by_app, by_card) == false);

    using Categories = std::vector<std::string>;
    auto one = bought, two = bought, mute = bought, half = bought;
    one.visits[0].categories = Categories{"tea"};
    two.visits[0].categories = Categories{"tea"};
    two.visits[1].purchase = true;
    two.visits[1].categories = Categories{"cups"};
    half = two;
    half.visits[1].categories.reset();  // perhaps cups, perhaps tea again
    CHECK(did("bought_two_categories", two, two, one) == true);
    CHECK(did("bought_two_categories", one, two, one) == false);
    CHECK(did("bought_two_categories", half, two, one) == std::nullopt);
    CHECK(did("bought_two_categories", mute, two, one) == std::nullopt);
    CHECK(did("bought_two_categories", browsed, two, one) == std::nullopt);
}

TEST_CASE("experiences: times of day by most of the visits, zones by those who were heard",
          "[scoring]")
{
    const double monday = 0, saturday = 5, morning = 10 / 24.0, evening = 18 / 24.0;
    const auto early = somebody({monday + morning, monday + 1 + morning, saturday + evening});
    const auto late = somebody({monday + evening, monday + 2 + evening});
    const auto idle = somebody({saturday + morning, saturday + 1 + evening});
    const auto torn = somebody({monday + morning, monday + evening});
    CHECK(did("weekday_mornings", early, early, late) == true);
    CHECK(did("weekday_mornings", torn, early, late) == false);
    CHECK(did("weekday_evenings", late, late, early) == true);
    CHECK(did("weekday_evenings", idle, late, early) == false);
    CHECK(did("weekends", idle, idle, late) == true);
    CHECK(did("weekday_afternoons", somebody({0.5}), somebody({0.6}), late) == true);
    CHECK(did("weekday_afternoons", somebody({17 / 24.0}), somebody({0.6}), late) == false);

    auto garden = somebody({0, 2}), floor = somebody({0, 2}), card_only = somebody({0, 2});
    garden.visits[1].dwell = floor.visits[0].dwell = 5min;
    garden.visits[1].zones = {"garden", "floor"};
    floor.visits[0].zones = {"floor"};
    card_only.visits[0].zones = {"garden"};  // where the desk stands; nobody heard them walk
    CHECK(did("visited_zone", garden, garden, floor, "garden") == true);
    CHECK(did("visited_zone", floor, garden, floor, "garden") == false);
    CHECK(did("visited_zone", card_only, garden, floor, "garden") == std::nullopt);
}

TEST_CASE("experiences: a long first stay is longer than the shop's median", "[scoring]")
{
    std::vector<Diary> members;
    for (int minutes = 1; minutes <= 21; ++minutes) {
        members.push_back(somebody({0}));
        members.back().visits[0].dwell = minutes * 1min + 20s;
    }
    members.push_back(somebody({0}));  // by card: nobody knows how long
    members[20].visits[0].dwell = 30h;
    const auto all = of(members);
    CHECK(all.median_stay == 11min);
    const auto* found = find(all, "long_first_visit");
    REQUIRE(found != nullptr);
    CHECK(found->groups.did.members == 10);
    CHECK(found->groups.did_not.members == 11);
}

TEST_CASE("experiences: groups of fewer than k members are not shown", "[scoring]")
{
    for (const std::size_t few : {4U, 5U}) {
        std::vector<Diary> members;
        for (std::size_t i = 0; i < 40; ++i) {
            members.push_back(somebody({0, 50}));
            auto& first = members.back().visits[0];
            first.dwell = 5min;
            first.zones = {"floor"};
            if (i < few) first.zones.emplace_back("cellar");
            if (i >= few) first.zones.emplace_back("stairs");
        }
        const auto all = of(members);
        CHECK((find(all, "visited_zone", "cellar") != nullptr) == (few == 5));
        CHECK((find(all, "visited_zone", "stairs") != nullptr) == (few == 5));
        CHECK(find(all, "visited_zone", "floor") == nullptr);  // they all were there
        CHECK(all.hidden >= (few == 4 ? 3U : 1U));
        for (const auto& each : all.list) {
            CHECK(each.groups.did.members >= 5);
            CHECK(each.groups.did_not.members >= 5);
        }
    }
}

TEST_CASE("experiences: a flood of zones is bounded, and their order does not matter", "[scoring]")
{
    ExperienceCount count{{30 * day, 90 * day, 1}, today};
    for (int i = 0; i < 500; ++i) {
        auto member = somebody({0});
        member.visits[0].dwell = 1min;
        member.visits[0].zones = {"zone " + std::to_string(i), "zone " + std::to_string(i / 2)};
        count.note(member);
    }
    const auto all = count.found();
    const auto zones = std::count_if(all.list.begin(), all.list.end(), [](const Experience& each) {
        return each.behaviour == "visited_zone";
    });
    CHECK(zones == ExperienceCount::zones_max);
    const auto* other = find(all, "visited_zone", "other");
    REQUIRE(other != nullptr);
    CHECK(other->groups.did.members > 400);
    CHECK(other->groups.did.members + other->groups.did_not.members == 500);

    Dice dice{4};
    std::vector<Diary> members;
    for (int i = 0; i < 300; ++i) members.push_back(citizen(dice, {0.2, 0.02}));
    const auto one = of(members);
    std::reverse(members.begin(), members.end());
    const auto other_way = of(members);
    REQUIRE(one.list.size() == other_way.list.size());
    CHECK(one.list.size() > 10);
    for (std::size_t i = 0; i < one.list.size(); ++i) {
        CHECK(one.list[i].behaviour == other_way.list[i].behaviour);
        CHECK(one.list[i].raw.lower == other_way.list[i].raw.lower);
        CHECK(one.list[i].groups.did == other_way.list[i].groups.did);
    }
}

TEST_CASE("experiences: a planted effect is found, first of all, and its interval holds it",
          "[scoring]")
{
    const auto seed = GENERATE(11U, 12U);
    INFO("seed " << seed);
    Dice dice{seed};
    constexpr int stores = 300;
    int first = 0, found = 0, raw = 0, adjusted = 0;
    for (int store = 0; store < stores; ++store) {
        const auto all = found_in(dice, {0.25, 0});
        REQUIRE_FALSE(all.list.empty());
        const auto* coupon = find(all, "redeemed_coupon");
        REQUIRE(coupon != nullptr);
        REQUIRE(coupon->adjusted.has_value());
        if (&all.list[0] == coupon) ++first;
        if (coupon->adjusted->q < 0.05) ++found;
        if (holds(coupon->raw, 0.25)) ++raw;
        if (holds(*coupon->adjusted, 0.25)) ++adjusted;
    }
    INFO("of " << stores << ": first " << first << ", found " << found << ", in the interval raw "
               << raw << ", adjusted " << adjusted);
    CHECK(first > stores * 95 / 100);
    CHECK(found > stores * 95 / 100);
    CHECK(raw > stores * 91 / 100);
    CHECK(raw < stores * 985 / 1000);
    CHECK(adjusted > stores * 91 / 100);
    CHECK(adjusted < stores * 985 / 1000);
}

TEST_CASE("experiences: where nothing has an effect, hardly anything is discovered", "[scoring]")
{
    const auto seed = GENERATE(21U, 22U);
    INFO("seed " << seed);
    Dice dice{seed};
    constexpr int stores = 300;
    int raw = 0, adjusted = 0, uncorrected = 0;
    for (int store = 0; store < stores; ++store) {
        const auto all = found_in(dice, {0, 0});
        CHECK(all.list.size() > 10);
        const auto any = [&](auto says) {
            return std::any_of(all.list.begin(), all.list.end(), says) ? 1 : 0;
        };
        raw += any([](const auto& each) { return each.raw.q < 0.05; });
        adjusted += any([](const auto& each) { return each.adjusted && each.adjusted->q < 0.05; });
        uncorrected += any([](const auto& each) { return each.raw.p < 0.05; });
    }
    INFO("of " << stores << " stores with a discovery: raw " << raw << ", adjusted " << adjusted
               << ", without correction " << uncorrected);
    CHECK(raw < stores * 8 / 100);
    CHECK(adjusted < stores * 8 / 100);
    CHECK(uncorrected > stores * 20 / 100);  // what the correction is for
}

TEST_CASE("experiences: what frequency alone explains is gone once it is taken into account",
          "[scoring]")
{
    const auto seed = GENERATE(31U, 32U);
    INFO("seed " << seed);
    Dice dice{seed};
    constexpr int stores = 200;
    int fooled = 0, held = 0, claimed = 0;
    for (int store = 0; store < stores; ++store) {
        const auto all = found_in(dice, {0, 0.09, 600});
        const auto* check_in = find(all, "checked_in");
        REQUIRE(check_in != nullptr);
        REQUIRE(check_in->adjusted.has_value());
        if (check_in->raw.lower > 0) ++fooled;
        if (holds(*check_in->adjusted, 0)) ++held;
        if (check_in->adjusted->q < 0.05) ++claimed;
    }
    INFO("of " << stores << ": raw above zero " << fooled << ", adjusted interval holds zero "
               << held << ", claimed " << claimed);
    CHECK(fooled > stores * 90 / 100);
    CHECK(held > stores * 90 / 100);
    CHECK(claimed < stores * 5 / 100);
}

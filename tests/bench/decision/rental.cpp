#include "daemon/decision/effect.hpp"
#include "tests/bench/bench.hpp"
#include "tests/bench/decision/parts.hpp"
#include "tests/bench/decision/rental_figures.hpp"
#include "tests/support/rental_store.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

/// A film-rental chain has published that coupons three hours before the predicted visit, to likely
/// responders only, brought 1.5 times the visits and 2.5 times the spend. Here the product does the
/// same with made-up people whose answers to coupons are known, and reports what comes of it.
namespace raiten::bench {
namespace {

using namespace stage;
using namespace std::chrono_literals;

constexpr std::size_t members = 600;
constexpr std::uint64_t first_seed = 301;
constexpr std::uint64_t stores_usually = 3;
/// Of the product's own figures: smaller stores, more of them.
constexpr std::size_t small_members = 200;
constexpr std::uint64_t small_stores_usually = 12;

std::uint64_t stores_wanted(std::uint64_t usually)
{
    const char* text = std::getenv("RAITEN_SEEDS");
    return text == nullptr ? usually : std::strtoull(text, nullptr, 10);
}

// ---- the ways of giving -----------------------------------------------------------------------

RentalPlan plan_of(std::uint64_t seed)
{
    RentalPlan plan;
    plan.seed = seed;
    plan.members = members;
    plan.weeks = weeks;
    return plan;
}

Campaign two_offers()
{
    auto out = rental_campaign();
    out.offers.push_back({"b", {}, {}, Money::from_units(60), ""});
    return out;
}

RentalPlan ahead(std::uint64_t seed)
{
    auto plan = plan_of(seed);
    plan.campaign = two_offers();
    plan.offers = {1.0, 0.6};
    return plan;
}

RentalPlan any_hour(std::uint64_t seed)
{
    auto plan = ahead(seed);
    plan.campaign->lead = 24h;
    plan.campaign->valid_for = 48h;
    plan.delivered_within = 24h;
    return plan;
}

RentalPlan targeted(std::uint64_t seed)
{
    auto plan = ahead(seed);
    Campaign::Target target;
    target.top_share = 0.3;
    plan.campaign->target = target;
    return plan;
}

RentalPlan known_responders(std::uint64_t seed)
{
    auto plan = ahead(seed);
    const RentalPeople people{seed, members, rental_start(), {}};
    std::map<std::string, bool> responds;
    for (std::size_t n = 0; n < members; ++n)
        responds[RentalBox::name(n)] = people[n].answers == Answers::responds;
    plan.belongs = [responds](const std::string& name) { return responds.at(name); };
    return plan;
}

/// Responders who are harder to move, and others who are sooner annoyed.
RentalPlan faint(std::uint64_t seed)
{
    auto plan = ahead(seed);
    plan.planted.extra = 0.5;
    plan.planted.impulse = 0.1;
    plan.planted.annoyance = 0.15;
    return plan;
}

RentalPlan no_effect(std::uint64_t seed)
{
    auto plan = ahead(seed);
    plan.planted.strength = 0;
    return plan;
}

void tell_planted()
{
    const PlantedEffect p;
    std::fprintf(
        stderr,
        "planted (assumptions, none measured in a store): 40 %% of members skip 35 to 65 %% of "
        "their"
        " usual days, the others 5 to 25 %%. Of the former 50 %% respond to coupons, of the latter"
        " 8 %%; in all 25 %% respond, 50 %% are indifferent, 15 %% come anyway, 10 %% are "
        "annoyed.\n"
        "who responds comes on a day they would have skipped with %.2f, on another day with %.2f,"
        " times exp(-(hours ahead - %.0f) / %.0f) and %.2f for each coupon of 28 days; then buys "
        "with"
        " +%.2f and x %.2f; %.2f of extra visits are taken from the next one; who is annoyed stays"
        " away with %.2f within 14 days. The second offer is 0.6 as good.\n",
        p.extra, p.impulse, p.too_late_hours, p.fades_hours, p.fatigue, p.buys_more, p.basket,
        p.borrowed, p.annoyance);
}

void compare_ways()
{
    struct Way {
        const char* name;
        RentalPlan (*plan)(std::uint64_t);
        Figures figures{};
    };
    std::array<Way, 6> ways{
        {{"no effect planted, three hours ahead, everybody", no_effect},
         {"a random hour of the day before, everybody", any_hour},
         {"three hours ahead, everybody", ahead},
         {"three hours ahead, target top 30 %", targeted},
         {"three hours ahead, the true responders", known_responders},
         {"three hours ahead, everybody, faint effect (.5, .1, annoyed .15)", faint}}};
    const auto stores = stores_wanted(stores_usually);
    std::vector<Did> visits, spend;
    for (auto seed = first_seed; seed < first_seed + stores; ++seed) {
        const double begun = worked_seconds();
        const auto without = play(plan_of(seed));
        for (const auto& who : by_member(without)) {
            visits.push_back({who.visits, weeks});
            spend.push_back({who.spend, weeks});
        }
        for (auto& way : ways) add_season(way.figures, play(way.plan(seed)), without);
        std::fprintf(stderr, "seed %llu: %.1f s\n", static_cast<unsigned long long>(seed),
                     worked_seconds() - begun);
    }
    std::fprintf(
        stderr,
        "no campaign: %.3f visits a member and week, spend %.0f (%llu stores of %zu members,"
        " %d weeks)\n",
        mean_of(visits).value, mean_of(spend).value, static_cast<unsigned long long>(stores),
        members, weeks);
    for (const auto& way : ways) print_figures(way.name, way.figures);
}

/// Whether four times as many decisions tell who responds.
void large_store()
{
    constexpr std::uint64_t seed = first_seed + 50;
    constexpr std::size_t many = 4 * members;
    auto plan = plan_of(seed);
    plan.members = many;
    const auto without = play(plan);
    plan = targeted(seed);
    plan.members = many;
    Figures figures;
    add_season(figures, play(plan), without);
    print_figures("a store of 2,400 members, target top 30 %", figures);
}

// ---- the product's own figures beside the truth -------------------------------------------------

struct PerDecision {
    double rate{}, spend{};
};

PerDecision per_decision(const std::vector<ExperimentMember>& all)
{
    PerDecision out;
    double decisions = 0;
    for (const auto& each : all) {
        decisions += each.decisions;
        out.rate += each.bought;
        out.spend += each.spent;
    }
    return {out.rate / decisions, out.spend / decisions};
}

RentalPlan small_store(std::uint64_t seed, double control)
{
    auto plan = plan_of(seed);
    plan.members = small_members;
    plan.campaign = rental_campaign();
    plan.campaign->control = control;
    return plan;
}

/// The truth: everybody given, less everybody withheld, over all the stores together.
void own_figures()
{
    const auto stores = stores_wanted(small_stores_usually);
    std::vector<ExperimentMember> all_given, all_withheld;
    std::vector<decision::CampaignEffect> effects;
    for (auto seed = first_seed + 100; seed < first_seed + 100 + stores; ++seed) {
        const auto add = [&](std::vector<ExperimentMember>& to, double control) {
            const auto season = play(small_store(seed, control));
            to.insert(to.end(), season.experiment.begin(), season.experiment.end());
        };
        add(all_given, 0);
        add(all_withheld, 1);
        const auto effect = decision::effect_of(play(small_store(seed, 0.5)).experiment);
        if (effect) effects.push_back(*effect);
    }
    const auto given = per_decision(all_given), withheld = per_decision(all_withheld);
    const double rate = given.rate - withheld.rate, spend = given.spend - withheld.spend;
    std::size_t of = 0, rate_held = 0, spend_held = 0, mismatches = 0;
    double mean_rate = 0, mean_spend = 0;
    for (const auto& effect : effects) {
        if (effect.sample_ratio.mismatch()) ++mismatches;
        if (!effect.figures) continue;
        ++of;
        rate_held += effect.figures->rate.holds(rate) ? 1U : 0U;
        spend_held += effect.figures->spend.holds(spend) ? 1U : 0U;
        mean_rate += effect.figures->rate.value;
        mean_spend += effect.figures->spend.value;
    }
    const auto count = static_cast<double>(of);
    std::fprintf(stderr,
                 "the product's figures of %zu stores of %zu members: truth (everybody given less"
                 " everybody withheld) %+.4f purchases and %+.1f spend a decision; mean of the"
                 " figures %+.4f and %+.1f; held %zu and %zu of %zu; sample ratio mismatches %zu\n",
                 effects.size(), small_members, rate, spend, mean_rate / count, mean_spend / count,
                 rate_held, spend_held, of, mismatches);
    print("rental, truth of purchases held", 100 * static_cast<double>(rate_held) / count, "%",
          {"nominal", 95});
    print("rental, truth of spend held", 100 * static_cast<double>(spend_held) / count, "%",
          {"nominal", 95});
}

}  // namespace

void bench_rental()
{
    tell_planted();
    compare_ways();
    large_store();
}

void bench_rental_figures()
{
    own_figures();
}

}  // namespace raiten::bench

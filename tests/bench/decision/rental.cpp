#include "daemon/decision/effect.hpp"
#include "tests/bench/bench.hpp"
#include "tests/bench/decision/parts.hpp"
#include "tests/support/rental_store.hpp"

#include <algorithm>
#include <array>
#include <cmath>
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
using decision::ExperimentMember;
using decision::Interval;

constexpr double published_visits = 1.5, published_spend = 2.5;
constexpr std::size_t members = 600;
constexpr int weeks = 10;
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

/// What a member did, over how many weeks, or after how many decisions.
struct Did {
    double much{}, of{};
};

struct Mean {
    double value{};
    double relative_variance{};  ///< by member (linearised ratio: Cochran 1977, chapter 6)
};

Mean mean_of(const std::vector<Did>& all)
{
    double much = 0, of = 0;
    for (const auto& each : all) {
        much += each.much;
        of += each.of;
    }
    Mean out{of > 0 ? much / of : 0, 0};
    for (const auto& each : all) {
        const double off = each.much - out.value * each.of;
        out.relative_variance += off * off;
    }
    if (much > 0) out.relative_variance /= much * much;
    return out;
}

/// Given over withheld, with its 95 % interval on the logarithm.
Interval lift(const std::vector<Did>& given, const std::vector<Did>& withheld)
{
    const auto one = mean_of(given), other = mean_of(withheld);
    if (!(one.value > 0) || !(other.value > 0)) return {};
    const double ratio = one.value / other.value;
    const double half =
        decision::normal_95 * std::sqrt(one.relative_variance + other.relative_variance);
    return {ratio, ratio * std::exp(-half), ratio * std::exp(half)};
}

std::string text_of(const Interval& lift)
{
    std::array<char, 80> text{};
    std::snprintf(text.data(), text.size(), "%.2f [%.2f, %.2f]", lift.value, lift.low, lift.high);
    return text.data();
}

/// One group, of all stores.
struct Group {
    std::vector<Did> visits, spend;            ///< by week
    std::vector<Did> day_visits, day_spend;    ///< in the 24 hours from the coupon, by decision
    double visits_without{}, spend_without{};  ///< the same members' where there is no campaign
    double visits_with{}, spend_with{};
};

struct Figures {
    Group given, withheld;
    Group learned_given, learned_withheld;        ///< day_* only: since the effect was learned
    std::array<Group, answers_count> by_answers;  ///< given ones
    std::vector<Did> redeemers, others;           ///< of the given, visits by week
    std::vector<Did> redeemers_spend, others_spend;
    std::vector<ExperimentMember> experiment;
    std::vector<double> to_usual_day, to_habit;  ///< hours, of the coupons given
    std::size_t coupons{}, redeemed{}, without_decision{}, disturbed{};
    std::array<std::size_t, answers_count> coupons_to{};
    double cost{};
    Funnel funnel;
};

struct MemberSums {
    double visits{}, spend{}, redeemed{};
    std::vector<const RentalVisit*> all;
};

std::vector<MemberSums> by_member(const RentalSeason& season)
{
    std::vector<MemberSums> out(season.people.size());
    for (const auto& visit : season.visits) {
        auto& who = out[visit.member];
        who.visits += 1;
        who.spend += static_cast<double>(visit.spent);
        who.redeemed += visit.redeems ? 1 : 0;
        who.all.push_back(&visit);
    }
    return out;
}

struct DaysAfter {
    Did visits, spend, learned_visits, learned_spend;
};

void add_day(DaysAfter& out, const RentalDecision& decision, const MemberSums& who)
{
    double visits = 0, spend = 0;
    for (const auto* visit : who.all)
        if (visit->at > decision.at && visit->at <= decision.at + 24h) {
            visits += 1;
            spend += static_cast<double>(visit->spent);
        }
    const auto add = [](Did& did, double much) {
        did.much += much;
        did.of += 1;
    };
    add(out.visits, visits);
    add(out.spend, spend);
    if (!decision.learned) return;
    add(out.learned_visits, visits);
    add(out.learned_spend, spend);
}

void add_season(Figures& figures, const RentalSeason& season, const RentalSeason& without)
{
    const auto did = by_member(season), did_without = by_member(without);
    std::map<std::size_t, bool> withheld;
    std::map<std::size_t, DaysAfter> after;
    for (const auto& decision : season.decisions) {
        withheld[decision.member] = decision.withheld;
        add_day(after[decision.member], decision, did[decision.member]);
        if (decision.withheld) continue;
        ++figures.coupons;
        ++figures.coupons_to.at(static_cast<std::size_t>(season.people[decision.member].answers));
        figures.to_usual_day.push_back(decision.to_usual_day);
        figures.to_habit.push_back(decision.to_habit);
    }
    figures.without_decision += season.people.size() - withheld.size();
    for (const auto& [member, is_withheld] : withheld) {
        const auto& who = did[member];
        const auto& before = did_without[member];
        const auto add = [&](Group& group) {
            group.visits.push_back({who.visits, weeks});
            group.spend.push_back({who.spend, weeks});
            group.visits_with += who.visits;
            group.spend_with += who.spend;
            group.visits_without += before.visits;
            group.spend_without += before.spend;
        };
        auto& group = is_withheld ? figures.withheld : figures.given;
        auto& learned = is_withheld ? figures.learned_withheld : figures.learned_given;
        const auto& days = after[member];
        add(group);
        group.day_visits.push_back(days.visits);
        group.day_spend.push_back(days.spend);
        learned.day_visits.push_back(days.learned_visits);
        learned.day_spend.push_back(days.learned_spend);
        if (is_withheld) {
            figures.disturbed += who.visits != before.visits || who.spend != before.spend;
            continue;
        }
        add(figures.by_answers.at(static_cast<std::size_t>(season.people[member].answers)));
        (who.redeemed > 0 ? figures.redeemers : figures.others).push_back({who.visits, weeks});
        (who.redeemed > 0 ? figures.redeemers_spend : figures.others_spend)
            .push_back({who.spend, weeks});
    }
    figures.redeemed += season.redeemed;
    figures.cost += season.cost;
    figures.experiment.insert(figures.experiment.end(), season.experiment.begin(),
                              season.experiment.end());
    figures.funnel.asked += season.funnel.asked;
    figures.funnel.given += season.funnel.given;
    figures.funnel.withheld += season.funnel.withheld;
    for (std::size_t n = 0; n < passed_over_count; ++n)
        figures.funnel.passed_over[n] += season.funnel.passed_over[n];
}

double share_between(const std::vector<double>& hours, double from, double to)
{
    const auto in = std::count_if(hours.begin(), hours.end(),
                                  [&](double each) { return each >= from && each <= to; });
    return hours.empty() ? 0 : 100 * static_cast<double>(in) / static_cast<double>(hours.size());
}

// ---- telling ----------------------------------------------------------------------------------

void print_lift(const std::string& what, const Interval& found, double published)
{
    print(what.c_str(), found.value, "times", {"published by the chain", published});
}

void print_funnel(const Funnel& funnel)
{
    std::fprintf(stderr, "  funnel: asked %llu, given %llu, withheld %llu",
                 static_cast<unsigned long long>(funnel.asked),
                 static_cast<unsigned long long>(funnel.given),
                 static_cast<unsigned long long>(funnel.withheld));
    for (std::size_t n = 0; n < passed_over_count; ++n)
        if (funnel.passed_over[n] > 0)
            std::fprintf(stderr, ", %s %llu",
                         std::string{raiten::text_of(static_cast<PassedOver>(n))}.c_str(),
                         static_cast<unsigned long long>(funnel.passed_over[n]));
    std::fprintf(stderr, "\n");
}

void print_effect(const Figures& figures)
{
    const auto effect = decision::effect_of(figures.experiment);
    if (!effect || !effect->figures) {
        std::fprintf(stderr, "  the product's figures: none\n");
        return;
    }
    const auto& f = *effect->figures;
    std::fprintf(
        stderr,
        "  the product's figures, by decision: bought %.4f given, %.4f withheld,"
        " more %+.4f [%+.4f, %+.4f]; spend more %+.1f [%+.1f, %+.1f]; sample ratio p %.3f\n",
        effect->given.rate, effect->withheld.rate, f.rate.value, f.rate.low, f.rate.high,
        f.spend.value, f.spend.low, f.spend.high, effect->sample_ratio.p);
    if (!f.purchase_cost || !f.purchase_cost->value) return;
    std::fprintf(stderr, "  cost of a purchase more: %.0f [%.0f, ", *f.purchase_cost->value,
                 f.purchase_cost->low);
    f.purchase_cost->high ? std::fprintf(stderr, "%.0f]\n", *f.purchase_cost->high)
                          : std::fprintf(stderr, "no end]\n");
}

void print_coupons(const Figures& figures)
{
    const auto coupons = static_cast<double>(figures.coupons);
    const double more = figures.given.visits_with - figures.given.visits_without;
    std::fprintf(stderr,
                 "  %zu coupons (%.2f a member and week), %zu redeemed, cost %.0f; really more"
                 " visits: %.0f, %.4f a coupon",
                 figures.coupons,
                 coupons / (weeks * static_cast<double>(figures.given.visits.size())),
                 figures.redeemed, figures.cost, more, more / coupons);
    if (more > 0) std::fprintf(stderr, ", %.1f coupons for one", coupons / more);
    const double a_coupon = static_cast<double>(figures.given.visits.size()) * weeks / coupons;
    std::fprintf(stderr,
                 "\n  the chain's figures would need %.2f visits and %.0f of spend more a coupon;"
                 " there were %.3f and %.0f",
                 (published_visits - 1) * mean_of(figures.withheld.visits).value * a_coupon,
                 (published_spend - 1) * mean_of(figures.withheld.spend).value * a_coupon,
                 more / coupons,
                 (figures.given.spend_with - figures.given.spend_without) / coupons);
    std::fprintf(stderr, "\n  coupons went to:");
    for (std::size_t n = 0; n < answers_count; ++n)
        std::fprintf(stderr, " %s %.1f %%",
                     std::string{stage::text_of(static_cast<Answers>(n))}.c_str(),
                     100 * static_cast<double>(figures.coupons_to[n]) / coupons);
    std::fprintf(
        stderr,
        "\n  2 to 6 hours before a usual day's hour: %.1f %% of coupons; before the habit's"
        " hour on whatever day: %.1f %%\n",
        share_between(figures.to_usual_day, 2, 6), share_between(figures.to_habit, 2, 6));
}

void print_figures(const std::string& name, const Figures& figures)
{
    const auto& given = figures.given;
    const auto& withheld = figures.withheld;
    const auto visits = lift(given.visits, withheld.visits);
    const auto spend = lift(given.spend, withheld.spend);
    std::fprintf(stderr, "%s: %zu members given, %zu withheld, %zu without a decision\n",
                 name.c_str(), given.visits.size(), withheld.visits.size(),
                 figures.without_decision);
    std::fprintf(stderr,
                 "  visits a member and week %.3f given, %.3f withheld: x %s (really x %.3f);"
                 " spend %.0f, %.0f: x %s (really x %.3f)\n",
                 mean_of(given.visits).value, mean_of(withheld.visits).value,
                 text_of(visits).c_str(), given.visits_with / given.visits_without,
                 mean_of(given.spend).value, mean_of(withheld.spend).value, text_of(spend).c_str(),
                 given.spend_with / given.spend_without);
    const auto day_visits = lift(given.day_visits, withheld.day_visits);
    const auto day_spend = lift(given.day_spend, withheld.day_spend);
    std::fprintf(stderr, "  in the 24 hours from the coupon: visits x %s, spend x %s\n",
                 text_of(day_visits).c_str(), text_of(day_spend).c_str());
    if (mean_of(figures.learned_given.day_visits).value > 0) {
        const auto& one = figures.learned_given;
        const auto& other = figures.learned_withheld;
        std::fprintf(stderr, "  the same, once the effect was learned: visits x %s, spend x %s\n",
                     text_of(lift(one.day_visits, other.day_visits)).c_str(),
                     text_of(lift(one.day_spend, other.day_spend)).c_str());
    }
    std::fprintf(stderr, "  really, by kind of given member:");
    for (std::size_t n = 0; n < answers_count; ++n) {
        const auto& kind = figures.by_answers[n];
        if (kind.visits_without > 0)
            std::fprintf(stderr, " %s visits x %.3f, spend x %.3f;",
                         std::string{stage::text_of(static_cast<Answers>(n))}.c_str(),
                         kind.visits_with / kind.visits_without,
                         kind.spend_with / kind.spend_without);
    }
    std::fprintf(stderr,
                 "\n  who redeemed over who did not (no effect, a choice of people): visits x %s,"
                 " spend x %s\n",
                 text_of(lift(figures.redeemers, figures.others)).c_str(),
                 text_of(lift(figures.redeemers_spend, figures.others_spend)).c_str());
    print_coupons(figures);
    print_effect(figures);
    print_funnel(figures.funnel);
    if (figures.disturbed > 0)
        std::fprintf(stderr, "  WRONG: %zu withheld members did otherwise than without\n",
                     figures.disturbed);
    std::fflush(stderr);
    print_lift(name + ": visits a week, given over withheld", visits, published_visits);
    print_lift(name + ": spend a week, given over withheld", spend, published_spend);
    print_lift(name + ": visits in the coupon's day", day_visits, published_visits);
    print_lift(name + ": spend in the coupon's day", day_spend, published_spend);
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
}

void bench_rental_figures()
{
    own_figures();
}

}  // namespace raiten::bench

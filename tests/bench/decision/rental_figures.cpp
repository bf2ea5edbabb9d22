#include "tests/bench/decision/rental_figures.hpp"

#include "tests/bench/bench.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

namespace raiten::bench {

using namespace std::chrono_literals;

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

namespace {

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

}  // namespace

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

}  // namespace raiten::bench

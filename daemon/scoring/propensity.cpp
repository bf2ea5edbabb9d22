#include "daemon/scoring/propensity.hpp"

#include "daemon/scoring/logistic.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <tuple>
#include <utility>

namespace raiten::scoring {
namespace {

constexpr double steady_half_life_days = 3'650;
constexpr double quick_half_life_days = 365;
constexpr double sums_half_life_days = 365;
constexpr double evidence_kept = 0.999;  ///< of log likelihoods, from one visit to the next
constexpr double believed_first = 3;     ///< e to this: how much more the rate is, at first
constexpr double averaged_visits_max = 1'000;

/// ln p, -ln(1 - p), 1; the identity is (1, 1, 0).
std::vector<OnlineLogistic::Prior> prior_of_line()
{
    return {{1, 0.25}, {1, 0.25}, {0, 0.25}};
}

std::array<Term, 3> line_terms(double p)
{
    const double odds = log_odds_of(p);
    const double sane = probability_of(odds);
    return {{{0, std::log(sane)}, {1, -std::log1p(-sane)}, {2, 1}}};
}

double likelihood_log(double p, bool came)
{
    return std::log(std::clamp(came ? p : 1 - p, 1e-6, 1.0));
}

double fine(double p)
{
    return std::clamp(p, 1e-6, 1 - 1e-6);
}

std::string whole(double value)
{
    return std::to_string(static_cast<std::int64_t>(std::llround(std::clamp(value, 0.0, 1e9))));
}

/// What inputs from `from` to below `to` say of a visit, in words of the shop.
struct Group {
    std::uint16_t from, to;
    std::string (*words)(const VisitFeatures&);
};

std::string streak_words(const VisitFeatures& visit)
{
    return "streak " + std::to_string(visit.streak);
}
std::string dwell_words(const VisitFeatures& visit)
{
    return visit.dwell_minutes ? "here for " + whole(*visit.dwell_minutes) + " min" : "here";
}
std::string hour_words(const VisitFeatures& visit)
{
    return "came at " + whole(std::floor(visit.local_hour)) + " h";
}
std::string weekday_words(const VisitFeatures& visit)
{
    constexpr std::array names{"Monday", "Tuesday",  "Wednesday", "Thursday",
                               "Friday", "Saturday", "Sunday"};
    return names[visit.weekday % names.size()];
}
std::string since_words(const VisitFeatures& visit)
{
    if (!visit.days_since_purchase) return "never bought";
    return "bought " + whole(*visit.days_since_purchase) + " d ago";
}
std::string habit_words(const VisitFeatures& visit)
{
    return "bought on " + std::to_string(visit.purchases) + " of " + std::to_string(visit.visits)
           + " visits";
}
std::string stage_words(const VisitFeatures& visit)
{
    return "stage "
           + std::string{
               text_of(static_cast<Stage>(static_cast<unsigned>(visit.stage) % stage_count))};
}
std::string coupon_words(const VisitFeatures& visit)
{
    return visit.coupon ? "coupon in hand" : "no coupon";
}
std::string arrival_words(const VisitFeatures& visit)
{
    return visit.checked_in ? "checked in" : "came in quietly";
}
std::string blind_words(const VisitFeatures&)
{
    return "zones not known";
}
std::string register_words(const VisitFeatures& visit)
{
    double seconds = 0;
    if (visit.zones)
        for (const auto& each : *visit.zones)
            if (each.zone == register_zone) seconds += each.seconds;
    return seconds > 0 ? "register for " + whole(seconds) + " s" : "not at the register";
}

constexpr std::array groups{
    Group{inputs::returned, inputs::dwell, streak_words},
    Group{inputs::dwell, inputs::hour, dwell_words},
    Group{inputs::hour, inputs::weekday, hour_words},
    Group{inputs::weekday, inputs::bought, weekday_words},
    Group{inputs::bought, inputs::first, since_words},
    Group{inputs::first, inputs::stage, habit_words},
    Group{inputs::stage, inputs::coupon, stage_words},
    Group{inputs::coupon, inputs::checked_in, coupon_words},
    Group{inputs::checked_in, inputs::blind, arrival_words},
    Group{inputs::blind, inputs::at_register, blind_words},
    Group{inputs::at_register, inputs::zone, register_words},
};

/// Zones of one place in the list, which are nearly always one zone.
std::string zone_words(const VisitFeatures& visit, std::uint16_t slot)
{
    std::string names;
    double seconds = 0;
    if (visit.zones)
        for (const auto& [zone, spent] : *visit.zones) {
            if (zone == register_zone || zone_slot(zone) != slot) continue;
            if (names.find(zone) == std::string::npos) names += (names.empty() ? "" : "+") + zone;
            seconds += spent;
        }
    return names.empty() ? std::string{} : "zone " + names + " for " + whole(seconds) + " s";
}

}  // namespace

Propensity::Propensity()
    : steady_{prior_of_inputs(), steady_half_life_days},
      quick_{prior_of_inputs(), quick_half_life_days},
      lines_(landmark_minutes.size(), OnlineLogistic{prior_of_line(), quick_half_life_days})
{
    evidence_.fill({0, -believed_first, -believed_first});
}

double Propensity::landmark_weight() const
{
    return (rates_.visits() + 1) / (reached_ + 1);
}

std::array<double, Propensity::voices> Propensity::shares(std::uint8_t moment) const
{
    std::array<double, voices> out{};
    double sum = 0;
    for (std::size_t i = 0; i < voices; ++i) sum += out[i] = std::exp(evidence_[moment][i]);
    for (auto& each : out) each /= sum;
    return out;
}

Propensity::Said Propensity::say(const VisitFeatures& features, std::span<const Term> terms) const
{
    Said said;
    said.by_voice = {fine(rates_.of(features.purchases, features.visits)),
                     fine(steady_.guess(terms).probability()),
                     fine(quick_.guess(terms).probability())};
    const auto share = shares(moment_of(features));
    for (std::size_t i = 0; i < voices; ++i) said.mean += share[i] * said.by_voice[i];
    said.calibrated = fine(lines_[moment_of(features)].guess(line_terms(said.mean)).probability());
    return said;
}

double Propensity::probability(const VisitFeatures& features) const
{
    return say(features, terms_of(features, rates_.store())).calibrated;
}

Foresight Propensity::foresee(const VisitFeatures& features, std::size_t reasons_max) const
{
    const auto terms = terms_of(features, rates_.store());
    const auto share = shares(moment_of(features));
    std::array<double, inputs::count> speaks{};
    for (std::size_t i = 0; i < speaks.size(); ++i) speaks[i] = -means_[i];
    for (const auto& term : terms) speaks[term.place] += term.value;
    for (std::size_t i = 0; i < speaks.size(); ++i)
        speaks[i] *= share[1] * steady_.weights()[i] + share[2] * quick_.weights()[i];

    Foresight out;
    out.probability = say(features, terms).calibrated;
    out.rate = rates_.of(features.purchases, features.visits);
    out.model_share = share[1] + share[2];
    for (const auto& group : groups) {
        double sum = 0;
        for (auto i = group.from; i < group.to; ++i) sum += speaks[i];
        out.reasons.push_back({group.words(features), sum});
    }
    for (std::uint16_t slot = 0; slot < inputs::zone_slots_max; ++slot)
        if (auto words = zone_words(features, slot); !words.empty())
            out.reasons.push_back({std::move(words), speaks[inputs::zone + slot]});
    std::stable_sort(out.reasons.begin(), out.reasons.end(), [](const auto& a, const auto& b) {
        return std::abs(a.log_odds) > std::abs(b.log_odds);
    });
    std::erase_if(out.reasons, [](const auto& each) { return !(std::abs(each.log_odds) > 0); });
    if (out.reasons.size() > reasons_max) out.reasons.resize(reasons_max);
    return out;
}

void Propensity::learn(std::vector<SettledVisit> visits)
{
    std::sort(visits.begin(), visits.end(), [](const auto& a, const auto& b) {
        return std::tie(a.settled_at, a.id) < std::tie(b.settled_at, b.id);
    });
    for (const auto& visit : visits)
        if (!visit.landmarks.empty()) learn_one(visit);
}

void Propensity::learn_one(const SettledVisit& visit)
{
    pass_to(visit.settled_at);
    const double weight = landmark_weight();
    std::vector<std::vector<Term>> terms;
    std::vector<Said> said;
    for (const auto& landmark : visit.landmarks) {
        terms.push_back(terms_of(landmark.features, rates_.store()));
        said.push_back(say(landmark.features, terms.back()));
        marks_.add(said.back().calibrated, said.back().by_voice[0], visit.bought, weight);
        if (landmark.moment == 0)
            opening_marks_.add(said.back().calibrated, said.back().by_voice[0], visit.bought, 1);
        weigh(landmark.moment, said.back(), visit.bought);
    }
    const double news =
        1 / std::min(static_cast<double>(++learned_), averaged_visits_max);  // the first: all
    const double each = news / static_cast<double>(terms.size());
    for (auto& mean : means_) mean *= 1 - news;
    for (std::size_t i = 0; i < terms.size(); ++i) {
        steady_.learn(terms[i], visit.bought, weight);
        quick_.learn(terms[i], visit.bought, weight);
        lines_[visit.landmarks[i].moment].learn(line_terms(said[i].mean), visit.bought);
        for (const auto& term : terms[i]) means_[term.place] += each * term.value;
    }
    const auto& opening = visit.landmarks.front().features;
    rates_.learn(opening.purchases, opening.visits, visit.bought);
    reached_ += static_cast<double>(visit.landmarks.size());
}

void Propensity::weigh(std::uint8_t moment, const Said& said, bool bought)
{
    auto& evidence = evidence_[moment];
    for (std::size_t i = 0; i < voices; ++i)
        evidence[i] = evidence[i] * evidence_kept + likelihood_log(said.by_voice[i], bought);
    const double best = *std::max_element(evidence.begin(), evidence.end());
    for (auto& each : evidence) each -= best;
}

void Propensity::correct(const SettledVisit& visit)
{
    if (visit.landmarks.empty()) return;
    const double weight = landmark_weight();
    for (const auto& landmark : visit.landmarks) {
        const auto terms = terms_of(landmark.features, rates_.store());
        const auto said = say(landmark.features, terms);
        steady_.correct(terms, visit.bought, weight);
        quick_.correct(terms, visit.bought, weight);
        lines_[landmark.moment].correct(line_terms(said.mean), visit.bought);
    }
    rates_.correct(visit.bought);
}

/// In whole days: nothing is lost by waiting for one.
void Propensity::pass_to(Instant now)
{
    if (!passed_until_) passed_until_ = now;
    const auto days = std::chrono::floor<std::chrono::days>(now - *passed_until_);
    if (days.count() <= 0) return;
    *passed_until_ += days;
    const auto passed = static_cast<double>(days.count());
    steady_.pass(passed);
    quick_.pass(passed);
    for (auto& line : lines_) line.pass(passed);
    const double kept = std::exp2(-passed / sums_half_life_days);
    rates_.fade(kept);
    reached_ *= kept;
    marks_.fade(kept);
    opening_marks_.fade(kept);
}

bool Propensity::sound() const
{
    const auto log_likelihoods = [](const std::array<double, voices>& all) {
        return std::all_of(all.begin(), all.end(),
                           [](double each) { return std::isfinite(each) && each <= 0; })
               && *std::max_element(all.begin(), all.end()) == 0;
    };
    constexpr auto far = std::chrono::days{3'650'000};
    return std::isfinite(reached_) && reached_ >= rates_.visits() * (1 - 1e-9)
           && (!passed_until_ || std::chrono::abs(passed_until_->time_since_epoch()) <= far)
           && std::all_of(evidence_.begin(), evidence_.end(), log_likelihoods)
           && std::all_of(means_.begin(), means_.end(),
                          [](double each) { return std::isfinite(each) && std::abs(each) < 1e6; });
}

}  // namespace raiten::scoring

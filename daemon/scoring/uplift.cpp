#include "daemon/scoring/uplift.hpp"

#include "daemon/scoring/mixer.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <utility>

namespace raiten::scoring {
namespace {

constexpr double normal_95 = 1.959963984540054;           // both ends of 95 %
constexpr double normal_95_one_end = 1.6448536269514722;  // one end
constexpr std::size_t folds = 5;
constexpr std::size_t repeats = 5;  // odd, so that there is a median

/// Decisions of one group as cases for its model.
struct GroupCases {
    std::vector<double> values;
    std::vector<std::uint8_t> came;
};

std::span<const double> row_of(const OfferDecisions& decisions, std::size_t i)
{
    return decisions.values.subspan(i * decisions.features, decisions.features);
}

struct Pair {
    LogisticModel with, without;

    double raw(std::span<const double> features) const
    {
        return probability(with, features) - probability(without, features);
    }
};

/// Both models, of the decisions whose part is among `parts`, a bit for each.
Result<Pair> fit_pair(const OfferDecisions& decisions, std::span<const std::uint8_t> part,
                      unsigned parts, const LogisticModel* warm_with,
                      const LogisticModel* warm_without)
{
    std::array<GroupCases, 2> groups;
    for (std::size_t i = 0; i < decisions.size(); ++i) {
        if ((parts >> part[i] & 1U) == 0) continue;
        auto& group = groups[decisions.given[i]];
        const auto row = row_of(decisions, i);
        group.values.insert(group.values.end(), row.begin(), row.end());
        group.came.push_back(decisions.came[i]);
    }
    const auto fit = [&](const GroupCases& group, const LogisticModel* warm) {
        return fit_logistic({decisions.features, group.values, group.came}, {}, warm);
    };
    auto with = fit(groups[1], warm_with);
    if (!with) return with.error();
    auto without = fit(groups[0], warm_without);
    if (!without) return without.error();
    return Pair{std::move(with).value().model, std::move(without).value().model};
}

/// Cuts the decisions into parts that have the same share of each kind of outcome.
std::vector<std::uint8_t> parts_of(const OfferDecisions& decisions, std::size_t repeat)
{
    std::array<std::vector<std::size_t>, 4> kinds;
    for (std::size_t i = 0; i < decisions.size(); ++i)
        kinds[decisions.given[i] * 2U + decisions.came[i]].push_back(i);
    Mixer mixer{repeat + 1};
    std::vector<std::uint8_t> part(decisions.size());
    for (auto& kind : kinds) {
        for (std::size_t n = kind.size(); n > 1; --n) std::swap(kind[n - 1], kind[mixer.below(n)]);
        for (std::size_t n = 0; n < kind.size(); ++n)
            part[kind[n]] = static_cast<std::uint8_t>(n % folds);
    }
    return part;
}

/// What a decision says of its uplift, and where models that did not know it placed the member.
struct HeldOut {
    double corrected{};  ///< its expectation is the uplift
    double raw{};
    double place{};  ///< in its part, −½ (last) to ½
};

/// Places by rank, alike for equal ones.
void place(std::vector<HeldOut>& members)
{
    std::sort(members.begin(), members.end(),
              [](const HeldOut& one, const HeldOut& other) { return one.raw < other.raw; });
    const auto count = static_cast<double>(members.size());
    for (std::size_t from = 0; from < members.size();) {
        auto to = from;
        while (to < members.size() && members[to].raw == members[from].raw) ++to;
        const double middle = static_cast<double>(from + to) / 2 / count - 0.5;
        for (; from < to; ++from) members[from].place = middle;
    }
}

/// Subtracts the means of a part, so that parts can be laid together.
void centre(std::vector<HeldOut>& members)
{
    double corrected = 0, raw = 0;
    for (const auto& each : members) {
        corrected += each.corrected;
        raw += each.raw;
    }
    for (auto& each : members) {
        each.corrected -= corrected / static_cast<double>(members.size());
        each.raw -= raw / static_cast<double>(members.size());
    }
}

/// The decisions of part `fold`, as `models` see them that did not know it.
std::vector<HeldOut> hold_out(const OfferDecisions& decisions, std::span<const std::uint8_t> part,
                              std::size_t fold, const Pair& models)
{
    const double given_share =
        static_cast<double>(std::count(decisions.given.begin(), decisions.given.end(), 1))
        / static_cast<double>(decisions.size());
    std::vector<HeldOut> members;
    for (std::size_t i = 0; i < decisions.size(); ++i) {
        if (part[i] != fold) continue;
        const auto row = row_of(decisions, i);
        const double with = probability(models.with, row);
        const double without = probability(models.without, row);
        const double chance = decisions.chance.empty() ? given_share : decisions.chance[i];
        const double came = decisions.came[i];
        const double corrected =
            with - without
            + (decisions.given[i] != 0 ? (came - with) / chance : (without - came) / (1 - chance));
        members.push_back({corrected, with - without, 0});
    }
    place(members);
    centre(members);
    return members;
}

/// Sums over members held out.
struct Sums {
    double members{}, gain{}, gain_squares{};
    double on_raw{}, raw_squares{}, raw_2{}, raw_3{}, raw_4{};

    void add_gain(std::span<const HeldOut> held_out)
    {
        members += static_cast<double>(held_out.size());
        for (const auto& each : held_out) {
            const double share = each.place * each.corrected;
            gain += share;
            gain_squares += share * share;
        }
    }
    void add_slope(std::span<const HeldOut> held_out)
    {
        for (const auto& each : held_out) {
            const double by = each.raw * each.raw;
            on_raw += each.raw * each.corrected;
            raw_squares += by;
            raw_2 += by * each.corrected * each.corrected;
            raw_3 += by * each.raw * each.corrected;
            raw_4 += by * by;
        }
    }
};

struct Answer {
    double gain{}, gain_error{};
    double slope{}, slope_error{};
};

Answer answer_of(const Sums& sums)
{
    Answer out{sums.gain / sums.members, std::sqrt(sums.gain_squares) / sums.members, 0, 0};
    if (!(sums.raw_squares > 0)) return out;
    out.slope = sums.on_raw / sums.raw_squares;
    const double left =  // Σ raw² (corrected − slope · raw)²
        sums.raw_2 - 2 * out.slope * sums.raw_3 + out.slope * out.slope * sums.raw_4;
    out.slope_error = std::sqrt(std::max(left, 0.0)) / sums.raw_squares;
    return out;
}

/// One cut of the decisions into parts: the slope from models of all other parts, the gain from
/// models of the parts before.
Result<Answer> ask(const OfferDecisions& decisions, std::size_t repeat, const Pair& warm)
{
    const auto part = parts_of(decisions, repeat);
    Sums sums;
    for (std::size_t fold = 0; fold < folds; ++fold) {
        const unsigned before = (1U << fold) - 1;
        const unsigned others = ((1U << folds) - 1) & ~(1U << fold);
        const auto models = fit_pair(decisions, part, others, &warm.with, &warm.without);
        if (!models) return models.error();
        const auto held_out = hold_out(decisions, part, fold, *models);
        sums.add_slope(held_out);
        if (before == others) {
            sums.add_gain(held_out);
        } else if (before != 0) {
            const auto earlier = fit_pair(decisions, part, before, &warm.with, &warm.without);
            if (!earlier) return earlier.error();
            sums.add_gain(hold_out(decisions, part, fold, *earlier));
        }
    }
    return answer_of(sums);
}

template <class Value>
double median(std::span<const Answer> answers, Value value)
{
    std::vector<double> all;
    for (const auto& each : answers) all.push_back(value(each));
    std::sort(all.begin(), all.end());
    return all[all.size() / 2];
}

bool enough(const AverageEffect& average)
{
    return std::min({average.given_came, average.given - average.given_came, average.withheld_came,
                     average.withheld - average.withheld_came})
           >= uplift_each_min;
}

/// How a model's chance moves from its means to a member, shared among the features.
void share_out(const LogisticModel& model, std::span<const double> features, double times,
               std::vector<UpliftReason>& reasons)
{
    const double from = probability_of(model.intercept);
    const double odds = log_odds(model, features) - model.intercept;
    const double moved = probability_of(model.intercept + odds) - from;
    const double by_odds = std::abs(odds) > 1e-6 ? moved / odds : from * (1 - from);
    for (std::size_t j = 0; j < model.features(); ++j)
        reasons[j].adds += times * by_odds * contribution(model, features, j);
}

/// The variance of a model's chance for a member.
double chance_variance(const LogisticModel& model, std::span<const double> features)
{
    const double p = probability(model, features);
    const double error = p * (1 - p) * log_odds_error(model, features);
    return error * error;
}

}  // namespace

std::string_view name_of(Targeting targeting)
{
    switch (targeting) {
        case Targeting::too_few:
            return "too_few";
        case Targeting::no_evidence:
            return "no_evidence";
        case Targeting::helps:
            return "helps";
    }
    return "";
}

Result<UpliftModel> learn_uplift(const OfferDecisions& decisions, const UpliftModel* warm)
{
    const auto average = average_effect(decisions);
    if (!average) return average.error();
    UpliftModel out;
    out.average = *average;
    if (!enough(*average) || decisions.features == 0) return out;
    auto models = fit_pair(decisions, std::vector<std::uint8_t>(decisions.size()), 1,
                           warm != nullptr ? &warm->with : nullptr,
                           warm != nullptr ? &warm->without : nullptr);
    if (!models) return models.error();
    std::vector<Answer> answers;
    for (std::size_t repeat = 0; repeat < repeats; ++repeat) {
        const auto answer = ask(decisions, repeat, *models);
        if (!answer) return answer.error();
        answers.push_back(*answer);
    }
    const auto gain_at = [&](double errors) {
        return median(answers, [=](const Answer& a) { return a.gain + errors * a.gain_error; });
    };
    out.gain = {gain_at(0), gain_at(-normal_95_one_end), gain_at(normal_95_one_end)};
    out.slope = std::clamp(median(answers, [](const Answer& a) { return a.slope; }), 0.0, 1.0);
    out.slope_error = median(answers, [](const Answer& a) { return a.slope_error; });
    out.targeting =
        out.gain.above_nothing() && out.slope > 0 ? Targeting::helps : Targeting::no_evidence;
    for (std::size_t i = 0; i < decisions.size(); ++i)
        out.centre += models->raw(row_of(decisions, i)) / static_cast<double>(decisions.size());
    out.with = std::move(models->with);
    out.without = std::move(models->without);
    return out;
}

Result<void> check(const UpliftModel& model, std::size_t features)
{
    const auto refused = [](const char* what) { return Problem{what, "model of an offer"}; };
    for (const double each : {model.average.effect.value, model.average.effect.low,
                              model.average.effect.high, model.gain.value, model.gain.low,
                              model.gain.high, model.slope, model.slope_error, model.centre})
        if (!std::isfinite(each)) return refused("a number that is not finite");
    if (model.slope < 0 || model.slope > 1 || model.slope_error < 0)
        return refused("a slope that is none");
    if (model.targeting > Targeting::helps) return refused("an unknown kind of targeting");
    if (model.targeting == Targeting::too_few) return {};
    for (const auto* each : {&model.with, &model.without}) {
        if (const auto good = check(*each); !good) return good.error();
        if (each->features() != features) return refused("another number of features");
    }
    return {};
}

std::string text_of(const UpliftModel& model)
{
    const auto percent = [](const Effect& effect) {
        std::array<char, 96> text{};
        std::snprintf(text.data(), text.size(), "%+.1f of 100 [%+.1f, %+.1f]", 100 * effect.value,
                      100 * effect.low, 100 * effect.high);
        return std::string{text.data()};
    };
    const std::string average = "on average " + percent(model.average.effect) + " come by it; ";
    switch (model.targeting) {
        case Targeting::too_few:
            return average + "too few outcomes to say whom it moves most";
        case Targeting::no_evidence:
            return average + "there is no evidence that targeting helps: ranking gains "
                   + percent(model.gain) + ", so everybody is taken as the average";
        case Targeting::helps:
            return average + "targeting helps: ranking gains " + percent(model.gain);
    }
    return average;
}

UpliftEstimate uplift_of(const UpliftModel& model, std::span<const double> features)
{
    const auto& average = model.average.effect;
    if (model.targeting != Targeting::helps)
        return {average.value, average.low, average.high, true};
    const double raw = probability(model.with, features) - probability(model.without, features);
    const double value = std::clamp(average.value + model.slope * (raw - model.centre), -1.0, 1.0);
    const double raw_variance =
        chance_variance(model.with, features) + chance_variance(model.without, features);
    const double average_error = (average.high - average.low) / (2 * normal_95);
    const double kept = 1 - model.slope;
    const double off =
        normal_95
        * std::sqrt(model.slope * raw_variance + kept * kept * average_error * average_error
                    + (raw - model.centre) * (raw - model.centre) * model.slope_error
                          * model.slope_error);
    return {value, std::max(value - off, -1.0), std::min(value + off, 1.0), false};
}

std::vector<UpliftReason> reasons_of(const UpliftModel& model, std::span<const double> features,
                                     std::size_t most)
{
    if (model.targeting != Targeting::helps) return {};
    std::vector<UpliftReason> reasons(features.size());
    for (std::size_t j = 0; j < features.size(); ++j) reasons[j].feature = j;
    share_out(model.with, features, model.slope, reasons);
    share_out(model.without, features, -model.slope, reasons);
    std::stable_sort(reasons.begin(), reasons.end(), [](const auto& one, const auto& other) {
        return std::abs(one.adds) > std::abs(other.adds);
    });
    reasons.resize(std::min(reasons.size(), most));
    return reasons;
}

}  // namespace raiten::scoring

#include "daemon/scoring/churn.hpp"

#include "daemon/scoring/special.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace raiten::scoring {
namespace {

constexpr std::array<std::string_view, 3> names{"record", "corrected", "foretold"};
constexpr std::array<std::size_t, 3> features{2, 1, 0};

/// How much better the purchase model must foretell, in standard errors: 5 % by two sides.
constexpr double evident = 1.959964;
constexpr std::size_t folds = 5;
constexpr double ridge = 1;

std::size_t index_of(ChurnBasis basis)
{
    return static_cast<std::size_t>(basis);
}

double log_odds_of(double chance)
{
    constexpr double least = 1e-12;
    const double p = std::clamp(chance, least, 1 - least);
    return std::log(p) - std::log1p(-p);
}

/// What `record` sees of a member. The root: a day more of silence says less, the longer it lasts.
std::array<double, 2> record_of(double silent_days, double repeats)
{
    return {std::sqrt(std::max(silent_days, 0.0)), std::log1p(repeats)};
}

double log_loss(double odds, bool came)
{
    return log1p_exp(came ? -odds : odds);
}

}  // namespace

/// All cases of all members, laid out for the regressions.
struct ChurnLearner::Cases {
    std::vector<double> record, model_odds;
    std::vector<std::uint8_t> came;
    std::vector<std::uint32_t> member;
    std::size_t bought{};

    explicit Cases(const std::vector<Member>& members)
    {
        for (std::uint32_t i = 0; i < members.size(); ++i)
            for (std::size_t cut = 0; cut < members[i].cuts; ++cut) {
                const auto& each = members[i].cases[cut];
                record.insert(record.end(), each.record.begin(), each.record.end());
                model_odds.push_back(each.model_odds);
                came.push_back(each.came ? 1 : 0);
                member.push_back(i);
                bought += each.came ? 1 : 0;
            }
    }

    LogisticCases of(ChurnBasis basis) const
    {
        return {features[index_of(basis)], basis == ChurnBasis::record ? record : model_odds, came};
    }

    /// The log loss of each case, foretold by what was learned from the members of other folds.
    Result<std::vector<double>> held_out(ChurnBasis basis) const
    {
        std::vector<double> losses(came.size());
        std::vector<double> weights(came.size());
        auto cases = of(basis);
        cases.weights = weights;
        for (std::size_t fold = 0; fold < folds; ++fold) {
            for (std::size_t i = 0; i < weights.size(); ++i)
                weights[i] = member[i] % folds == fold ? 0 : 1;
            const auto fit = fit_logistic(cases, {ridge});
            if (!fit) return fit.error();
            for (std::size_t i = 0; i < weights.size(); ++i)
                if (weights[i] == 0)
                    losses[i] =
                        log_loss(log_odds(fit->model,
                                          cases.values.subspan(i * cases.features, cases.features)),
                                 came[i] != 0);
        }
        return losses;
    }

    double share_bought() const
    {
        return static_cast<double>(bought) / static_cast<double>(came.size());
    }
};

namespace {

double mean(std::span<const double> values)
{
    double sum = 0;
    for (const double value : values) sum += value;
    return sum / static_cast<double>(values.size());
}

/// The sum of differences in standard errors, where the cases of a member belong together.
double in_errors(std::span<const double> more, std::span<const double> less,
                 std::span<const std::uint32_t> member)
{
    double sum = 0, squares = 0, members = 0;
    for (std::size_t i = 0; i < more.size();) {
        double own = 0;
        const auto who = member[i];
        for (; i < more.size() && member[i] == who; ++i) own += more[i] - less[i];
        sum += own;
        squares += own * own;
        members += 1;
    }
    const double error = std::sqrt(std::max(squares - sum * sum / members, 0.0));
    return error > 0 ? sum / error : 0;
}

}  // namespace

std::string_view name_of(ChurnBasis basis)
{
    return names[index_of(basis)];
}

Result<void> check(const Churn& churn)
{
    if (churn.basis > ChurnBasis::foretold) return Problem{"no such basis", "churn"};
    const auto days = [](double v) { return v > 0 && v <= 1e6; };
    if (!days(churn.horizon_days) || !days(churn.unit_days))
        return Problem{"a time is not between 0 and 1,000,000 days", "churn"};
    if (!std::isfinite(churn.level)) return Problem{"the level is not a number", "churn"};
    if (churn.odds.features() != features[index_of(churn.basis)])
        return Problem{"the odds have another number of features than the basis", "churn"};
    if (churn.basis == ChurnBasis::foretold) return {};
    return check(churn.odds);
}

double chance_to_buy(const Churn& churn, const PurchaseModel& model, const BuyingHistory& member)
{
    if (churn.basis == ChurnBasis::record) {
        const auto record =
            record_of((member.observed - member.last) * churn.unit_days, member.repeats);
        return probability_of(log_odds(churn.odds, record) + churn.level);
    }
    const double chance = p_purchase(model, member, churn.horizon_days / churn.unit_days);
    if (churn.basis == ChurnBasis::foretold) return chance;
    const double odds = log_odds_of(chance);
    return probability_of(log_odds(churn.odds, {&odds, 1}) + churn.level);
}

ChurnLearner::ChurnLearner(const PurchaseModel& model, const ChurnQuestion& question)
    : model_{model}, question_{question}
{
    constexpr std::int64_t parts = 3;
    const auto record = std::int64_t{question.today} - question.first_day;
    const auto longest = std::max<std::int64_t>(record / parts, 0);
    span_days_ = static_cast<std::int32_t>(
        std::min(std::floor(question.horizon_days), static_cast<double>(longest)));
}

ChurnLearner::Member ChurnLearner::member_of(std::span<const PurchaseDay> days) const
{
    Member out;
    const auto record = [](std::span<const PurchaseDay> known, std::int32_t today) {
        const auto exact =
            record_of(today - known.back().day, static_cast<double>(known.size() - 1));
        return std::array{static_cast<float>(exact[0]), static_cast<float>(exact[1])};
    };
    const auto chance = [&](std::span<const PurchaseDay> known, std::int32_t today, double span) {
        return p_purchase(model_, habits_of(known).history(today, question_.unit_days),
                          span / question_.unit_days);
    };
    out.record = record(days, question_.today);
    out.chance = static_cast<float>(chance(days, question_.today, question_.horizon_days));
    auto known = days;
    for (std::int32_t i = 1; i <= static_cast<std::int32_t>(churn_cuts_max); ++i) {
        const auto cut = question_.today - i * span_days_;
        if (cut - span_days_ < question_.first_day) break;
        const auto before = known.size();
        while (!known.empty() && known.back().day > cut) known = known.first(known.size() - 1);
        if (known.empty()) break;
        auto& each = out.cases[out.cuts++];
        each.record = record(known, cut);
        each.model_odds = static_cast<float>(log_odds_of(chance(known, cut, span_days_)));
        each.came = known.size() < before;
    }
    return out;
}

void ChurnLearner::add(std::span<const PurchaseDay> days)
{
    const bool chosen = added_++ % step_ == 0;
    if (!chosen || days.empty() || span_days_ < churn_span_days_min) return;
    if (members_.size() == churn_members_max) {
        for (std::size_t i = 0; 2 * i < members_.size(); ++i) members_[i] = members_[2 * i];
        members_.resize((members_.size() + 1) / 2);
        step_ *= 2;
        if ((added_ - 1) % step_ != 0) return;
    }
    members_.push_back(member_of(days));
}

std::optional<Problem> ChurnLearner::refusal(const Cases& cases) const
{
    if (span_days_ < churn_span_days_min)
        return Problem{"the record or the horizon is too short to learn who buys again", "churn",
                       "a record of at least " + std::to_string(3 * churn_span_days_min)
                           + " days, a horizon " + "of at least "
                           + std::to_string(churn_span_days_min)};
    const auto not_bought = cases.came.size() - cases.bought;
    if (cases.came.size() < churn_cases_min || std::min(cases.bought, not_bought) < churn_each_min)
        return Problem{
            "too few members of the past to learn who buys again: " + std::to_string(cases.bought)
                + " bought, " + std::to_string(not_bought) + " did not",
            "churn",
            "at least " + std::to_string(churn_cases_min) + ", and "
                + std::to_string(churn_each_min) + " of each"};
    return std::nullopt;
}

/// Where nobody could see the whole horizon, the purchase model says how many will have bought by
/// then, corrected by how far it was off after the cuts; the record says who.
double ChurnLearner::level_of(const Cases& cases, const LogisticModel& record) const
{
    if (span_days_ >= std::floor(question_.horizon_days)) return 0;
    double then = 0, tonight = 0;
    for (const double odds : cases.model_odds) then += probability_of(odds);
    std::vector<double> odds;
    for (const auto& member : members_) {
        tonight += member.chance;
        const std::array<double, 2> known{member.record[0], member.record[1]};
        odds.push_back(log_odds(record, known));
    }
    then /= static_cast<double>(cases.came.size());
    tonight /= static_cast<double>(members_.size());
    const double wanted = probability_of(log_odds_of(tonight) + log_odds_of(cases.share_bought())
                                         - log_odds_of(then));
    constexpr int halvings = 50;
    double low = -40, high = 40;
    for (int i = 0; i < halvings; ++i) {
        const double middle = (low + high) / 2;
        double sum = 0;
        for (const double each : odds) sum += probability_of(each + middle);
        (sum < wanted * static_cast<double>(odds.size()) ? low : high) = middle;
    }
    return (low + high) / 2;
}

ChurnFit ChurnLearner::learned() const
{
    const Cases cases{members_};
    ChurnFit fit;
    fit.churn.horizon_days = question_.horizon_days;
    fit.churn.unit_days = question_.unit_days;
    fit.span_days = span_days_;
    fit.cases = cases.came.size();
    for (const auto& member : members_) fit.cuts = std::max<std::size_t>(fit.cuts, member.cuts);
    fit.refused = refusal(cases);
    if (fit.refused) return fit;
    fit.bought = cases.share_bought();

    const auto record = cases.held_out(ChurnBasis::record);
    const auto corrected = cases.held_out(ChurnBasis::corrected);
    if (!record || !corrected) {
        fit.refused = record ? corrected.error() : record.error();
        return fit;
    }
    fit.record_log_loss = mean(*record);
    fit.corrected_log_loss = mean(*corrected);
    fit.model_ahead = in_errors(*record, *corrected, cases.member);

    const auto basis = fit.model_ahead > evident ? ChurnBasis::corrected : ChurnBasis::record;
    const auto learned = fit_logistic(cases.of(basis), {ridge});
    if (!learned) {
        fit.refused = learned.error();
        return fit;
    }
    fit.churn.basis = basis;
    fit.churn.odds = learned->model;
    if (basis == ChurnBasis::record) fit.churn.level = level_of(cases, learned->model);
    return fit;
}

}  // namespace raiten::scoring

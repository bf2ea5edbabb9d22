#include "daemon/scoring/campaign_uplift.hpp"

#include "daemon/base/keyed_hash.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace raiten::scoring {
namespace {

constexpr std::size_t reasons_max = 2;

std::vector<double> features_of(const OfferOutcome& outcome)
{
    return {outcome.features.begin(), outcome.features.end()};
}

/// Linear between the two nearest, as in R's type 7.
std::vector<double> cuts_of(std::vector<double> estimates)
{
    std::sort(estimates.begin(), estimates.end());
    std::vector<double> cuts;
    for (std::size_t i = 0; i < uplift_cuts; ++i) {
        const double place = static_cast<double>(i) * static_cast<double>(estimates.size() - 1)
                             / static_cast<double>(uplift_cuts - 1);
        const auto below = static_cast<std::size_t>(place);
        const auto above = std::min(below + 1, estimates.size() - 1);
        cuts.push_back(
            std::lerp(estimates[below], estimates[above], place - static_cast<double>(below)));
    }
    std::sort(cuts.begin(), cuts.end());  // rounding
    return cuts;
}

/// The chance that such a member comes, with the offer or without.
double chance_of(const UpliftModel& model, const OfferOutcome& outcome)
{
    if (model.targeting != Targeting::too_few)
        return probability(outcome.given ? model.with : model.without, features_of(outcome));
    const auto& average = model.average;
    const auto share = [](std::uint64_t came, std::uint64_t all) {
        return (static_cast<double>(came) + 0.5) / (static_cast<double>(all) + 1);
    };
    return outcome.given ? share(average.given_came, average.given)
                         : share(average.withheld_came, average.withheld);
}

double log_likelihood_of(const UpliftModel& model, const OfferOutcome& outcome)
{
    constexpr double least = 1e-9;
    const double chance = std::clamp(chance_of(model, outcome), least, 1 - least);
    return std::log(outcome.came ? chance : 1 - chance);
}

Comparison gain_of(const UpliftModel& tonight, const UpliftModel& in_use,
                   const OfferSample& decisions)
{
    double count = 0, mean = 0, squares = 0;
    decisions.each([&](const OfferOutcome& outcome) {
        const double gain =
            log_likelihood_of(tonight, outcome) - log_likelihood_of(in_use, outcome);
        const double off = gain - mean;  // Welford's
        mean += off / ++count;
        squares += off * (gain - mean);
    });
    return {mean, count > 1 ? std::sqrt(squares / (count - 1) / count) : 0};
}

template <class... Values>
std::string print(const char* format, Values... values)
{
    std::array<char, 160> text{};
    std::snprintf(text.data(), text.size(), format, values...);
    return text.data();
}

std::string estimate_text(const UpliftEstimate& estimate)
{
    return print("%+.3f [%.3f, %.3f]", estimate.value, estimate.low, estimate.high);
}

std::string reasons_text(const UpliftModel& model, std::span<const double> features)
{
    std::string out;
    for (const auto& reason : reasons_of(model, features, reasons_max)) {
        out += out.empty() ? ": " : ", ";
        out += offer_feature_names()[reason.feature];
        out += print(" %+.3f", reason.adds);
    }
    return out;
}

}  // namespace

bool is_explored(std::uint64_t tenant_seed, const std::string& campaign, std::string_view member)
{
    return KeyedHash{tenant_seed}.add("explored").add(campaign).add(member).unit() < explored_share;
}

Result<void> check(const CampaignUplift& learned)
{
    if (const auto good = check(learned.model, offer_feature_count); !good) return good;
    const auto& cuts = learned.cuts;
    const bool finite =
        std::all_of(cuts.begin(), cuts.end(), [](double x) { return std::isfinite(x); });
    if (!finite || (!cuts.empty() && cuts.size() != uplift_cuts)
        || !std::is_sorted(cuts.begin(), cuts.end()))
        return Problem{"cuts that are none", "model of an offer"};
    return {};
}

Result<CampaignUplift> learn_campaign(const OfferSample& decisions, const OfferSample& anybody,
                                      Instant at, const CampaignUplift* warm)
{
    auto model = decisions.learn(warm != nullptr ? &warm->model : nullptr);
    if (!model) return model.error();
    CampaignUplift out;
    out.model = std::move(*model);
    out.made_at = at;
    out.decisions = decisions.size();
    if (out.model.targeting != Targeting::helps || anybody.size() < cut_members_min) return out;
    std::vector<double> estimates;
    anybody.each([&](const OfferOutcome& outcome) {
        estimates.push_back(uplift_of(out.model, features_of(outcome)).value);
    });
    out.cuts = cuts_of(std::move(estimates));
    return out;
}

Verdict judge(const CampaignUplift& tonight, const CampaignUplift* in_use,
              const OfferSample& decisions)
{
    Verdict out;
    if (const auto good = check(tonight); !good) {
        out.grounds = Grounds::unusable;
        out.reason = good.error().text();
        return out;
    }
    out.accepted = true;
    out.grounds = Grounds::first;
    out.reason = "no usable model was there before";
    if (in_use == nullptr || !check(*in_use)) return out;
    const auto gain = gain_of(tonight.model, in_use->model, decisions);
    out.gain = gain;
    out.grounds = Grounds::as_good;
    out.reason = print("log-likelihood %+.3g a decision (standard error %.2g)", gain.mean,
                       gain.standard_error);
    if (static_cast<double>(tonight.decisions)
        < guard_members_share * static_cast<double>(in_use->decisions)) {
        out.accepted = false;
        out.grounds = Grounds::shrunken;
        out.reason = print("%llu decisions tonight, %llu carried the model in use",
                           static_cast<unsigned long long>(tonight.decisions),
                           static_cast<unsigned long long>(in_use->decisions));
    } else if (-gain.mean > guard_errors * gain.standard_error + 1e-9) {
        out.accepted = false;
        out.grounds = Grounds::less_likely;
    }
    return out;
}

std::optional<double> cut_of(const CampaignUplift& learned, double top_share)
{
    if (learned.cuts.empty()) return std::nullopt;
    const double place =
        (1 - std::clamp(top_share, 0.0, 1.0)) * static_cast<double>(uplift_cuts - 1);
    const auto below = std::min(static_cast<std::size_t>(place), uplift_cuts - 1);
    const auto above = std::min(below + 1, uplift_cuts - 1);
    return std::lerp(learned.cuts[below], learned.cuts[above], place - static_cast<double>(below));
}

Targeted targeted(const CampaignUplift& learned, const Campaign::Target& target,
                  std::span<const double> features, bool explored)
{
    const auto estimate = uplift_of(learned.model, features);
    std::optional<double> floor = target.uplift_min;
    std::string open;  // why a top share leaves nobody out
    if (target.top_share && *target.top_share < 1) {
        const auto cut = estimate.is_average ? std::nullopt : cut_of(learned, *target.top_share);
        if (cut)
            floor = std::max(floor.value_or(*cut), *cut);
        else
            open = estimate.is_average ? "; nothing tells members apart yet"
                                       : "; too few members were decided about by lot to say where"
                                         " the top share begins";
    }
    Targeted out;
    out.uplift = estimate.value;
    const bool reached = !floor || estimate.value >= *floor;
    out.in_target = reached || explored;
    if (!out.in_target) return out;
    out.why = (estimate.is_average ? "target: average effect " : "target: expected effect ")
              + estimate_text(estimate);
    if (floor) out.why += print(", floor %.3f", *floor);
    out.why += open;
    if (!reached)
        out.why += print("; below it, but of the %g of 100 members who are always decided about",
                         100 * explored_share);
    out.why += reasons_text(learned.model, features);
    return out;
}

}  // namespace raiten::scoring

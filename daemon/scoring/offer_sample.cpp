#include "daemon/scoring/offer_sample.hpp"

#include "daemon/scoring/mixer.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <vector>

namespace raiten::scoring {
namespace {

bool usable(const OfferOutcome& outcome)
{
    const double chance = outcome.chance;
    return chance >= offer_chance_min && chance <= 1 - offer_chance_min
           && std::all_of(outcome.features.begin(), outcome.features.end(),
                          [](float value) { return std::isfinite(value); });
}

}  // namespace

OfferOutcome outcome_of(const OfferFeatures& features, double chance, bool given, bool came)
{
    OfferOutcome out;
    std::transform(features.begin(), features.end(), out.features.begin(),
                   [](double value) { return static_cast<float>(value); });
    out.chance = static_cast<float>(chance);
    out.given = given;
    out.came = came;
    return out;
}

OfferSample::OfferSample(std::size_t most) : most_{std::min(most, offer_sample_max)} {}

bool OfferSample::add(std::uint64_t decision, const OfferOutcome& outcome)
{
    if (!usable(outcome)) return false;
    const auto key = mixed(decision);
    const bool full = kept_.size() >= most_;
    if (full && (kept_.empty() || key > std::prev(kept_.end())->first)) return true;
    if (kept_.try_emplace(key, outcome).second && full) kept_.erase(std::prev(kept_.end()));
    return true;
}

double OfferSample::told() const
{
    const auto size = static_cast<double>(kept_.size());
    if (kept_.size() < most_ || kept_.size() < 2) return size;
    const double share = std::ldexp(static_cast<double>(std::prev(kept_.end())->first), -64);
    return (size - 1) / share;
}

void OfferSample::forget(std::uint64_t decision)
{
    kept_.erase(mixed(decision));
}

Result<UpliftModel> OfferSample::learn(const UpliftModel* warm) const
{
    std::vector<double> values, chance;
    std::vector<std::uint8_t> given, came;
    values.reserve(kept_.size() * offer_feature_count);
    for (const auto& [key, outcome] : kept_) {
        values.insert(values.end(), outcome.features.begin(), outcome.features.end());
        chance.push_back(outcome.chance);
        given.push_back(outcome.given ? 1 : 0);
        came.push_back(outcome.came ? 1 : 0);
    }
    return learn_uplift({offer_feature_count, values, given, came, chance}, warm);
}

void OfferSample::each(const std::function<void(const OfferOutcome&)>& look) const
{
    for (const auto& [key, outcome] : kept_) look(outcome);
}

bool OfferSample::good() const
{
    return most_ <= offer_sample_max && kept_.size() <= most_
           && std::all_of(kept_.begin(), kept_.end(),
                          [](const auto& each) { return usable(each.second); });
}

}  // namespace raiten::scoring

#include "daemon/scoring/offer_features.hpp"

#include <algorithm>
#include <cmath>

namespace raiten::scoring {
namespace {

constexpr std::array<std::string_view, offer_feature_count> names{
    "visits",
    "purchases",
    "never_bought",
    "spend_each",
    "days_since_visit",
    "days_since_purchase",
    "days_since_first_visit",
    "streak",
    "is_new",
    "is_middle",
    "is_core",
    "is_at_risk",
    "is_dormant",
    "p_alive",
    "p_alive_unknown",
    "propensity",
    "propensity_unknown",
    "hour_east",
    "hour_north",
};

double logged(double value)
{
    constexpr double most = 1e12;
    return value > 0 ? std::log1p(std::min(value, most)) : 0;
}

double log_odds_within_7(double p)
{
    constexpr double most = 7;
    if (!(p > 0)) return -most;
    if (!(p < 1)) return most;
    return std::clamp(std::log(p / (1 - p)), -most, most);
}

}  // namespace

std::span<const std::string_view> offer_feature_names()
{
    return names;
}

OfferFeatures offer_features(const ScoreCard& card, double hour)
{
    constexpr double ten_thousandths = 1e4;
    constexpr double turn = 2 * 3.14159265358979323846 / 24;
    OfferFeatures out{};
    const auto set = [&](OfferFeature feature, double value) {
        out[static_cast<std::size_t>(feature)] = std::isfinite(value) ? value : 0.0;
    };
    const double spent = static_cast<double>(card.spend.ten_thousandths()) / ten_thousandths;
    set(OfferFeature::visits, logged(card.visits));
    set(OfferFeature::purchases, logged(card.purchases));
    set(OfferFeature::never_bought, card.purchases == 0 ? 1 : 0);
    set(OfferFeature::spend_each, card.purchases > 0 ? logged(spent / card.purchases) : 0);
    set(OfferFeature::days_since_visit, logged(card.days_since_visit.value_or(0)));
    set(OfferFeature::days_since_purchase, logged(card.days_since_purchase.value_or(0)));
    set(OfferFeature::days_since_first_visit, logged(card.days_since_first_visit.value_or(0)));
    set(OfferFeature::streak, logged(card.streak));
    const auto is = [&](Stage stage) { return card.stage == stage ? 1.0 : 0.0; };
    set(OfferFeature::is_new, is(Stage::fresh));
    set(OfferFeature::is_middle, is(Stage::middle));
    set(OfferFeature::is_core, is(Stage::core));
    set(OfferFeature::is_at_risk, is(Stage::at_risk));
    set(OfferFeature::is_dormant, is(Stage::dormant));
    set(OfferFeature::p_alive, card.p_alive.value_or(0));
    set(OfferFeature::p_alive_unknown, card.p_alive ? 0 : 1);
    set(OfferFeature::propensity, card.propensity ? log_odds_within_7(*card.propensity) : 0);
    set(OfferFeature::propensity_unknown, card.propensity ? 0 : 1);
    set(OfferFeature::hour_east, std::sin(turn * hour));
    set(OfferFeature::hour_north, std::cos(turn * hour));
    return out;
}

}  // namespace raiten::scoring

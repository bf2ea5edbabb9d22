#include "tests/scoring/peers/planted_visits.hpp"

#include "daemon/scoring/logistic.hpp"

#include <algorithm>
#include <cmath>
#include <random>

namespace raiten::peers {
namespace {

using namespace scoring;

struct Shopper {
    double habit{};
    std::uint32_t visits{}, purchases{}, streak{};
    std::optional<double> last_purchase;
};

Instant moment(double minutes)
{
    return Instant{Millis{std::llround(minutes * 60'000)}};
}

class Shop {
 public:
    explicit Shop(const PlantedShop& rules) : rules_{rules}, dice_{rules.seed}
    {
        for (std::uint32_t i = 0; i < rules.members; ++i)
            shoppers_.push_back({rules.habit_sd * normal_(dice_), 0, 0, 0, {}});
    }

    PlantedVisit visit(double day, std::uint64_t number)
    {
        auto& shopper = shoppers_[static_cast<std::size_t>(unit_(dice_) * rules_.members)];
        const double hour = 10 + 9 * unit_(dice_);
        const auto at_opening = known(shopper, day, hour);
        const double p =
            probability_of(rules_.level + rules_.trend_a_year * day / 365 + shopper.habit
                           + rules_.streak_effect * std::log1p(at_opening.streak)
                           + rules_.coupon_effect * (at_opening.coupon ? 1 : 0)
                           + rules_.saturday_effect * (at_opening.weekday >= 5 ? 1 : 0));
        const bool buys = unit_(dice_) < p;
        const double opened = day * 1'440 + hour * 60;
        const auto record = stay(opened, buys);
        PlantedVisit out{{VisitId{number}, record.left_at + std::chrono::minutes{20},
                          landmarks_of(record, at_opening, stays_), buys},
                         p};
        shopper.visits += 1;
        shopper.streak = buys ? 0 : shopper.streak + 1;
        if (buys) {
            shopper.purchases += 1;
            shopper.last_purchase = day;
        }
        return out;
    }

 private:
    VisitFeatures known(const Shopper& shopper, double day, double hour)
    {
        VisitFeatures features;
        features.streak = shopper.streak;
        features.local_hour = hour;
        features.weekday = static_cast<std::uint8_t>(static_cast<unsigned>(day) % 7);
        if (shopper.last_purchase) features.days_since_purchase = day - *shopper.last_purchase;
        features.visits = shopper.visits;
        features.purchases = shopper.purchases;
        features.stage = shopper.purchases > 3 ? Stage::middle : Stage::light;
        features.coupon = unit_(dice_) < 0.2;
        features.checked_in = unit_(dice_) < 0.3;
        return features;
    }

    VisitRecord stay(double opened, bool buys)
    {
        std::gamma_distribution<double> minutes{3, buys ? 4.0 : 2.0};
        const double dwell = 3 + minutes(dice_);
        const double bought = opened + dwell - 2;
        VisitRecord record;
        record.state = VisitState::settled;
        record.passive = true;
        record.opened_at = moment(opened);
        record.left_at = moment(opened + dwell);
        if (buys) {
            VisitReceipt receipt;
            receipt.at = moment(bought);
            receipt.total = Money::from_ten_thousandths(1'000'000);
            record.receipts.push_back(receipt);
        }
        stays_ = {{"floor", record.opened_at, record.left_at}};
        if (buys)
            stays_.push_back({std::string{register_zone}, moment(bought - 1), record.left_at});
        if (unit_(dice_) < (buys ? rules_.fitting_share : 0.2))
            stays_.push_back({"fitting", moment(opened + dwell * 0.3),
                              moment(opened + dwell * (0.4 + 0.1 * unit_(dice_)))});
        return record;
    }

    PlantedShop rules_;
    std::mt19937 dice_;
    std::normal_distribution<double> normal_{0, 1};
    std::uniform_real_distribution<double> unit_{0, 1};
    std::vector<Shopper> shoppers_;
    std::vector<ZoneStay> stays_;
};

}  // namespace

std::vector<PlantedVisit> planted_visits(const PlantedShop& rules)
{
    Shop shop{rules};
    std::vector<PlantedVisit> out;
    for (unsigned day = 0; day < rules.days; ++day)
        for (int i = 0; i < static_cast<int>(rules.visits_a_day); ++i)
            out.push_back(shop.visit(day, out.size() + 1));
    std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
        return a.visit.settled_at < b.visit.settled_at;
    });
    return out;
}

}  // namespace raiten::peers

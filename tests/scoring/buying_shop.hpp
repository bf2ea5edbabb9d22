#pragma once

#include "daemon/scoring/purchase_days.hpp"
#include "daemon/scoring/purchase_model.hpp"

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

/// Shops whose members' habits are known.
namespace raiten::test {

class Dice {
 public:
    explicit Dice(std::uint32_t seed) : dice_{seed} {}
    double below(double limit) { return std::uniform_real_distribution<double>{0, limit}(dice_); }
    double gamma(double shape, double rate)
    {
        return std::gamma_distribution<double>{shape, 1 / rate}(dice_);
    }
    double beta(double a, double b)
    {
        const double one = gamma(a, 1);
        const double other = gamma(b, 1);
        return one + other > 0 ? one / (one + other) : a / (a + b);
    }
    /// e to something even between the two: over many orders of magnitude.
    double over_orders(double least, double most);
    std::uint32_t number() { return static_cast<std::uint32_t>(dice_()); }

 private:
    std::mt19937 dice_;
};

/// What is known on `today`, and who bought within the horizon after it.
struct Shop {
    std::vector<std::vector<scoring::PurchaseDay>> known;
    std::vector<std::uint8_t> came;
    std::vector<double> bought;  ///< how often
    std::int32_t today{};

    /// A member who buys at these times, in days.
    void add(std::span<const double> times, double horizon);
    std::vector<scoring::BuyingHistory> histories() const;
};

struct Opening {
    std::size_t members{};
    std::int32_t today{};
    double joined_within{};  ///< days from the first in which all had their first purchase
    std::uint32_t seed{};
};

/// Members who live as the model says (not Pareto/NBD): gamma rates, Erlang gaps, and a chance to
/// leave after each purchase. The model's time is in days.
Shop shop_of(const scoring::PurchaseModel& model, const Opening& opening, double horizon);

}  // namespace raiten::test

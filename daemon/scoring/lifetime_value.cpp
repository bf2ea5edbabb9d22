#include "daemon/scoring/lifetime_value.hpp"

#include <boost/math/quadrature/gauss.hpp>

#include <cmath>

namespace raiten::scoring {

double discounted_purchases(const PurchaseModel& model, const BuyingHistory& member, double span,
                            double discount, double expected)
{
    if (!(discount > 0) || !(span > 0)) return expected;
    const auto discounted = [&](double t) {
        return std::exp(-discount * t) * expected_purchases(model, member, t);
    };
    using Rule = boost::math::quadrature::gauss<double, 5>;
    const double half = span / 2;
    double integral = Rule::weights()[0] * discounted(half);
    for (std::size_t i = 1; i < Rule::abscissa().size(); ++i) {
        const double offset = half * Rule::abscissa()[i];
        integral += Rule::weights()[i] * (discounted(half - offset) + discounted(half + offset));
    }
    return std::exp(-discount * span) * expected + discount * half * integral;
}

}  // namespace raiten::scoring

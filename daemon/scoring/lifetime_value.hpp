#pragma once

#include "daemon/scoring/purchase_model.hpp"

namespace raiten::scoring {

/// Purchases of the `span` to come, each worth e^(−discount·t) if it comes after t: the integral
/// of e^(−discount·t) dE[X(t)], with E[X] of the model (Fader, Hardie & Lee 2005, "RFM and
/// CLV", for a finite horizon). `discount` is continuous, by the unit of time of the model, at
/// least 0. Multiplied by the expected spend it is the lifetime value over the span.
///
/// Integrated by parts, with five nodes of Gauss and Legendre: exact to 1e-6 of the value while
/// discount × span ≤ 1; to 1e-4 where members buy so regularly that E[X] has ripples (k > 1).
double discounted_purchases(const PurchaseModel& model, const BuyingHistory& member, double span,
                            double discount, double expected);

}  // namespace raiten::scoring

#pragma once

#include "daemon/base/instant.hpp"

#include <functional>

namespace raiten::sync {

/// Waits between attempts to reach a broker: doubling from `min` to `max`, each drawn evenly from
/// the upper half of its step, so that a thousand stores do not return in the same second.
class BackOff {
 public:
    /// `random` gives values in [0, 1).
    BackOff(Millis min, Millis max, std::function<double()> random);

    Millis next();
    void reset() { step_ = min_; }

 private:
    Millis min_;
    Millis max_;
    Millis step_;
    std::function<double()> random_;
};

}  // namespace raiten::sync

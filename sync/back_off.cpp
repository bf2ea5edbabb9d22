#include "sync/back_off.hpp"

#include <algorithm>
#include <utility>

namespace raiten::sync {

BackOff::BackOff(Millis min, Millis max, std::function<double()> random)
    : min_{std::max(min, Millis{1})},
      max_{std::max(max, min_)},
      step_{min_},
      random_{std::move(random)}
{
}

Millis BackOff::next()
{
    const auto drawn = std::clamp(random_(), 0.0, 1.0);
    const auto half = static_cast<double>(step_.count()) / 2;
    step_ = std::min(step_ * 2, max_);
    return Millis{std::max<Millis::rep>(1, static_cast<Millis::rep>(half + half * drawn))};
}

}  // namespace raiten::sync

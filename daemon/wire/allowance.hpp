#pragma once

#include <algorithm>
#include <chrono>

namespace raiten::wire {

/// So many a second, and some at once: a bucket that fills at `per_second` and holds `burst`.
/// It begins full. Time comes as an argument and does not go back.
class Allowance {
 public:
    using Instant = std::chrono::steady_clock::time_point;

    Allowance(double per_second, double burst, Instant now)
        : per_second_{per_second}, burst_{burst}, left_{burst}, since_{now}
    {
    }

    /// Takes one, if one is left.
    bool take(Instant now)
    {
        const std::chrono::duration<double> passed = now - since_;
        left_ = std::min(burst_, left_ + passed.count() * per_second_);
        since_ = now;
        if (left_ < 1.0) return false;
        left_ -= 1.0;
        return true;
    }

 private:
    double per_second_;
    double burst_;
    double left_;
    Instant since_;
};

}  // namespace raiten::wire

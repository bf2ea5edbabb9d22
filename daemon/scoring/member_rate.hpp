#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

namespace raiten::scoring {

/// On what share of visits a member buys, and the store: the member's own record, drawn to the
/// store's rate as if by so many visits more (the mean of a beta-binomial: Casella 1985, "An
/// Introduction to Empirical Bayes Data Analysis", The American Statistician 39(2)). How many is
/// not set by hand: each of a few numbers has its likelihood so far, and their mean by that is
/// told.
class MemberRate {
 public:
    double store() const { return (bought_ + 1) / (visits_ + 2); }
    double visits() const { return visits_; }
    /// Of a member who bought on so many of so many settled visits; within (0, 1).
    double of(std::uint32_t purchases, std::uint32_t visits) const;

    /// A visit of a member with that record before it.
    void learn(std::uint32_t purchases, std::uint32_t visits, bool bought);
    /// A visit was learned with the other outcome.
    void correct(bool bought);
    /// Visits and purchases become that part of themselves.
    void fade(double kept);

    template <class Archive>
    void archive(Archive& a)
    {
        a(visits_, bought_, evidence_);
        if constexpr (Archive::reading) {
            if (!sound()) a.fail();
        }
    }

 private:
    /// Visits by which a member is drawn to the store; the last is as good as no record at all.
    static constexpr std::array<double, 7> pulls{1, 3, 10, 30, 100, 300, 1e9};

    bool sound() const;

    double visits_{}, bought_{};
    std::array<double, pulls.size()> evidence_{};  ///< log likelihoods, the best is 0
};

}  // namespace raiten::scoring

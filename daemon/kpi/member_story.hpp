#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/base/money.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

/// What the figures of members are made from: each member's settled visits, told once, in order.
namespace raiten {

/// Days are of 24 hours here: a cohort's 30 days do not depend on summer time.
inline constexpr Millis non_purchaser_span{std::chrono::hours{24 * 90}};
inline constexpr Millis rfm_span{std::chrono::hours{24 * 365}};

/// What figures need of one settled visit. A visit that was withdrawn is none.
struct MemberVisit {
    Instant opened_at;
    bool purchase{};
    std::uint32_t streak{};
    Money spend;
};

/// [from, to): a visit belongs to the time of its opening.
struct Period {
    Instant from;
    Instant to;
};

/// Purchases by how many visits each took: 1, 2, … and `bins` or more.
struct VisitsTaken {
    static constexpr std::size_t bins = 16;
    struct Bin {
        std::uint64_t purchases{};
        Money spend;
        friend bool operator==(const Bin&, const Bin&) = default;
    };
    std::array<Bin, bins> by_visits{};
    std::uint64_t purchases{};
    std::uint64_t visits{};  ///< sum of what the purchases took

    void note(std::uint64_t took, Money spend);
    void add(const VisitsTaken& other);
    std::optional<double> mean_visits() const;
    /// The same with `most` bins or fewer, the last for that many visits or more.
    VisitsTaken folded(std::size_t most) const;
    friend bool operator==(const VisitsTaken&, const VisitsTaken&) = default;
};

/// How a member stood at one moment: all that recency, frequency, monetary value and stage need.
struct Standing {
    std::uint64_t visits{};
    std::uint64_t purchases{};
    std::optional<Instant> first_at, last_at, bought_at;  ///< openings
    std::uint64_t frequency{};                            ///< purchase visits of the last year
    Money monetary;                                       ///< and what was spent in them
};

/// One member's visits, folded as they come: the size does not depend on their number.
class MemberStory {
 public:
    /// `complete`: the member's very first visit is among those that will be told. Without it
    /// nobody can say what it led to, so the member is in no cohort.
    MemberStory(const Period& period, bool complete) : complete_{complete}, period_{period} {}

    /// In ascending order of opened_at. Visits from period.to on are passed over.
    void note(const MemberVisit& visit);

    bool complete() const { return complete_; }
    const std::optional<Instant>& second_at() const { return second_at_; }
    std::uint64_t visits_in_period() const { return visits_in_period_; }
    std::uint64_t purchases_in_period() const { return purchases_in_period_; }
    /// In the last 90 days of the period, or before it where it is shorter.
    std::uint64_t visits_lately() const { return visits_lately_; }
    std::uint64_t purchases_lately() const { return purchases_lately_; }
    /// Of the purchases in the period; and of the member's very first purchase, if it lies there.
    const VisitsTaken& taken() const { return taken_; }
    const VisitsTaken& taken_first() const { return taken_first_; }
    const Standing& at_from() const { return at_from_; }
    const Standing& at_to() const { return at_to_; }

 private:
    bool complete_;
    Period period_;
    std::optional<Instant> second_at_;
    std::uint64_t visits_in_period_{}, purchases_in_period_{};
    std::uint64_t visits_lately_{}, purchases_lately_{};
    VisitsTaken taken_, taken_first_;
    Standing at_from_, at_to_;
};

}  // namespace raiten

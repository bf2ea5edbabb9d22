#pragma once

#include "daemon/simulator/scenario.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace raiten::simulator {

/// A visit that a member's rhythm asks for.
struct Intent {
    std::uint32_t person{};
    std::uint32_t ordinal{};  ///< of all the member's visits, from 0
    bool wants{};             ///< to buy, if the queue allows it
};

/// How often members come, and how long they stay members in fact. A member comes at a rate of
/// their own (gamma over members), with gaps that are more regular than chance (gamma, shape 2);
/// the clock of gaps runs faster at week-ends. After each visit the member may be gone for good.
/// After a visit without a purchase some come back within a week.
///
/// Follows each member from day to day; a day before the last one asked for begins anew.
class Rhythms {
 public:
    Rhythms(const Scenario& scenario, std::uint64_t seed);

    /// Who comes on this day, by person; somebody may come twice. Reuses `out`.
    void on_day(std::uint32_t day, std::vector<Intent>& out);

    /// After how many visits this member stops coming.
    std::uint32_t life_visits(std::uint32_t person) const { return members_[person].life; }

 private:
    struct Member {
        double due{};  ///< of the next visit, in days of the common clock
        double mean_gap{};
        double conversion{};
        std::uint32_t ordinal{};
        std::uint32_t life{};
    };
    void begin();
    double clock_at(std::uint32_t day) const;

    Scenario scenario_;
    std::uint64_t seed_;
    std::vector<Member> members_;
    std::uint32_t next_day_{};
};

/// When somebody comes on this day of the week (0 is Sunday), in minutes after 00:00. Members have
/// a favourite hour.
Millis entry_time(std::uint64_t seed, std::optional<std::uint32_t> person, unsigned weekday,
                  std::uint64_t draw);

inline constexpr std::chrono::hours opens_at{10};
inline constexpr std::chrono::hours closes_at{20};  ///< for those who come in; all leave within 2 h

}  // namespace raiten::simulator

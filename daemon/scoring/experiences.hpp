#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/scoring/proportions.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// What sets loyal members apart: the key experiences.
///
///      first visit           landmark                          judged
///          |--- window (30 d) ---|------- retention (90 d) -------|        as_of
///          what did the member do?     did the member come again?
///
/// For each behaviour the members who showed it within their first days are compared with those who
/// did not, by how many of either came again in the 90 days after the window. What counts as
/// behaviour ends where what counts as retention begins (Anderson, Cain & Gelber 1983, Journal of
/// Clinical Oncology 1(11), 710–719: the landmark method), so nobody shows a behaviour for having
/// stayed long enough to show it.
///
/// It is association, not cause: who likes the shop does more of everything in it. The adjusted
/// difference compares members with equally many visits in the window only, and thus takes out
/// what frequency alone explains; other differences between people remain. Whether a behaviour
/// makes members loyal is for a campaign with a control group to tell.
namespace raiten::scoring {

/// All that is asked of one member. Visits ascend; the first is the member's first that is kept.
struct Diary {
    struct Visit {
        Instant at;                 ///< opening
        std::chrono::weekday day;   ///< on the shop's wall, as is
        std::chrono::minutes time;  ///< since midnight
        /// Nothing where that is in doubt.
        std::optional<bool> purchase{};
        bool checked_in{};                 ///< by a deliberate act; a receipt is none
        std::optional<Millis> dwell{};     ///< nothing where no passive reader heard the visit
        std::vector<std::string> zones{};  ///< in which it was heard
        /// Of what was bought; nothing where the register did not say.
        std::optional<std::vector<std::string>> categories{};
    };
    bool complete{};  ///< the first of them is the very first
    std::vector<Visit> visits;
    /// Whether check-ins are by app: nothing where the member has an app and something else.
    std::optional<bool> app{};
    std::vector<Instant> redeemed{};  ///< coupons, when they were used
    std::vector<Instant> answered{};  ///< surveys
};

struct ExperienceRules {
    Millis window = std::chrono::days{30};
    Millis retention = std::chrono::days{90};
    std::uint64_t k_anonymity{5};  ///< smaller groups are not shown
};
inline constexpr std::chrono::days window_min{7};
inline constexpr std::chrono::days window_max{180};

struct Experience {
    std::string behaviour;  ///< such as "came_back_within_14_d"; README.md lists them
    std::string zone;       ///< of "visited_zone"
    TwoGroups groups;       ///< who did and who did not; whoever cannot be told is in neither
    Difference raw;
    std::optional<Difference> adjusted;  ///< among members with equally many visits in the window
};

struct Experiences {
    Group members;               ///< who are compared, and those of them who came again
    std::uint64_t too_recent{};  ///< their time to come again is not over
    std::uint64_t incomplete{};  ///< their first visit is not kept any more
    std::uint64_t hidden{};      ///< behaviours with too small a group
    /// What "long_first_visit" means: longer than the median first visit, in minutes.
    std::optional<std::chrono::minutes> median_stay;
    /// Falling by the lower bound of the raw difference. The q of raw differences is among them
    /// all, that of adjusted ones among all adjusted ones.
    std::vector<Experience> list;
};

/// Counts members one after the other. Memory does not grow with them: at most 0.5 MB.
class ExperienceCount {
 public:
    /// Later zones count as "other".
    static constexpr std::size_t zones_max = 64;

    /// `as_of`: until when all visits are known.
    ExperienceCount(const ExperienceRules& rules, Instant as_of);

    void note(const Diary& diary);
    Experiences found() const;

 private:
    /// By visits in the window: 1, 2, … 15, 16 or more.
    static constexpr std::size_t strata = 16;
    using Strata = std::array<TwoGroups, strata>;
    using Groups = std::array<Group, strata>;
    static constexpr std::size_t behaviours_max = 16;
    static constexpr std::size_t minutes_max = 12 * 60;  ///< the last one is for longer stays too

    void note_zones(const Diary& diary, std::size_t in_window, std::size_t stratum, bool kept);
    std::optional<std::chrono::minutes> median_stay() const;
    Strata stays_longer_than(std::chrono::minutes median) const;

    ExperienceRules rules_;
    Instant as_of_;
    Group members_;
    std::uint64_t too_recent_{};
    std::uint64_t incomplete_{};
    std::array<Strata, behaviours_max> behaviours_{};
    std::map<std::string, Groups, std::less<>> zones_;  ///< members who were there
    Groups heard_{};                                    ///< members who were anywhere
    std::vector<Groups> stays_;                         ///< by minutes of the first visit
};

}  // namespace raiten::scoring

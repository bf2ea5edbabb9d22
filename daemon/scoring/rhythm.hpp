#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

/// When one member comes: all that is kept of it.
namespace raiten::scoring {

/// What the clock on the store's wall shows, to the minute.
using WallTime = std::chrono::local_time<std::chrono::minutes>;

/// Days since 1970-01-01 on the wall; a Rhythm knows 1970 to 2149.
using WallDay = std::int32_t;
inline constexpr WallDay wall_days_max = 65'535;

WallDay day_of(WallTime at);  ///< of times within 5,000,000 years; else the nearest such day
std::chrono::minutes minute_of_day(WallTime at);
/// 0 Monday to 6 Sunday.
unsigned weekday_of(WallDay day);

/// The day in quarters of an hour.
inline constexpr std::size_t slots_of_day = 96;

/// A day on which a member came, and the quarter of an hour in which she first did.
struct VisitDay {
    WallDay day{};
    std::uint8_t slot{};  ///< below slots_of_day
};

/// The visits of one member, folded one by one. What counts is the day with at least one visit and
/// the hour of its first one: that is what can be foretold of the next. The latest 32 days are
/// kept, which is how it follows change; 10 bytes and up to 3 for each kept day when written.
class Rhythm {
 public:
    static constexpr std::size_t days_kept = 32;

    /// Takes a visit. Visits of one day may come in any order and as often as they like; one of a
    /// day before the last, or outside 1970 to 2149, is left out: false.
    bool note(WallTime at);
    bool note(VisitDay visit);

    std::uint32_t visit_days() const { return visit_days_; }
    WallDay first_day() const { return first_day_; }
    WallDay last_day() const { return last_day_; }

    /// Days between visit days, the latest first; at most `days_kept`, each at least 1.
    std::span<const std::uint16_t> gaps() const
    {
        return std::span{gaps_}.first(visit_days_ == 0 ? 0 : kept(visit_days_ - 1));
    }
    /// When she first came on each of the latest visit days, the latest first.
    std::span<const std::uint8_t> slots() const
    {
        return std::span{slots_}.first(kept(visit_days_));
    }

    bool operator==(const Rhythm&) const = default;

    template <class Archive>
    void archive(Archive& a)
    {
        a(visit_days_, first_day_, last_day_);
        for (std::size_t i = 0; i < kept(visit_days_); ++i) a(slots_[i]);
        for (std::size_t i = 0; i + 1 < visit_days_ && i < days_kept; ++i) a(gaps_[i]);
        if constexpr (Archive::reading) {
            if (!sound()) {
                a.fail();
                *this = {};
            }
        }
    }

 private:
    static std::size_t kept(std::uint32_t days) { return std::min<std::size_t>(days, days_kept); }
    bool sound() const;

    std::uint32_t visit_days_{};
    WallDay first_day_{};
    WallDay last_day_{};
    std::array<std::uint16_t, days_kept> gaps_{};
    std::array<std::uint8_t, days_kept> slots_{};
};

}  // namespace raiten::scoring

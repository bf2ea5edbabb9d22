#pragma once

#include "daemon/base/instant.hpp"

#include <chrono>
#include <cstdint>
#include <vector>

namespace raiten {

/// The spans and levels by which visits are found. The meaning of each is in the configuration
/// reference; `settle_grace` must exceed `exit_timeout`.
struct VisitRules {
    Millis enter_window{std::chrono::seconds{120}};
    std::uint32_t enter_sightings{3};
    Millis enter_dwell{std::chrono::seconds{20}};
    std::int16_t enter_rssi_dbm{-80};
    std::int16_t stay_rssi_dbm{-92};
    Millis exit_timeout{std::chrono::minutes{10}};
    Millis checkin_stay{std::chrono::minutes{90}};
    Millis max_visit{std::chrono::hours{12}};
    Millis settle_grace{std::chrono::minutes{15}};
    Millis lateness{std::chrono::minutes{5}};
    Millis late_receipt{std::chrono::hours{24}};
    Millis receipt_slack{std::chrono::minutes{5}};
    Millis checkin_debounce{std::chrono::seconds{10}};
    Millis return_window{std::chrono::hours{24 * 90}};
    Millis max_ahead{std::chrono::seconds{5}};
    Millis register_dwell{std::chrono::seconds{20}};
    std::int16_t zone_hysteresis_db{6};
    Millis zone_memory{std::chrono::seconds{15}};
    bool attribute_anonymous{true};
    Millis staff_hours{std::chrono::hours{5}};
    Millis door_stay{0};
    Millis exit_timeout_min{std::chrono::minutes{2}};

    template <class Archive>
    void archive(Archive& a)
    {
        a(enter_window, enter_sightings, enter_dwell, enter_rssi_dbm, stay_rssi_dbm, exit_timeout,
          checkin_stay, max_visit, settle_grace, lateness, late_receipt, receipt_slack,
          checkin_debounce, return_window, max_ahead, register_dwell, zone_hysteresis_db,
          zone_memory, attribute_anonymous, staff_hours, exit_timeout_min, door_stay);
    }
};

/// The store's wall clock as data: UTC offsets with the instants from which they hold, and the
/// local time at which a business day starts. Made by daemon/app from the IANA zone.
struct StoreClock {
    struct Offset {
        Instant from;
        std::chrono::minutes ahead;

        template <class Archive>
        void archive(Archive& a)
        {
            a(from, ahead);
        }
    };
    std::vector<Offset> offsets{
        {Instant::min(), std::chrono::minutes{0}}};  ///< ascending, never empty
    std::chrono::minutes day_start{0};

    std::chrono::minutes offset_at(Instant at) const;
    /// When the wall shows `wall` (a local time counted as if it were UTC). A reading that comes
    /// twice is the one nearer to `near`; one that is skipped is as long after the change as it
    /// would have been before.
    Instant instant_of(Instant wall, Instant near) const;
    /// The business day in which `at` lies.
    std::chrono::sys_days day_of(Instant at) const;
    /// When that business day begins; a day may last 23 or 25 hours.
    Instant start_of(std::chrono::sys_days day) const;
    /// Start of the local clock hour in which `at` lies.
    Instant hour_of(Instant at) const;

    template <class Archive>
    void archive(Archive& a)
    {
        a(offsets, day_start);
    }
};

}  // namespace raiten

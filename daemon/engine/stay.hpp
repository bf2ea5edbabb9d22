#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/engine/hearing.hpp"
#include "daemon/model/effect.hpp"
#include "daemon/model/records.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace raiten {

/// Where and how a deliberate act or the first sighting happened.
struct Source {
    std::string name;  ///< reader or register
    std::string zone;  ///< "" if unknown
    std::optional<ReaderId> reader;

    template <class Archive>
    void archive(Archive& a)
    {
        a(name, zone, reader);
    }
};

/// A visit as presence sees it: from the first qualifying observation to the last.
struct Stay {
    Instant opened_at;
    Instant left_at;
    bool ended{};
    bool passive{};   ///< at least one sighting
    bool sealed{};    ///< lasted too long: nothing opens it again
    bool doubtful{};  ///< at the register when somebody paid who was not named
    OpenedBy by{};
    std::uint8_t model{};    ///< of the tag that was heard last, see ExitTimes
    Hearing::Readers heard;  ///< passive readers that heard this visit
    std::string zone;
    Instant zone_since;
    Source opener;
    std::map<std::string, Millis> zones;
    std::vector<std::string> readers;  ///< that took part, in order of appearance
    std::vector<VisitReceipt> receipts;
    std::optional<CloseReason> close_reason;

    /// The latest stretches in one zone, for asking who stood at the register.
    struct Stretch {
        std::string zone;
        Instant from;
        Instant to;

        template <class Archive>
        void archive(Archive& a)
        {
            a(zone, from, to);
        }
    };
    std::vector<Stretch> stretches;

    template <class Archive>
    void archive(Archive& a)
    {
        a(opened_at, left_at, ended, passive, sealed, doubtful, by, model, heard, zone, zone_since,
          opener, zones, readers, receipts, close_reason, stretches);
    }
};

/// How strongly one reader hears one member: RSSI smoothed by s += (r - s) / 4, kept in 1/256 dB
/// so that it is the same on every machine.
struct Level {
    Instant at;
    ReaderId reader;
    std::int32_t q8{};

    template <class Archive>
    void archive(Archive& a)
    {
        a(at, reader, q8);
    }
};

}  // namespace raiten

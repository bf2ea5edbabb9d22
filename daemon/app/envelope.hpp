#pragma once

#include "daemon/model/effect.hpp"
#include "daemon/model/lane.hpp"
#include "daemon/model/rules.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace raiten::app {

/// Who speaks, in every envelope.
struct Sender {
    std::string tenant;
    std::string store;
    std::string device;
    std::uint64_t epoch{};
    StoreClock clock;      ///< times are written in the store's own offset
    std::string currency;  ///< where an amount has none of its own
};

/// Where an envelope stands: in the local stream, or in a lane to HQ.
struct StreamPlace {
    std::uint64_t cursor{};
};
struct LanePlace {
    Lane lane{};
    std::uint64_t sequence{};
};

/// "raiten.visit.opened.v1" and its like.
std::string type_of(const Effect& effect);

/// Unique within the device and the same in every replay: type, subject, and what tells apart
/// several of one type about one subject.
std::string id_of(const Effect& effect);

/// The lane in which an effect would go to HQ.
Lane lane_of(const Effect& effect);

/// When the effect stops being worth sending: a trigger's own expiry.
std::optional<Instant> expiry_of(const Effect& effect);

/// CloudEvents 1.0, structured JSON, one line. Keys always in the same order, so that the same
/// effect at the same place is the same bytes.
std::string envelope(const Effect& effect, const Sender& sender, StreamPlace place);
std::string envelope(const Effect& effect, const Sender& sender, LanePlace place);

/// "raiten.gap.v1": the sequences `from` to the place's own will never come.
std::string gap_envelope(const Sender& sender, LanePlace place, std::uint64_t from,
                         const std::string& reason);

/// "raiten.device.status.v1", online (the birth) or offline (the will, the farewell). `connection`
/// counts within the session, so that a late will can be told from a newer birth.
std::string status_envelope(const Sender& sender, Instant at, bool online, std::uint64_t session,
                            std::uint64_t connection, const std::string& version);

/// `data` of a visit and a coupon as JSON, for the local API too.
std::string visit_json(const VisitRecord& visit, const Sender& sender);
std::string coupon_json(const CouponRecord& coupon, const Sender& sender);

}  // namespace raiten::app

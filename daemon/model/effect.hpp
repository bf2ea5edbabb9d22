#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/model/campaign.hpp"
#include "daemon/model/records.hpp"
#include "daemon/model/stage.hpp"
#include "daemon/model/summary.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace raiten {

/// How a visit began.
enum class OpenedBy : std::uint8_t { sightings, checkin, receipt };

struct VisitOpened {
    VisitId visit;
    std::string member;
    Instant opened_at;
    OpenedBy by{};
    std::string reader;  ///< or register
    std::string zone;
    std::uint32_t streak{};
};

/// A status, not a verdict: the member may step in again within the grace.
struct VisitEnded {
    VisitId visit;
    std::string member;
    Instant left_at;
    std::optional<Millis> dwell;
};

struct VisitSettled {
    VisitRecord visit;
};

/// The visit as it stands after a late receipt, void or refund; `revision` tells the newest.
struct VisitAmended {
    VisitRecord visit;
    std::string reason;
};

/// A member is back who left without buying last time.
struct ReturnDetected {
    VisitId visit;
    std::string member;
    std::uint32_t streak{};
    Instant previous_visit_at;
    Millis gap{};
};

struct ReturnCorrected {
    VisitId visit;
    std::string member;
    std::uint32_t was_streak{};
    std::uint32_t streak{};
};

struct CouponTriggered {
    CouponRecord coupon;
};
struct CouponWithheld {
    CouponRecord coupon;
};
struct CouponDelivered {
    CouponRecord coupon;
    std::string channel;
};
struct CouponRedeemed {
    CouponRecord coupon;
};
struct CouponRevoked {
    CouponRecord coupon;
    std::string reason;
};
struct CouponExpired {
    CouponRecord coupon;
};

struct StageChanged {
    std::string member;
    Stage was{};
    Stage stage{};
    std::uint32_t number{};  ///< of the member's moves
};

/// HQ is told what became of what it leased.
struct LeaseReported {
    LeaseReport report;
};

struct SummaryIssued {
    Summary summary;
};

/// Everything that the engine can ask for, dated with the time that caused it (for a timer its
/// due time). Carrying it out is the business of upper floors.
struct Effect {
    Instant at;
    std::variant<VisitOpened, VisitEnded, VisitSettled, VisitAmended, ReturnDetected,
                 ReturnCorrected, CouponTriggered, CouponWithheld, CouponDelivered, CouponRedeemed,
                 CouponRevoked, CouponExpired, StageChanged, LeaseReported, SummaryIssued>
        what;
};
using Effects = std::vector<Effect>;

}  // namespace raiten

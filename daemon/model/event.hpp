#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/model/campaign.hpp"
#include "daemon/model/reading.hpp"
#include "daemon/model/stage.hpp"
#include "daemon/model/token.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace raiten {

/// One passive observation.
struct Sighting {
    ReaderId reader;
    Token token;
    std::optional<std::int16_t> rssi_dbm;  ///< nothing where the reader cannot tell
};

/// One deliberate act at a reader: tap, scan, app.
struct CheckIn {
    ReaderId reader;
    Token token;
    std::string id;  ///< the sender's number for this act, or empty
};

/// One POS transaction. `total` is never negative: `kind` says which way the money went.
struct Receipt {
    std::string pos;
    std::string number;
    ReceiptKind kind{ReceiptKind::sale};
    std::optional<Token> token;  ///< the member's, where the register knew it
    Money total;
    std::string currency;   ///< ISO 4217
    std::string refers_to;  ///< for a refund or void: the receipt that it undoes, else empty
    std::vector<ReceiptLine> lines;

    template <class Archive>
    void archive(Archive& a)
    {
        a(pos, number, kind, token, total, currency, refers_to, lines);
    }
};

/// Items on it: the sum of its quantities, 0 where it has no lines.
inline Money units_of(const Receipt& receipt)
{
    Money sum;
    for (const auto& line : receipt.lines) sum += line.quantity;
    return sum;
}

/// A reader opened or closed. Being quiet is neither.
struct ReaderState {
    ReaderId reader;
    bool up{};
    std::string reason;
};

/// Somebody wants to use a coupon, here and now.
struct Redemption {
    CouponId coupon;
    std::string where;  ///< kiosk or register
};

/// A coupon was shown to its member.
struct Delivery {
    CouponId coupon;
    std::string channel;
};

/// Somebody decided something about a member that no reader can see. The directory is told first:
/// consent and the like are read from there.
struct MemberNotice {
    enum class What : std::uint8_t {
        consent_changed,
        erased,
        equipment_confirmed,  ///< it is staff or furniture: left out for good
        equipment_rejected,   ///< it is a customer who stays long: never suspected again
    };
    MemberId member;
    std::string name;
    What what{};
};

/// The night's look at a member found another stage than the one before.
struct StageMove {
    MemberId member;
    std::string name;
    Stage was{};
    Stage stage{};
    std::uint32_t number{};  ///< of the member's moves: the first is 1
};

/// The night expects a member again: `visit_at` from what was known then.
struct VisitForecast {
    MemberId member;
    std::string name;
    Instant visit_at;
    std::uint32_t after_visits{};  ///< opened before it was made: more, and it has come true
    std::chrono::sys_days first_expected;  ///< business day of the first forecast since then
};

/// It is the month of a member's birth.
struct Birthday {
    MemberId member;
    std::string name;
    int year{};
};

/// A member said whether they would recommend the store.
struct SurveyAnswered {
    MemberId member;
    std::string name;
    std::string survey;    ///< one of a kind
    std::uint8_t score{};  ///< 0 to 10
    std::optional<VisitId> visit;
};

/// Nothing happened but time.
struct Tick {};

/// Everything that the engine can be told. The order of events is the whole history of a store.
/// `at`: when it happened; `received_at`: when it reached the engine.
struct Event {
    Instant at;
    Instant received_at;
    std::variant<Sighting, CheckIn, Receipt, ReaderState, Redemption, Delivery, MemberNotice,
                 StageMove, VisitForecast, Birthday, SurveyAnswered, LeaseGrant, Tick>
        what;
};

}  // namespace raiten

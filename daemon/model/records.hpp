#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/base/money.hpp"
#include "daemon/model/campaign.hpp"
#include "daemon/model/ids.hpp"
#include "daemon/model/token.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// What the ledger keeps: plain data, the same live, in a replay and after a restart.
namespace raiten {

enum class VisitState : std::uint8_t { open, ended, settled };
enum class VisitOutcome : std::uint8_t { no_purchase, purchase };
enum class CloseReason : std::uint8_t { timeout, too_long, consent_withdrawn, erased, withdrawn };
/// How the best receipt of a visit found its member.
enum class Attribution : std::uint8_t { none, inferred, token };

/// A receipt as far as a visit needs it.
struct VisitReceipt {
    std::string pos;
    std::string number;
    std::chrono::sys_days day{};
    Instant at;
    Money total;
    Money undone;  ///< by voids and refunds so far
    std::string currency;
    Attribution attribution{Attribution::token};
    double confidence{1.0};
    Money units{};  ///< items on it, 0 where it does not say

    bool counts() const { return undone < total; }

    template <class Archive>
    void archive(Archive& a)
    {
        a(pos, number, day, at, total, undone, currency, attribution, confidence, units);
    }
};

/// One visit, from the first qualifying observation to its settling and beyond.
struct VisitRecord {
    VisitId id;
    MemberId member;
    std::string member_name;
    std::uint32_t ordinal{};  ///< the member's first visit in this store is 0
    VisitState state{VisitState::open};
    Instant opened_at;
    Instant left_at;  ///< time of the last observation
    bool passive{};   ///< at least one sighting; without, dwell is unknown
    Millis blind{};  ///< how much of [opened_at, left_at) nobody listened who could hear the member
    std::map<std::string, Millis> zones;
    std::string zone;                  ///< where the member is or was last, "" if unknown
    Instant zone_since;                ///< open visits: since when
    std::vector<std::string> readers;  ///< that heard or took part, in order of appearance
    std::vector<VisitReceipt> receipts;
    std::optional<CloseReason> close_reason;
    /// A receipt that names nobody could be this member's, but is as likely somebody else's: it
    /// does not count, and yet no coupon says that nothing was bought.
    bool doubtful{};
    std::uint32_t streak{};
    std::uint32_t revision{};  ///< 0 until settled, 1 when settled, then +1 with each amendment
    /// Nobody listens at this moment who could hear the member: whether they are still here is not
    /// known. As Engine::present() says it; not kept.
    bool frozen{};

    VisitOutcome outcome() const;
    Money spend() const;
    std::string currency() const;  ///< of the receipts, "" without
    Attribution attribution() const;
    /// How far the record can be believed, 0 to 1: the share of its span in which somebody
    /// listened, times the confidence of its best receipt (1 where there is nothing to doubt).
    double confidence() const;
    std::optional<Millis> dwell() const;
    /// A purchase by inferred receipts only, none of them surer than 0.8: it counts, but nothing
    /// is learned from it.
    bool uncertain() const;
    /// Blind for more than a fifth of its span: left out of conversion, on both sides.
    bool partly_blind() const { return blind * 5 > left_at - opened_at; }

    template <class Archive>
    void archive(Archive& a)
    {
        a(id, member, member_name, ordinal, state, opened_at, left_at, passive, blind, zones, zone,
          zone_since, readers, receipts, close_reason, doubtful, streak, revision, frozen);
    }
};

enum class CouponState : std::uint8_t {
    triggered,
    withheld,
    delivered,
    redeemed,
    expired,
    revoked
};

/// One decision: a trigger, or its twin for a member of the control group.
struct CouponRecord {
    CouponId id;
    std::string campaign;
    std::string offer;  ///< code of the arm; empty when withheld
    MemberId member;
    std::string member_name;
    std::optional<VisitId> visit;
    std::string moment;
    std::string occasion;
    Instant decided_at;
    Instant expires_at;
    double arm_probability{1.0};  ///< of this arm, had it not been withheld
    double control{};             ///< share of members from whom it was withheld
    std::optional<double> uplift;
    std::vector<double> features;  ///< of the member at that moment, for whoever learns the effect
    Money cost;                    ///< reserved in the budget
    bool took_stock{};
    std::vector<std::string> reasons;
    CouponState state{CouponState::triggered};
    std::optional<Instant> delivered_at{};
    std::optional<Instant> answered_at{};  ///< first redeemed, or bought while it was valid
    std::optional<Instant> closed_at;      ///< redeemed, expired or revoked
    std::string closed_where;

    template <class Archive>
    void archive(Archive& a)
    {
        a(id, campaign, offer, member, member_name, visit, moment, occasion, decided_at, expires_at,
          arm_probability, control, uplift, features, cost, took_stock, reasons, state,
          delivered_at, answered_at, closed_at, closed_where);
    }
};

/// Whether what carries a member's token is somebody at all. A device that is here for hours on
/// most days belongs to the staff or to the shop: it is left out until somebody has looked.
enum class Equipment : std::uint8_t { no, suspected, confirmed, rejected };

/// What the engine needs to know of a member whom it meets, and changes as it goes.
struct MemberRecord {
    MemberId id;
    std::string name;  ///< the pseudonym: 1 to 64 of letters, digits and . _ : -
    TokenKinds kinds{};
    bool staff{};
    bool consent{true};
    Channels channels{all_channels};  ///< that the member agreed to
    std::optional<std::uint8_t> birth_month;

    std::uint32_t visits{};  ///< opened so far: the ordinal of the next one
    std::uint32_t settled_visits{};
    std::uint32_t purchases{};
    Money spend;
    std::string currency;
    std::optional<Instant> first_visit_at;
    /// The last sale that stands, as far as this record knows. When the latest is voided it goes
    /// back to the latest that counts among `recent`, and to nothing where no purchase is left.
    /// Where the purchases that are left are older than `recent`, when they were is not known here
    /// any more, and the time of the voided sale stays; so it does after a void that comes too late
    /// to amend its visit, which still counts as a purchase.
    std::optional<Instant> last_purchase_at;
    Equipment equipment{};
    /// Business days of the last week with more than `staff_hours` of presence, ascending.
    std::vector<std::chrono::sys_days> long_days;

    /// Staff, equipment and people who have not agreed are in no result.
    bool left_out() const
    {
        return staff || !consent || equipment == Equipment::suspected
               || equipment == Equipment::confirmed;
    }

    /// The last settled visit that is not in `recent` any more: all that a streak needs.
    struct Link {
        VisitId visit;
        Instant left_at;
        VisitOutcome outcome{};
        std::uint32_t streak{};
        bool doubtful{};

        template <class Archive>
        void archive(Archive& a)
        {
            a(visit, left_at, outcome, streak, doubtful);
        }
    };
    std::optional<Link> before_recent;
    std::vector<VisitRecord> recent;    ///< settled, still amendable, ascending by opened_at
    std::vector<CouponRecord> coupons;  ///< those that a limit or a redemption may still ask for

    template <class Archive>
    void archive(Archive& a)
    {
        a(id, name, kinds, staff, consent, channels, birth_month, visits, settled_visits, purchases,
          spend, currency, first_visit_at, last_purchase_at, equipment, long_days, before_recent,
          recent, coupons);
    }
};

std::string text_of(VisitId id);   ///< "v" + 16 hex digits
std::string text_of(CouponId id);  ///< "c" + 16 hex digits
std::optional<VisitId> visit_id_of(const std::string& text);
std::optional<CouponId> coupon_id_of(const std::string& text);

std::string_view text_of(VisitState);
std::string_view text_of(VisitOutcome);
std::string_view text_of(CloseReason);
std::string_view text_of(Attribution);
std::string_view text_of(CouponState);
std::string_view text_of(Equipment);

}  // namespace raiten

#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/base/money.hpp"
#include "daemon/base/result.hpp"
#include "daemon/ledger/decision_counts.hpp"
#include "daemon/ledger/decision_history.hpp"
#include "daemon/ledger/nightly_segment.hpp"
#include "daemon/ledger/outcomes.hpp"
#include "daemon/ledger/rows.hpp"
#include "daemon/model/ids.hpp"
#include "daemon/model/reading.hpp"
#include "daemon/model/records.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace raiten::ledger {

class Database;

/// How much of each member is read.
enum class Detail : std::uint8_t {
    figures,  ///< what figures of members need: the columns of a visit that are numbers
    whole,    ///< all below: about five times the work
};

/// A settled visit. Withdrawn ones are left out.
struct SettledVisit {
    Instant opened_at;
    std::uint32_t ordinal{};
    bool purchase{};
    std::uint32_t streak{};
    Money spend;       ///< zero without a purchase
    bool uncertain{};  ///< VisitRecord::uncertain()

    // Of Detail::whole alone:
    Instant left_at{};
    std::optional<Millis> dwell{};  ///< nothing where no passive reader heard the visit
    bool passive{};                 ///< at least one sighting
    Millis blind{};                 ///< of its span, as VisitRecord::blind
    bool doubtful{};                ///< a receipt that names nobody may be theirs
    std::map<std::string, Millis> zones{};
    /// That heard or took part, in order of appearance; registers that named the member are among
    /// them, see passive_readers() for the rest.
    std::vector<std::string> readers{};
    std::vector<VisitReceipt> receipts{};
};

struct RedeemedCoupon {
    std::string campaign;
    std::string offer;
    Instant decided_at;
    Instant redeemed_at;
};

/// A coupon that could be redeemed in [from, until).
struct CouponInHand {
    Instant from, until;
};

struct SurveyReply {
    Instant at;
    std::uint8_t score{};  ///< 0 to 10
};

struct MemberHistory {
    MemberId member;
    bool complete{};                   ///< the member's very first visit is still kept
    std::vector<SettledVisit> visits;  ///< ascending by (opened_at, ordinal)
    std::string name{};
    std::optional<Instant> first_visit_at{};  ///< of the very first, kept or not
    TokenKinds kinds{};
    std::optional<std::uint8_t> birth_month{};
    std::uint32_t opened{};  ///< visits so far, also those that were withdrawn
    /// Staff, equipment, no consent (MemberRecord::left_out()): whoever scores passes them over.
    bool left_out{};

    // Of Detail::whole alone:
    std::vector<RedeemedCoupon> redeemed{};  ///< ascending by decision; newest coupons_of_one_max
    std::vector<CouponInHand> in_hand{};     ///< of the newest coupons_of_one_max
    std::vector<SurveyReply> replies{};      ///< in order of arrival
};

/// A receipt as it was rung up: sales, refunds and voids in order of arrival.
struct Basket {
    std::uint64_t row{};  ///< its place: ascending, above 0
    Instant at;
    std::chrono::sys_days day{};  ///< business day; (day, pos, number, kind) is the receipt's key
    std::string pos;
    std::string number;
    ReceiptKind kind{};
    std::string refers_to;           ///< number of the sale that is undone; may be empty
    std::vector<ReceiptLine> lines;  ///< empty where the register does not say
};

/// The survey's answers of one business day, by score.
struct SurveyDay {
    std::chrono::sys_days day{};
    std::array<std::uint64_t, 11> answers{};
};

/// Of a member with more visits than this the oldest are left out.
inline constexpr std::size_t visits_of_one_max = 20'000;
inline constexpr std::size_t coupons_of_one_max = 1'000;
inline constexpr std::size_t baskets_max = 10'000;

/// Every member with a visit, one after the other, ascending by number, until `take` says false.
void each_member(Database& database, const std::function<bool(const MemberHistory&)>& take,
                 Detail detail = Detail::figures);
/// At most `limit` (and baskets_max) receipts after that row, ascending. Begin with row 0, go on
/// with the last row that came; nothing comes when all is told. What was pruned meanwhile is
/// passed over. What is imported later (past.hpp) lies before what was lived: whoever has come
/// further begins anew.
std::vector<Basket> baskets_after(Database& database, std::uint64_t row, std::size_t limit);
/// The newest receipt's row, 0 without any. Where it lies below the row that one had come to, all
/// receipts were pruned once and the rows count anew: begin with row 0.
std::uint64_t newest_basket(Database& database);
/// Readers by what they last said of themselves: true for those that hear by themselves, false for
/// desks and registers. Readers that never said anything are not in it.
std::map<std::string, bool> passive_readers(Database& database);
/// Business days of answers given in [from, to), ascending.
std::vector<SurveyDay> survey_days(Database& database, Instant from, Instant to);

/// The ledger's whole past, for one long look beside the work: a connection of its own, on any one
/// thread, at one moment of the file.
class Histories {
 public:
    /// A Problem where the file cannot be read, is no ledger, or not of this program's format.
    static Result<Histories> open(const std::string& path);
    ~Histories();
    Histories(Histories&&) noexcept;
    Histories& operator=(Histories&&) = delete;

    Result<void> each_member(const std::function<bool(const MemberHistory&)>& take,
                             Detail detail = Detail::figures);
    Result<std::vector<Basket>> baskets_after(std::uint64_t row, std::size_t limit);
    Result<std::uint64_t> newest_basket();
    /// What was on the sale that a visit's receipt stands for; nothing where it is not kept, or the
    /// register did not say.
    Result<std::vector<ReceiptLine>> sold(const VisitReceipt& receipt);
    Result<std::map<std::string, bool>> passive_readers();
    /// The ledger's own time: all that arrived by then is in it.
    Result<Instant> engine_time();
    /// Nothing for a member whom no night has scored.
    Result<std::optional<StoredScore>> score(MemberId member);
    Result<std::vector<SurveyDay>> survey_days(Instant from, Instant to);
    /// See decision_history.hpp.
    Result<void> each_decision(const std::string& campaign, Instant settled_before,
                               const std::function<bool(const PastDecision&)>& take);
    /// See decision_counts.hpp.
    Result<DecisionCounts> decision_counts(const std::string& campaign, Instant settled_before);
    Result<std::vector<DecisionOutcome>> outcomes(const std::string& campaign);
    /// What the last night's models make of the members: who has a lifetime value, and their mean,
    /// in the currency's units.
    struct ModelValue {
        std::uint64_t members{};
        std::optional<double> mean;
    };
    Result<ModelValue> model_value();
    /// See nightly_segment.hpp.
    Result<void> each_in_segment(const std::string& where, Instant at, MemberId after,
                                 const std::function<bool(const InSegment&)>& take,
                                 const std::atomic<bool>& cancelled);

 private:
    explicit Histories(std::unique_ptr<Database> database);
    std::unique_ptr<Database> database_;
};

}  // namespace raiten::ledger

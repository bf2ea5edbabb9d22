#pragma once

#include "daemon/engine/engine.hpp"
#include "daemon/model/lane.hpp"
#include "daemon/model/records.hpp"
#include "daemon/model/score_card.hpp"
#include "daemon/model/summary.hpp"
#include "daemon/model/token.hpp"
#include "daemon/scoring/habits.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What goes into the ledger beside the records of the model, and what comes out of it.
namespace raiten::ledger {

/// One admitted fact. `payload` is JSON text.
struct JournalEntry {
    Instant at;
    Instant received_at;
    std::string kind;
    std::string payload;
};
struct JournalRow {
    std::uint64_t row{};
    JournalEntry entry;
};

/// A receipt: the key by which a double is known, and the basket.
struct ReceiptRow {
    Remembered::ReceiptKey key;
    std::string currency;
    std::vector<ReceiptLine> lines;
};

/// One effect as the local stream shows it. The caller numbers them: next_cursor() at the start,
/// then one more each.
struct StreamRow {
    std::uint64_t cursor{};
    Instant at;
    std::string type;
    std::string id;
    std::string json;
};

/// One message for HQ. The caller numbers them without gaps: lane_head().next at the start, then
/// one more each. A gap record has `gap_from`; it stands for gap_from … sequence, and `payload`
/// is the reason why those were dropped.
struct OutboxEntry {
    Lane lane{};
    std::uint64_t sequence{};
    std::string type;
    std::string payload;
    std::optional<Instant> expires_at;
    std::optional<std::uint64_t> gap_from;
};

struct LaneHead {
    std::uint64_t next{1};    ///< sequence of the next entry
    std::uint64_t settled{};  ///< all up to here are with HQ
    std::uint64_t waiting{};  ///< entries that are not
};

/// A reader opened or closed.
struct ReaderStateRow {
    std::string name;
    bool passive{};
    bool up{};
    std::string reason;
    Instant at;
};

/// An answer to the question whether one would recommend the store.
struct SurveyRow {
    Instant at;
    std::chrono::sys_days day{};  ///< business day
    std::uint8_t score{};         ///< 0 to 10
    std::optional<MemberId> member;
    std::optional<VisitId> visit;
};

/// What a night makes of one member. Of the card it holds what is a matter of scores.
struct ScoreRow {
    MemberId member;
    Instant at;
    std::uint32_t stage_changes{};
    scoring::Habits habits;
    ScoreCard card;                          ///< `stage` is there
    std::uint32_t after_visits{};            ///< see VisitForecast
    std::chrono::sys_days first_expected{};  ///< likewise
};

/// How the last night left a member.
struct StoredScore {
    Stage stage{};
    std::uint32_t stage_changes{};
    std::optional<scoring::Habits> habits;
    bool scored{true};  ///< false: left out since; only the moves so far are remembered
    std::optional<Instant> next_visit_at{};
};

/// What stands before the campaign in the kind of a model of its offer. Such a model is let go when
/// none has taken its place for so long: the campaign is gone, or has another life behind it.
inline constexpr const char* uplift_kind = "uplift:";
inline constexpr std::chrono::days uplift_kept{90};

/// One version of a model: what scores are made with. Versions are numbered by the table.
struct ModelRow {
    std::string kind;
    Instant made_at;
    std::string source;  ///< "fit", "hq", "operator"
    bool accepted{};     ///< else it is kept only to tell why it was not taken
    std::string reason;
    std::string parameters;  ///< JSON, for people
    std::string body;        ///< for the program
    std::uint64_t version{};
};

/// A member as the directory is told of one. Absent members are made; of a known one (by name)
/// these fields replace the old, tokens are added, and the history stays.
struct Enrolment {
    std::string name;  ///< 1 to 64 of letters, digits and . _ : -
    bool staff{};
    bool consent{true};
    std::optional<std::uint8_t> birth_month;
    std::vector<Token> tokens;           ///< rotating ones are refused
    std::optional<Channels> channels{};  ///< that the member agreed to; nothing: as before, or all
};

/// All that becomes durable as one whole. Within it: members, visits, receipts, coupons, the rest.
struct Batch {
    std::vector<JournalEntry> journal;
    std::vector<VisitRecord> visits;    ///< each as it is now
    std::vector<MemberRecord> members;  ///< likewise; their basics are left as enrol() set them
    std::vector<CouponRecord> coupons;  ///< likewise
    std::vector<ReceiptRow> receipts;   ///< a known key stays as it is
    std::vector<Remembered::CheckInKey> checkins;
    std::vector<Summary> summaries;  ///< an older revision never replaces a newer
    std::vector<StreamRow> stream;
    std::vector<OutboxEntry> outbox;
    std::vector<LeaseRow> leases;
    std::optional<std::string> campaigns_learned;  ///< see Checkpoint
    std::vector<ReaderStateRow> readers;
    std::vector<ExitTimes::Model> exits;
    std::vector<SurveyRow> surveys;
    std::vector<ScoreRow> scores;
    std::vector<MemberId> unscored;  ///< who is in no result any more
    std::vector<ModelRow> models;
    /// All members were scored as of the start of this business day.
    std::optional<std::chrono::sys_days> scored_day;
    std::optional<Instant> engine_time;
    /// Engine::snapshot() with all of this in it: the last batch of a life. Any later commit makes
    /// it worthless.
    std::optional<std::string> engine_state;
    /// False where nobody waits for it: it may then linger for a while to share a commit.
    bool awaited{true};
};

struct VisitPage {
    std::vector<VisitRecord> visits;     ///< newest first
    std::optional<std::uint64_t> older;  ///< cursor of the next page, if there is more
};
struct CouponPage {
    std::vector<CouponRecord> coupons;  ///< newest first
    std::optional<std::uint64_t> older;
};

struct RowCounts {
    std::uint64_t members{}, tokens{}, coupons{}, outbox{}, unsettled{};
    std::uint64_t visits{}, receipts{}, journal{}, stream{};  ///< newest row less oldest
};

}  // namespace raiten::ledger

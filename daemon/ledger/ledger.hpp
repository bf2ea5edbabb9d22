#pragma once

#include "daemon/ledger/committer.hpp"
#include "daemon/ledger/member_table.hpp"
#include "daemon/ledger/recall.hpp"
#include "daemon/ledger/retention.hpp"
#include "daemon/ledger/rows.hpp"
#include "daemon/ledger/visit_table.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace raiten::ledger {

/// The room in which everything durable lives: one SQLite file, one thread that writes it, one
/// connection on the loop that reads it. All calls come from the loop's thread; all answers
/// (`done`) come back to it through `post`, in the order of the calls, when what was asked for
/// is durable. Reads see what is durable; only members() also sees what is on its way.
class Ledger {
 public:
    struct Options {
        std::string path;
        std::string store;  ///< "tenant/store/device": written at birth, compared ever after
        std::optional<std::uint64_t> epoch{};  ///< of a new file; by default a random number
        Horizon horizon{};
        Retention retention{};
        Committer::Options commit{};
        std::size_t tokens_cached{8192};
        /// A file up to this size is looked through by SQLite at the start.
        std::uint64_t checked_bytes_max{32ULL * 1024 * 1024};
    };
    using Done = Committer::Done;

    /// Takes the lock file beside the ledger, creates or migrates, starts the thread.
    static Result<std::unique_ptr<Ledger>> open(Options options, Committer::Post post);
    /// stop(), if that has not been called. What is posted but not run by then does nothing.
    ~Ledger();

    // ---- writing

    /// `done` may be empty. load() and owner_of() of members() know the batch from here on.
    void commit(Batch batch, Done done);

    /// Makes or changes members and gives them their tokens: all of the list, in one transaction,
    /// or none. The numbers of the members, in order; known to members() from here on. A refusal
    /// comes at once and `done` is not called then. For 100,000 members call it with slices of
    /// enrolments_max or fewer.
    Result<std::vector<MemberId>> enrol(const std::vector<Enrolment>& enrolments, Done done);
    static constexpr std::size_t enrolments_max = 100'000;

    /// HQ has all of the lane up to `through`: those rows are deleted.
    void outbox_settle(Lane lane, std::uint64_t through, Done done);
    /// What waits between is replaced by one gap record, whose payload is the reason.
    void outbox_drop(Lane lane, std::uint64_t from, std::uint64_t through, std::string reason,
                     Done done);

    /// One slice of what retention lets go; `done` is told how many rows went, 0 when all is done.
    void prune(Instant now, std::function<void(const Result<std::uint64_t>&)> done);

    /// False when the queue is full: take in no more events until `on_room` is called.
    bool room() const;
    void on_room(std::function<void()> call);
    CommitState state() const;
    /// Only with `commit.own_thread` false: what the thread would do; see Committer::step().
    std::optional<Millis> step();
    /// Drains and joins. What could not be written is answered with a Problem.
    void stop();

    // ---- the engine's side

    /// Throws ReadFailed (directory.hpp) if the file cannot be read any more.
    Members& members();
    Result<Remembered> remember();
    /// The whole state, if the last life ended with one and nothing was committed since.
    Result<std::optional<std::string>> engine_state();

    // ---- reading; every list is bounded, cursors are row numbers

    Result<std::optional<MemberRecord>> member(const std::string& name);
    /// Members whose device is suspected to be staff or furniture: how many, and the first few.
    struct Suspects {
        std::uint64_t count{};
        std::vector<std::string> names;
    };
    Result<Suspects> suspects(std::size_t names_max);
    Result<VisitPage> visits(const VisitFilter& filter);
    /// Visits with a streak, newest first.
    Result<VisitPage> returns(std::optional<std::uint64_t> before, std::size_t limit);
    /// Newest first.
    Result<std::vector<VisitRecord>> visits_of(MemberId member, std::size_t limit);
    Result<CouponPage> coupons(std::optional<MemberId> member, std::optional<std::uint64_t> before,
                               std::size_t limit);
    Result<std::optional<CouponRecord>> coupon(CouponId id);
    Result<std::optional<ReceiptRow>> receipt(const Remembered::ReceiptKey& key);

    std::uint64_t next_cursor() const { return next_cursor_; }  ///< at the start
    Result<std::uint64_t> oldest_cursor();
    Result<std::vector<StreamRow>> stream_after(std::uint64_t cursor, std::size_t limit);
    Result<std::vector<JournalRow>> journal_after(std::uint64_t row, std::size_t limit);
    Result<std::vector<Summary>> summaries(Summary::Bucket bucket, Instant from, Instant to,
                                           std::size_t limit);
    Result<std::vector<ReaderStateRow>> readers();
    Result<RowCounts> counts();
    /// Versions of models, newest first, without their bodies; and the one of a kind in force.
    Result<std::vector<ModelRow>> models(std::size_t limit);
    Result<std::optional<ModelRow>> model(const std::string& kind);
    /// The business day at whose start all members were last scored.
    Result<std::optional<std::chrono::sys_days>> scored_day();

    Result<std::vector<OutboxEntry>> outbox_after(Lane lane, std::uint64_t after,
                                                  std::size_t rows_max, std::size_t bytes_max);
    Result<LaneHead> lane_head(Lane lane);

    std::uint64_t epoch() const { return epoch_; }
    std::uint64_t session() const { return session_; }    ///< counts the times this file was opened
    Instant engine_time() const { return engine_time_; }  ///< at the start
    const std::string& path() const;

 private:
    struct Inside;
    Ledger() = default;

    std::shared_ptr<Inside> inside_;
    std::uint64_t epoch_{};
    std::uint64_t session_{};
    std::uint64_t next_cursor_{};
    Instant engine_time_{};
};

}  // namespace raiten::ledger

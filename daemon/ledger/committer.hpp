#pragma once

#include "daemon/ledger/database.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace raiten::ledger {

/// How the committer is, for the doctor and the metrics.
struct CommitState {
    bool healthy{true};
    std::string reason;  ///< why not, in one line with advice
    std::size_t queued{};
    std::chrono::microseconds last_commit{};
    std::uint64_t commits{};        ///< transactions since the start
    std::uint64_t works{};          ///< batches in them
    std::uint64_t retries{};        ///< transactions that had to be tried again
    std::uint64_t bytes_written{};  ///< log and file, at most; since the start
};

/// The one thread that writes. It takes all that is queued, in order, into one transaction,
/// commits, and lets the loop know. A transaction that fails is kept: the file is closed, opened
/// again, looked at, and the same works are written again, with longer and longer pauses, until
/// it succeeds or stop() comes. A broken constraint is our own mistake and ends the process.
class Committer {
 public:
    using Post = std::function<void(std::function<void()>)>;
    using Apply = std::function<void(Database&)>;  ///< may run again after a failed commit
    using Done = std::function<void(const Result<void>&)>;

    struct Options {
        std::size_t group_max{256};
        std::size_t queue_max{4096};
        Millis linger{250};    ///< how long a work that nobody awaits may wait for company
        Millis patience{500};  ///< for another program's lock
        Millis pause_min{50};
        Millis pause_max{5000};
        std::uint64_t wal_pages_max{1000};  ///< then the log is moved into the file
        /// False: no thread; whoever owns the time (a simulation) calls step() instead.
        bool own_thread{true};
    };

    /// `post` must carry a function to the loop from any thread.
    Committer(std::unique_ptr<Database> database, Options options, Post post);
    ~Committer();
    Committer(const Committer&) = delete;
    Committer& operator=(const Committer&) = delete;

    /// In the order of calls. `done` comes on the loop, in that order, when the work is durable;
    /// or with a Problem if stop() came first. Taken even without room(): what has happened must
    /// be kept. `alone`: nothing that was added before shares its transaction, so that what is
    /// large and can be done without takes nothing with it.
    void add(Apply apply, Done done, bool awaited, bool alone = false);

    /// Whether more should be taken in. Once it was false, `on_room` is posted when half is free.
    bool room() const;
    void on_room(std::function<void()> call);

    /// Writes what is queued (one try, if the disk is not well) and joins. Then add() answers
    /// with a Problem.
    void stop();

    CommitState state() const;

    /// Without a thread of its own: does what the thread would do now, at most one try at one
    /// transaction, and says how long to wait before the next call. Nothing: until the next add().
    std::optional<Millis> step();

 private:
    struct Work {
        Apply apply;
        Done done;
        bool awaited{};
        bool alone{};
        std::chrono::steady_clock::time_point added;
    };
    using Group = std::vector<Work>;

    void run();
    void next_group();
    bool ready() const;
    bool hurry() const;
    void take_group();
    bool settle_group();
    void finish(const Result<void>& how);
    bool try_commit();
    bool reopen();
    bool reached_disk();
    void degraded(FaultKind kind, const Problem& problem);
    void tidy();

    const Options options_;
    const Post post_;
    const std::string path_;
    std::unique_ptr<Database> database_;  ///< the thread's alone, and so is what follows
    Group group_;                         ///< in hand
    bool tried_{};
    Millis pause_{};
    std::chrono::steady_clock::time_point try_again_;
    bool given_up_{};
    std::int64_t commits_in_file_{};
    std::uint64_t bytes_before_{};
    bool reached_disk_{};
    FaultKind last_kind_{};
    Problem last_problem_;

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Work> queue_;
    std::size_t in_hand_{};
    bool stopping_{};
    bool was_full_{};
    std::function<void()> on_room_;
    CommitState state_;
    std::thread thread_;
};

}  // namespace raiten::ledger

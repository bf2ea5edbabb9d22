#include "daemon/ledger/committer.hpp"

#include "daemon/ledger/meta.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace raiten::ledger {

using std::chrono::steady_clock;

Committer::Committer(std::unique_ptr<Database> database, Options options, Post post)
    : options_{options},
      post_{std::move(post)},
      path_{database->path()},
      database_{std::move(database)},
      commits_in_file_{meta_number(*database_, "commits")}
{
    if (options_.own_thread) thread_ = std::thread{[this] { run(); }};
}

Committer::~Committer()
{
    stop();
}

void Committer::add(Apply apply, Done done, bool awaited, bool alone)
{
    {
        const std::lock_guard lock{mutex_};
        if (!stopping_) {
            queue_.push_back(
                {std::move(apply), std::move(done), awaited, alone, steady_clock::now()});
            if (queue_.size() + in_hand_ >= options_.queue_max) was_full_ = true;
            if (!ready()) return;  // it may linger
            wake_.notify_one();
            return;
        }
    }
    post_([done = std::move(done)] {
        done(Problem{"the ledger is closed", {}, "the service is stopping"});
    });
}

bool Committer::room() const
{
    const std::lock_guard lock{mutex_};
    return queue_.size() + in_hand_ < options_.queue_max;
}

void Committer::on_room(std::function<void()> call)
{
    const std::lock_guard lock{mutex_};
    on_room_ = std::move(call);
}

void Committer::stop()
{
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
    if (!options_.own_thread) run();
}

CommitState Committer::state() const
{
    const std::lock_guard lock{mutex_};
    CommitState out = state_;
    out.queued = queue_.size() + in_hand_;
    return out;
}

// ---- on the ledger thread, or in step() -------------------------------------------------------

void Committer::run()
{
    for (next_group(); !group_.empty(); next_group())
        while (!settle_group()) {
            std::unique_lock lock{mutex_};
            wake_.wait_until(lock, try_again_, [&] { return stopping_; });
        }
    // The last one out puts the log into the file: a connection that only reads cannot.
    std::uint64_t pages = 0;
    if (database_ && !database_->checkpoint(true, pages)) database_->clear_fault();
    database_.reset();
}

std::optional<Millis> Committer::step()
{
    if (group_.empty()) {
        const std::lock_guard lock{mutex_};
        if (queue_.empty()) return std::nullopt;
        const auto lingered = steady_clock::now() - queue_.front().added;
        if (!hurry() && lingered < options_.linger)
            return std::chrono::ceil<Millis>(options_.linger - lingered);
        take_group();
    }
    const auto early = tried_ ? try_again_ - steady_clock::now() : Millis{0};
    if (early > Millis{0}) return std::chrono::ceil<Millis>(early);
    return settle_group() ? Millis{0} : pause_;
}

/// One try at the group in hand; true when there is nothing more to do for it, because it is
/// written or given up. Otherwise it waits for `pause_`.
bool Committer::settle_group()
{
    // What comes after a lost group must not be durable without it.
    if (given_up_) {
        finish(last_problem_);
        return true;
    }
    const bool first = !std::exchange(tried_, true);
    bool last = false;
    if (!first) {
        const std::lock_guard lock{mutex_};
        last = stopping_;
        ++state_.retries;
    }
    const bool written =
        first ? database_ && try_commit() : reopen() && (reached_disk() || try_commit());
    if (!written && !last) {
        pause_ = first ? options_.pause_min : std::min(pause_ * 2, options_.pause_max);
        try_again_ = steady_clock::now() + pause_;
        return false;
    }
    given_up_ = !written;
    finish(written ? Result<void>{} : Result<void>{last_problem_});
    if (written) tidy();
    return true;
}

/// Whether the queue should be written now rather than wait for company. Under the mutex.
bool Committer::ready() const
{
    return stopping_ || queue_.size() >= options_.group_max
           || (!queue_.empty() && (queue_.back().awaited || queue_.size() == 1));
}

bool Committer::hurry() const
{
    return stopping_ || queue_.size() >= options_.group_max
           || std::any_of(queue_.begin(), queue_.end(), [](const Work& w) { return w.awaited; });
}

/// No group in hand only when stopping and nothing is left.
void Committer::next_group()
{
    if (!group_.empty()) return;
    std::unique_lock lock{mutex_};
    wake_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
    if (!hurry())
        wake_.wait_until(lock, queue_.front().added + options_.linger, [&] { return hurry(); });
    take_group();
}

/// Under the mutex.
void Committer::take_group()
{
    while (!queue_.empty() && group_.size() < options_.group_max
           && (group_.empty() || !queue_.front().alone)) {
        group_.push_back(std::move(queue_.front()));
        queue_.pop_front();
    }
    in_hand_ = group_.size();
    tried_ = false;
}

bool Committer::try_commit()
{
    const auto started = steady_clock::now();
    Database& db = *database_;
    db.begin();
    for (const auto& work : group_) {
        if (!db.ok()) break;
        work.apply(db);
    }
    put_meta(db, "commits", commits_in_file_ + 1);
    if (db.ok()) db.run("COMMIT");
    if (!db.ok()) {
        const Fault fault = *db.fault();
        db.rollback();
        db.clear_fault();
        // Our own mistakes are assertions: what stands in the journal starts us again.
        if (fault.kind == FaultKind::mistake) throw std::logic_error{fault.problem.text()};
        degraded(fault.kind, fault.problem);
        return false;
    }
    ++commits_in_file_;
    const std::lock_guard lock{mutex_};
    state_.healthy = true;
    state_.reason.clear();
    state_.last_commit =
        std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - started);
    ++state_.commits;
    state_.works += group_.size();
    state_.bytes_written = bytes_before_ + db.bytes_logged();
    return true;
}

/// Whether the commit that was told as failed is in the file after all.
bool Committer::reached_disk()
{
    if (!reached_disk_) return false;
    reached_disk_ = false;
    ++commits_in_file_;
    const std::lock_guard lock{mutex_};
    state_.healthy = true;
    state_.reason.clear();
    ++state_.commits;
    state_.works += group_.size();
    return true;
}

/// After a failed fsync what the kernel shows of the file proves nothing: the connection goes,
/// the file is opened afresh, looked at, and moved to disk as a whole. True if the works are to
/// be written (again).
bool Committer::reopen()
{
    if (last_kind_ == FaultKind::locked && database_) return true;
    if (database_) bytes_before_ += database_->bytes_logged();
    database_.reset();
    auto opened = Database::open(path_, Database::Access::read_write, options_.patience);
    if (!opened) {
        degraded(last_kind_, opened.error());
        return false;
    }
    auto fresh = std::move(*opened);
    const bool doubtful = last_kind_ == FaultKind::io || last_kind_ == FaultKind::corrupt;
    if (doubtful) {
        if (const auto sound = fresh->check(); !sound) {
            degraded(FaultKind::corrupt, sound.error());
            return false;
        }
        std::uint64_t pages = 0;
        if (const auto moved = fresh->checkpoint(true, pages); !moved) {
            degraded(last_kind_, moved.error());
            return false;
        }
    }
    // The commit that failed may have reached the disk after all. Then its number stands there.
    const auto in_file = meta_number(*fresh, "commits");
    if (const auto read = fresh->outcome(); !read) {
        degraded(last_kind_, read.error());
        return false;
    }
    database_ = std::move(fresh);
    reached_disk_ = in_file > commits_in_file_;
    return true;
}

void Committer::degraded(FaultKind kind, const Problem& problem)
{
    last_kind_ = kind;
    last_problem_ = problem;
    const std::lock_guard lock{mutex_};
    state_.healthy = false;
    state_.reason = problem.text();
}

void Committer::finish(const Result<void>& how)
{
    Group group = std::exchange(group_, {});
    std::function<void()> room;
    {
        const std::lock_guard lock{mutex_};
        in_hand_ = 0;
        if (was_full_ && queue_.size() < options_.queue_max / 2) {
            was_full_ = false;
            room = on_room_;
        }
    }
    auto dones = std::make_shared<std::vector<Done>>();
    for (auto& work : group) dones->push_back(std::move(work.done));
    post_([dones, how, room] {
        for (const auto& done : *dones)
            if (done) done(how);
        if (room) room();
    });
}

/// The log goes into the file when it has grown, after everybody has been answered.
void Committer::tidy()
{
    if (database_->wal_pages() < options_.wal_pages_max) return;
    std::uint64_t pages = 0;
    const auto moved = database_->checkpoint(false, pages);
    if (!moved) {
        // Nothing is lost: all of it is in the log still, and the next commit tries again.
        const std::lock_guard lock{mutex_};
        state_.reason = moved.error().text();
        return;
    }
    bytes_before_ += pages * 4096;
}

}  // namespace raiten::ledger

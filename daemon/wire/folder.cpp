#include "daemon/wire/folder.hpp"

#include "daemon/wire/folder_disk.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fnmatch.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <map>
#include <optional>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

namespace raiten::wire {

namespace net = boost::asio;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

namespace {

constexpr auto no_throw = net::as_tuple(net::use_awaitable);
constexpr std::size_t piece_bytes = 64 * 1024;
constexpr std::size_t news_bytes = 64 * 1024;
constexpr std::size_t entries_max = 200'000;  ///< of a folder; the rest waits for the next look
constexpr std::size_t entries_a_turn = 256;

void rethrow(const std::exception_ptr& mistake)
{
    if (mistake) std::rethrow_exception(mistake);
}

/// A file that is not read yet.
struct Waiting {
    FileMark mark;
    Clock::time_point quiet_since;
    bool moved_in{};
    bool open{};  ///< its writer has not closed it
};

/// A file that was read, until it is put away.
struct Given {
    FileMark mark;
    bool finished{};
    bool good{};
};

}  // namespace

class Folder::State : public std::enable_shared_from_this<Folder::State> {
 public:
    State(net::any_io_executor executor, FolderSettings settings, FolderLimits limits,
          FolderCallbacks callbacks)
        : executor_{std::move(executor)},
          wake_{executor_},
          settings_{std::move(settings)},
          limits_{limits},
          tell_{std::move(callbacks)},
          back_off_{limits.back_off_min}
    {
    }

    void start() { net::co_spawn(executor_, run(shared_from_this()), rethrow); }

    void stop()
    {
        stopped_ = true;
        wake_.cancel();
        if (news_) news_->close();
    }

    bool up() const { return disk_.has_value(); }

    void finished(const std::string& name, bool good)
    {
        const auto found = given_.find(name);
        if (found == given_.end()) return;
        found->second.finished = true;
        found->second.good = good;
        wake_.cancel();
    }

    FolderCounters counters;

 private:
    enum class Heard : std::uint8_t { seen, moved_in, closed, written };

    static net::awaitable<void> run(std::shared_ptr<State> self)
    {
        while (!self->stopped_) {
            auto opened = FolderDisk::open(self->settings_.path);
            if (opened.has_error()) {
                self->go_down(opened.error().text());
                if (self->stopped_) break;
                self->wake_.expires_after(self->back_off_);
                self->back_off_ = std::min(self->back_off_ * 2, self->limits_.back_off_max);
                co_await self->wake_.async_wait(no_throw);
                continue;
            }
            self->go_up(std::move(opened.value()));
            co_await watch(self);
            self->disk_.reset();
            if (self->news_) self->news_->close();
            self->waiting_.clear();
            if (!self->stopped_) self->go_down("the folder is gone: " + self->settings_.path);
        }
    }

    void go_up(FolderDisk disk)
    {
        disk_ = std::move(disk);
        gone_ = false;
        look_at_ = Clock::now();
        back_off_ = limits_.back_off_min;
        down_reason_.clear();
        news_ = std::make_shared<net::posix::stream_descriptor>(executor_, disk_->release_watch());
        net::co_spawn(executor_, hear_news(shared_from_this(), news_), rethrow);
        if (tell_.on_up) tell_.on_up();
    }

    void go_down(const std::string& reason)
    {
        if (reason == down_reason_) return;
        down_reason_ = reason;
        if (tell_.on_down) tell_.on_down(reason);
    }

    /// While the folder is there.
    static net::awaitable<void> watch(std::shared_ptr<State> self)
    {
        while (!self->stopped_ && !self->gone_) {
            if (Clock::now() >= self->look_at_) {
                co_await look_at_all(self);
                continue;
            }
            self->put_away_finished();
            if (self->stopped_) break;
            if (const auto name = self->next_whole()) {
                co_await read_file(self, *name);
                continue;
            }
            self->wake_.expires_at(self->next_moment());
            co_await self->wake_.async_wait(no_throw);
        }
    }

    static net::awaitable<void> hear_news(std::shared_ptr<State> self,
                                          std::shared_ptr<net::posix::stream_descriptor> news)
    {
        std::vector<std::byte> buffer(news_bytes);
        const std::function<void(FolderNews)> hear = [&self](const FolderNews& each) {
            self->hear(each);
        };
        while (!self->stopped_) {
            const auto into = net::buffer(buffer.data(), buffer.size());
            const auto [ec, size] = co_await news->async_read_some(into, no_throw);
            if (self->stopped_ || news != self->news_ || !self->disk_) break;
            if (ec) {
                self->gone_ = true;
            } else {
                read_news(std::span<const std::byte>{buffer}.first(size), hear);
            }
            self->wake_.cancel();
            if (ec) break;
        }
    }

    void hear(const FolderNews& news)
    {
        using What = FolderNews::What;
        switch (news.what) {
            case What::arrived:
                return consider(news.name, Heard::moved_in);
            case What::closed:
                return consider(news.name, Heard::closed);
            case What::written:
                return consider(news.name, Heard::written);
            case What::left:
                waiting_.erase(news.name);
                return;
            case What::lost:
                look_at_ = Clock::now();
                return;
            case What::gone:
                gone_ = true;
                return;
        }
    }

    void consider(const std::string& name, Heard heard)
    {
        if (::fnmatch(settings_.pattern.c_str(), name.c_str(), FNM_PERIOD) != 0) return;
        const auto mark = disk_->mark(name);
        if (!mark) {
            waiting_.erase(name);
            return;
        }
        if (is_known(name, *mark)) return;
        const auto found = waiting_.find(name);
        if (found == waiting_.end() && waiting_.size() >= limits_.names_max) {
            ++counters.overflow;
            overflowed_ = true;
            return;
        }
        const bool fresh = found == waiting_.end();
        Waiting& file = fresh ? waiting_[name] : found->second;
        if (fresh || heard != Heard::seen || file.mark != *mark) file.quiet_since = Clock::now();
        if (heard != Heard::seen) file.open = heard == Heard::written;
        if (heard != Heard::seen || file.mark != *mark) file.moved_in = heard == Heard::moved_in;
        file.mark = *mark;
    }

    /// Read already, as it is now.
    bool is_known(const std::string& name, const FileMark& mark)
    {
        const auto given = given_.find(name);
        if (given != given_.end() && given->second.mark == mark) return true;
        const auto left = left_.find(name);
        if (left == left_.end()) return false;
        if (left->second == mark) return true;
        left_.erase(left);
        return false;
    }

    static net::awaitable<void> look_at_all(std::shared_ptr<State> self)
    {
        self->look_at_ = Clock::now() + self->limits_.rescan_after;
        self->overflowed_ = false;
        if (!self->disk_->still_there()) {
            self->gone_ = true;
            co_return;
        }
        const auto names = self->disk_->names(entries_max);
        if (names.has_error()) {
            self->gone_ = true;
            co_return;
        }
        std::size_t n = 0;
        for (const auto& name : names.value()) {
            self->consider(name, Heard::seen);
            if (++n % entries_a_turn != 0) continue;
            co_await net::post(self->executor_, net::use_awaitable);
            if (self->stopped_ || self->gone_) co_return;
        }
        self->forget_absent({names.value().begin(), names.value().end()});
    }

    void forget_absent(const std::set<std::string>& there)
    {
        const auto absent = [&](const auto& each) {
            return there.find(each.first) == there.end() && !disk_->mark(each.first);
        };
        std::erase_if(left_, absent);
        std::erase_if(waiting_, absent);
    }

    Clock::time_point whole_at(const Waiting& file) const
    {
        if (file.moved_in) return file.quiet_since;
        return file.quiet_since + (file.open ? limits_.open_quiet_after : limits_.quiet_after);
    }

    bool may_read() const { return given_.size() < limits_.unfinished_max; }

    /// The oldest file that is whole.
    std::optional<std::string> next_whole()
    {
        if (!may_read()) return std::nullopt;
        const auto now = Clock::now();
        const std::pair<const std::string, Waiting>* oldest = nullptr;
        for (const auto& each : waiting_) {
            if (whole_at(each.second) > now || given_.count(each.first) > 0) continue;
            if (oldest == nullptr || each.second.mark.changed_ns < oldest->second.mark.changed_ns)
                oldest = &each;
        }
        if (oldest == nullptr) return std::nullopt;
        return oldest->first;
    }

    Clock::time_point next_moment() const
    {
        auto moment = look_at_;
        if (!may_read()) return moment;
        for (const auto& [name, file] : waiting_)
            if (given_.count(name) == 0) moment = std::min(moment, whole_at(file));
        return moment;
    }

    static net::awaitable<void> read_file(std::shared_ptr<State> self, std::string name)
    {
        const Waiting waited = self->waiting_.at(name);
        const auto now = self->disk_->mark(name);
        if (!now || *now != waited.mark) {
            // It grew, and nobody told: on network drives nobody does.
            self->consider(name, Heard::seen);
            co_return;
        }
        self->waiting_.erase(name);
        auto opened = self->disk_->read(name);
        if (opened.has_error()) {
            self->give_up(name, *now, opened.error().text());
            co_return;
        }
        const Descriptor file = std::move(opened.value());
        const auto mark = mark_of(file);
        if (!mark || *mark != *now) {
            self->consider(name, Heard::seen);
            co_return;
        }
        if (mark->size > self->limits_.file_bytes_max) {
            self->give_up(name, *mark, "too large");
            co_return;
        }
        if (self->tell_.on_file_begin) self->tell_.on_file_begin(name);
        std::string reason;
        std::uint64_t told = 0;
        std::vector<std::byte> buffer(piece_bytes);
        while (!self->stopped_ && told <= mark->size) {
            const auto got = ::read(file.number(), buffer.data(), buffer.size());
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) reason = std::generic_category().message(errno);
            if (got <= 0) break;
            const auto size = static_cast<std::size_t>(got);
            told += size;
            self->counters.bytes_in += size;
            if (self->tell_.on_bytes)
                self->tell_.on_bytes(std::span<const std::byte>{buffer}.first(size));
            co_await net::post(self->executor_, net::use_awaitable);
        }
        if (self->stopped_) co_return;
        self->end_file(name, *mark, mark_of(file) == mark && told == mark->size, reason);
    }

    void end_file(const std::string& name, const FileMark& mark, bool unchanged,
                  const std::string& reason)
    {
        if (!reason.empty()) return give_up(name, mark, reason);
        if (!unchanged) {
            ++counters.changed;
            consider(name, Heard::seen);
            return tell_end(name, false, "it changed while it was read");
        }
        ++counters.read;
        given_[name] = Given{mark, false, false};
        tell_end(name, true, {});
    }

    /// Not a file that anybody can read.
    void give_up(const std::string& name, const FileMark& mark, const std::string& reason)
    {
        put_away(name, mark, false);
        if (!stopped_) tell_end(name, false, reason);
    }

    void tell_end(const std::string& name, bool whole, const std::string& reason)
    {
        if (tell_.on_file_end) tell_.on_file_end(name, whole, reason);
    }

    void put_away_finished()
    {
        std::vector<std::pair<std::string, Given>> done;
        for (const auto& each : given_)
            if (each.second.finished) done.push_back(each);
        for (const auto& [name, file] : done) {
            if (stopped_) return;
            given_.erase(name);
            put_away(name, file.mark, file.good);
        }
        if (overflowed_ && waiting_.empty()) look_at_ = Clock::now();
    }

    void put_away(const std::string& name, const FileMark& mark, bool good)
    {
        if (!good) ++counters.failed;
        const auto now = disk_->mark(name);
        if (!now) return;                                      // somebody took it
        if (*now != mark) return consider(name, Heard::seen);  // another one by its name
        const bool leave = good && settings_.after == AfterReading::leave;
        const auto put = leave ? Result<void>{}
                         : good && settings_.after == AfterReading::remove
                             ? disk_->remove(name)
                             : disk_->move_into(good ? "done" : "failed", name);
        if (leave || put.has_error()) remember(name, mark);
        if (!put.has_error()) return;
        ++counters.stuck;
        if (tell_.on_stuck) tell_.on_stuck(name, put.error().text());
    }

    /// One that is forgotten is read again: better twice than never.
    void remember(const std::string& name, const FileMark& mark)
    {
        if (left_.size() >= limits_.names_max) left_.erase(left_.begin());
        left_[name] = mark;
    }

    net::any_io_executor executor_;
    net::steady_timer wake_;
    FolderSettings settings_;
    FolderLimits limits_;
    FolderCallbacks tell_;
    Millis back_off_;
    std::string down_reason_;
    std::optional<FolderDisk> disk_;
    std::shared_ptr<net::posix::stream_descriptor> news_;
    Clock::time_point look_at_{};
    std::map<std::string, Waiting> waiting_;
    std::map<std::string, Given> given_;
    std::map<std::string, FileMark> left_;
    bool overflowed_{};
    bool gone_{};
    bool stopped_{};
};

Folder::Folder(net::any_io_executor executor, FolderSettings settings, FolderLimits limits,
               FolderCallbacks callbacks)
    : state_{std::make_shared<State>(std::move(executor), std::move(settings), limits,
                                     std::move(callbacks))}
{
}

Folder::~Folder()
{
    stop();
}

void Folder::start()
{
    state_->start();
}

void Folder::stop()
{
    state_->stop();
}

bool Folder::up() const
{
    return state_->up();
}

void Folder::finished(const std::string& name, bool good)
{
    state_->finished(name, good);
}

const FolderCounters& Folder::counters() const
{
    return state_->counters;
}

}  // namespace raiten::wire

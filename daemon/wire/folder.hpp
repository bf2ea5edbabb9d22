#pragma once

#include "daemon/base/instant.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

namespace raiten::wire {

/// What becomes of a file that has been read and finished.
enum class AfterReading : std::uint8_t {
    done,    ///< moved into `done` inside the folder
    remove,  ///< deleted
    leave    ///< left where it is, and remembered while the service runs; read again after a start
};

struct FolderSettings {
    std::string path;
    std::string pattern{"*.xml"};  ///< of file names, as a shell takes it
    AfterReading after{AfterReading::done};
};

struct FolderLimits {
    Millis quiet_after{5'000};        ///< unchanged for so long: whole
    Millis open_quiet_after{60'000};  ///< the same while its writer has not closed it
    Millis rescan_after{30'000};      ///< looks at every file, whatever inotify said
    Millis back_off_min{1'000};       ///< looks for a missing folder again
    Millis back_off_max{30'000};
    std::size_t names_max{10'000};              ///< waiting to be read, or remembered as left
    std::size_t unfinished_max{64};             ///< read and not finished: the next has to wait
    std::uint64_t file_bytes_max{1ULL << 32U};  ///< more is put into `failed`
};

/// Called on the executor's thread, never from within start(), finished() or stop().
struct FolderCallbacks {
    std::function<void()> on_up;
    /// The folder is not there or cannot be watched. Told again only when the reason changes.
    std::function<void(const std::string& reason)> on_down;
    std::function<void(const std::string& name)> on_file_begin;
    std::function<void(std::span<const std::byte>)> on_bytes;  ///< of the file that began last
    /// `whole`: all of it was told, and it waits for finished(). Otherwise what was told of it
    /// must not be taken for a whole: it was put into `failed`, or comes again if it had changed.
    std::function<void(const std::string& name, bool whole, const std::string& reason)> on_file_end;
    /// A file could not be put away: it stays, and is not read again until it changes.
    std::function<void(const std::string& name, const std::string& reason)> on_stuck;
};

struct FolderCounters {
    std::uint64_t read{};      ///< whole files
    std::uint64_t failed{};    ///< put into `failed`, or could not be
    std::uint64_t changed{};   ///< changed while they were read
    std::uint64_t stuck{};     ///< could not be put away
    std::uint64_t overflow{};  ///< names that found no room and wait for the next look
    std::uint64_t bytes_in{};
};

/// A folder into which others put files. Each file that fits the pattern is read once it is whole:
/// at once if it was moved in, else when it has been quiet. Then it waits until the app has made
/// durable what it learned and says finished(), and only then it is put away: after a crash it is
/// read again. The oldest comes first.
///
///     moved in ──────────────────────────────► read ──► finished() ──► done/ │ removed │ left
///     written, closed ── quiet_after ────────►  │ cannot be read, too large, finished(…, false)
///     written, open ──── open_quiet_after ───►  └────────────────────► failed/
///
/// Files are read in parts, between which the loop is free. It lives on the executor's one thread,
/// and may be stopped or destroyed at any time, also from within a callback; no callback comes
/// after that.
class Folder {
 public:
    Folder(boost::asio::any_io_executor executor, FolderSettings settings, FolderLimits limits,
           FolderCallbacks callbacks);
    ~Folder();
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    void start();
    void stop();
    bool up() const;

    /// All that a file of on_file_end(…, true, …) said is durable: it is put away, into `failed`
    /// where the app could not use it. One that has changed meanwhile stays, to be read again.
    void finished(const std::string& name, bool good = true);

    const FolderCounters& counters() const;

 private:
    class State;
    std::shared_ptr<State> state_;
};

}  // namespace raiten::wire

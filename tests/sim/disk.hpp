#pragma once

#include "daemon/base/instant.hpp"
#include "tests/sim/trace.hpp"
#include "tests/support/dice.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace raiten::sim {

/// What the disk does at the moment besides what it is told; README.md says what each means.
/// Shares are of calls.
struct DiskFaults {
    double write_error{};
    double read_error{};
    double sync_error{};
    double slow_sync{};
    bool full{};
};

/// A disk that keeps to what a real one promises, and to nothing more. What is written is seen by
/// every reader at once, but is durable only after a sync of the same file.
class Disk {
 public:
    enum class Lie : std::uint8_t {
        none,
        sync,      ///< every sync "succeeds" and does nothing
        log_sync,  ///< only those of the write-ahead log
    };

    Disk(std::uint64_t seed, Trace& trace, std::function<Millis()> now);

    DiskFaults faults;
    Lie lie{Lie::none};

    /// The process is gone: whatever it still holds open fails, and nothing new opens.
    void disown();
    /// A new process may open files.
    void own();
    /// At the nth write, cut, sync or removal from now the process is gone, which then is not done.
    void light_fuse(std::uint64_t nth) { fuse_ = nth; }
    bool blown() const { return blown_; }
    /// What was not synced is kept, lost, or torn, each file for itself.
    void cut_power();

    /// For how long the syncs since the last question made their callers wait.
    Millis take_delay() { return std::exchange(delay_, Millis{0}); }

    // ---- for the VFS (vfs.cpp)

    struct Shared {
        std::vector<std::unique_ptr<std::string>> regions;
        std::array<int, 8> readers{};
        std::array<const void*, 8> writer{};
    };
    struct Write {
        std::uint64_t offset{};
        std::string bytes;
        bool cuts{};  ///< the file ends at `offset`
    };
    struct File {
        std::string seen;            ///< what a read gives
        std::string durable;         ///< what would be there after a power cut, at the least
        std::vector<Write> waiting;  ///< between the two, in order
        bool named{};                ///< its name is in the folder for good
        std::shared_ptr<Shared> shared;
        int share_locks{};
        const void* reserved{};
        const void* exclusive{};
    };
    enum class Done : std::uint8_t { well, error, full };

    bool owned() const { return owned_; }
    std::uint64_t generation() const { return generation_; }
    File* find(const std::string& name);
    File& make(const std::string& name);
    void remove(const std::string& name, bool for_good);
    Done read(const File& file);
    Done write(File& file, std::uint64_t offset, std::string_view bytes);
    Done cut(File& file, std::uint64_t size);
    Done sync(const std::string& name, File& file);
    std::uint64_t word() { return dice_.word(); }
    Millis now() const { return now_(); }

 private:
    bool strikes(double share) { return share > 0 && dice_.share() < share; }
    void settle(File& file);
    void fail_sync(File& file);
    void tear(std::string& bytes, const Write& write);
    bool burns();

    stage::Dice dice_;
    Trace& trace_;
    std::function<Millis()> now_;
    std::map<std::string, std::unique_ptr<File>> files_;
    std::map<std::string, std::string> removed_;  ///< not for good: may be there after a power cut
    std::vector<std::unique_ptr<File>> orphans_;  ///< still held open by somebody
    std::uint64_t fuse_{};
    bool blown_{};
    bool owned_{true};
    std::uint64_t generation_{};
    Millis delay_{0};
};

/// Makes the disk the one that SQLite uses, for as long as this lives.
class MountedDisk {
 public:
    explicit MountedDisk(Disk& disk);
    ~MountedDisk();
    MountedDisk(const MountedDisk&) = delete;
    MountedDisk& operator=(const MountedDisk&) = delete;
};

}  // namespace raiten::sim

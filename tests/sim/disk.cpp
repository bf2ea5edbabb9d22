#include "tests/sim/disk.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace raiten::sim {
namespace {

constexpr std::uint64_t sector_bytes = 512;

void put(std::string& file, const Disk::Write& write)
{
    if (write.cuts) {
        file.resize(write.offset);
        return;
    }
    if (file.size() < write.offset + write.bytes.size())
        file.resize(write.offset + write.bytes.size());
    file.replace(write.offset, write.bytes.size(), write.bytes);
}

}  // namespace

Disk::Disk(std::uint64_t seed, Trace& trace, std::function<Millis()> now)
    : dice_{seed}, trace_{trace}, now_{std::move(now)}
{
}

void Disk::disown()
{
    owned_ = false;
    ++generation_;
    for (auto& [name, file] : files_) {
        file->shared.reset();
        file->share_locks = 0;
        file->reserved = file->exclusive = nullptr;
    }
}

void Disk::own()
{
    owned_ = true;
    blown_ = false;
    fuse_ = 0;
}

bool Disk::burns()
{
    if (fuse_ == 0 || --fuse_ > 0) return false;
    blown_ = true;
    disown();
    return true;
}

// ---- what is asked of it -----------------------------------------------------------------------

Disk::File* Disk::find(const std::string& name)
{
    const auto at = files_.find(name);
    return at == files_.end() ? nullptr : at->second.get();
}

Disk::File& Disk::make(const std::string& name)
{
    auto& file = files_[name];
    if (!file) {
        file = std::make_unique<File>();
        removed_.erase(name);
        trace_.count("make", files_.size(), 0);
    }
    return *file;
}

void Disk::remove(const std::string& name, bool for_good)
{
    const auto at = files_.find(name);
    if (burns() || at == files_.end()) return;
    trace_.count("remove", files_.size(), for_good);
    if (at->second->named && !(for_good && lie != Lie::sync)) removed_[name] = at->second->durable;
    orphans_.push_back(std::move(at->second));
    files_.erase(at);
}

Disk::Done Disk::read(const File& file)
{
    trace_.count("read", file.seen.size(), 0);
    return strikes(faults.read_error) ? Done::error : Done::well;
}

Disk::Done Disk::write(File& file, std::uint64_t offset, std::string_view bytes)
{
    trace_.count("write", offset, bytes.size());
    if (burns()) return Done::error;
    Write all{offset, std::string{bytes}, false};
    if (strikes(faults.write_error)) {
        // What came before the error stays, as after a write(2) that stopped half way.
        all.bytes.resize(dice_.below(bytes.size() + 1));
        put(file.seen, all);
        file.waiting.push_back(std::move(all));
        return Done::error;
    }
    if (faults.full && offset + bytes.size() > file.seen.size()) return Done::full;
    put(file.seen, all);
    file.waiting.push_back(std::move(all));
    return Done::well;
}

Disk::Done Disk::cut(File& file, std::uint64_t size)
{
    trace_.count("cut", size, file.seen.size());
    if (burns() || strikes(faults.write_error)) return Done::error;
    if (size >= file.seen.size()) return Done::well;
    const Write all{size, {}, true};
    put(file.seen, all);
    file.waiting.push_back(all);
    return Done::well;
}

Disk::Done Disk::sync(const std::string& name, File& file)
{
    trace_.count("sync", file.waiting.size(), 0);
    if (burns()) return Done::error;
    if (strikes(faults.slow_sync)) delay_ += Millis{100 + dice_.below(5'000)};
    if (strikes(faults.sync_error)) {
        fail_sync(file);
        return Done::error;
    }
    if (lie == Lie::sync || (lie == Lie::log_sync && name.ends_with("-wal"))) return Done::well;
    // SQLite syncs the folder after the first sync of a new journal or log.
    if (!file.named && (name.ends_with("-wal") || name.ends_with("-journal"))) {
        for (auto& [other, each] : files_) each->named = true;
        removed_.clear();
    }
    settle(file);
    return Done::well;
}

void Disk::settle(File& file)
{
    for (const auto& write : file.waiting) put(file.durable, write);
    file.waiting.clear();
    file.named = true;
}

/// After this nothing that waited will ever be written: the kernel holds it for clean. Some of it
/// is on the disk all the same, and the kernel may or may not still show the rest.
void Disk::fail_sync(File& file)
{
    const bool all = dice_.below(4) == 0;
    for (const auto& write : file.waiting)
        if (all || dice_.below(2) == 0) tear(file.durable, write);
    file.waiting.clear();
    if (dice_.below(2) == 0) file.seen = file.durable;
}

// ---- power -------------------------------------------------------------------------------------

/// Sector by sector, each there or not.
void Disk::tear(std::string& bytes, const Write& write)
{
    if (write.cuts || dice_.below(2) == 0) return put(bytes, write);
    for (std::uint64_t at = 0; at < write.bytes.size();) {
        const auto end = std::min<std::uint64_t>(
            write.bytes.size(),
            (write.offset + at) / sector_bytes * sector_bytes + sector_bytes - write.offset);
        if (dice_.below(2) == 0)
            put(bytes, {write.offset + at, write.bytes.substr(at, end - at), false});
        at = end;
    }
}

void Disk::cut_power()
{
    disown();
    delay_ = Millis{0};
    const auto mood = dice_.below(4);  // all lost, all kept, or as it comes
    std::uint64_t lost = 0;
    for (auto at = files_.begin(); at != files_.end();) {
        File& file = *at->second;
        for (const auto& write : file.waiting) {
            if (mood == 0 || (mood > 1 && dice_.below(2) == 0)) {
                ++lost;
                continue;
            }
            mood == 1 ? put(file.durable, write) : tear(file.durable, write);
        }
        file.waiting.clear();
        file.seen = file.durable;
        const bool gone = !file.named && (mood == 0 || (mood > 1 && dice_.below(2) == 0));
        file.named = true;
        at = gone ? files_.erase(at) : std::next(at);
    }
    const auto removed = std::exchange(removed_, {});
    for (const auto& [name, bytes] : removed)
        if (!files_.contains(name) && (mood == 0 || dice_.below(2) == 0)) {
            File& back = make(name);
            back.seen = back.durable = bytes;
            back.named = true;
        }
    orphans_.clear();
    trace_.tell(now_(), "power cut, mood " + std::to_string(mood) + ", " + std::to_string(lost)
                            + " writes lost");
}

}  // namespace raiten::sim

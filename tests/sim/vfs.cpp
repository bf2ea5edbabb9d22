#include "tests/sim/disk.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <stdexcept>

/// The disk as SQLite sees it: sqlite.org/c3ref/vfs.html. One thread, so that no lock ever waits.
namespace raiten::sim {
namespace {

constexpr int sector_bytes = 4096;  // what SQLite's own layer on Linux says
constexpr std::size_t lock_slots = 8;

Disk* mounted = nullptr;

struct Handle : sqlite3_file {
    std::string name;
    Disk::File* file;
    std::uint64_t generation;
    int level;
    std::array<bool, lock_slots> reads, writes;
    std::shared_ptr<Disk::Shared> shared;

    /// Of the process that is running.
    bool alive() const
    {
        return mounted && mounted->owned() && mounted->generation() == generation;
    }
};

Handle& of(sqlite3_file* file)
{
    return *static_cast<Handle*>(file);
}

int unlock(sqlite3_file* file, int level)
{
    Handle& h = of(file);
    if (!h.alive()) return SQLITE_OK;
    if (h.file->exclusive == &h && level < SQLITE_LOCK_PENDING) h.file->exclusive = nullptr;
    if (h.file->reserved == &h && level < SQLITE_LOCK_RESERVED) h.file->reserved = nullptr;
    if (h.level >= SQLITE_LOCK_SHARED && level < SQLITE_LOCK_SHARED) --h.file->share_locks;
    h.level = std::min(h.level, level);
    return SQLITE_OK;
}

int lock(sqlite3_file* file, int level)
{
    Handle& h = of(file);
    if (!h.alive()) return SQLITE_IOERR_LOCK;
    if (level <= h.level) return SQLITE_OK;
    Disk::File& f = *h.file;
    if (f.exclusive && f.exclusive != &h) return SQLITE_BUSY;
    if (level >= SQLITE_LOCK_RESERVED && f.reserved && f.reserved != &h) return SQLITE_BUSY;
    if (level == SQLITE_LOCK_EXCLUSIVE && f.share_locks > (h.level >= SQLITE_LOCK_SHARED ? 1 : 0))
        return SQLITE_BUSY;
    if (h.level < SQLITE_LOCK_SHARED) ++f.share_locks;
    if (level >= SQLITE_LOCK_RESERVED) f.reserved = &h;
    if (level == SQLITE_LOCK_EXCLUSIVE) f.exclusive = &h;
    h.level = level;
    return SQLITE_OK;
}

int check_reserved(sqlite3_file* file, int* out)
{
    *out = of(file).alive() && of(file).file->reserved != nullptr;
    return SQLITE_OK;
}

int read(sqlite3_file* file, void* out, int amount, sqlite3_int64 offset)
{
    Handle& h = of(file);
    if (!h.alive() || mounted->read(*h.file) != Disk::Done::well) return SQLITE_IOERR_READ;
    const auto wanted = static_cast<std::size_t>(amount);
    const auto from = std::min(static_cast<std::size_t>(offset), h.file->seen.size());
    const auto there = std::min(wanted, h.file->seen.size() - from);
    std::memcpy(out, h.file->seen.data() + from, there);
    if (there == wanted) return SQLITE_OK;
    std::memset(static_cast<char*>(out) + there, 0, wanted - there);
    return SQLITE_IOERR_SHORT_READ;
}

int write(sqlite3_file* file, const void* bytes, int amount, sqlite3_int64 offset)
{
    Handle& h = of(file);
    if (!h.alive()) return SQLITE_IOERR_WRITE;
    const std::string_view all{static_cast<const char*>(bytes), static_cast<std::size_t>(amount)};
    switch (mounted->write(*h.file, static_cast<std::uint64_t>(offset), all)) {
        case Disk::Done::well:
            return SQLITE_OK;
        case Disk::Done::full:
            return SQLITE_FULL;
        case Disk::Done::error:
            break;
    }
    return SQLITE_IOERR_WRITE;
}

int truncate(sqlite3_file* file, sqlite3_int64 size)
{
    Handle& h = of(file);
    const bool well =
        h.alive() && mounted->cut(*h.file, static_cast<std::uint64_t>(size)) == Disk::Done::well;
    return well ? SQLITE_OK : SQLITE_IOERR_TRUNCATE;
}

int sync(sqlite3_file* file, int)
{
    Handle& h = of(file);
    const bool well = h.alive() && mounted->sync(h.name, *h.file) == Disk::Done::well;
    return well ? SQLITE_OK : SQLITE_IOERR_FSYNC;
}

int file_size(sqlite3_file* file, sqlite3_int64* out)
{
    if (!of(file).alive()) return SQLITE_IOERR_FSTAT;
    *out = static_cast<sqlite3_int64>(of(file).file->seen.size());
    return SQLITE_OK;
}

int control(sqlite3_file*, int, void*)
{
    return SQLITE_NOTFOUND;
}

int file_sector(sqlite3_file*)
{
    return sector_bytes;
}

int characteristics(sqlite3_file*)
{
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

int shm_lock(sqlite3_file* file, int first, int count, int flags)
{
    Handle& h = of(file);
    if (!h.alive() || !h.shared)
        return flags & SQLITE_SHM_UNLOCK ? SQLITE_OK : SQLITE_IOERR_SHMLOCK;
    const auto from = static_cast<std::size_t>(first);
    const auto end = from + static_cast<std::size_t>(count);
    Disk::Shared& s = *h.shared;
    if (flags & SQLITE_SHM_UNLOCK) {
        for (auto i = from; i < end; ++i) {
            if (h.reads[i]) --s.readers[i];
            if (h.writes[i]) s.writer[i] = nullptr;
            h.reads[i] = h.writes[i] = false;
        }
        return SQLITE_OK;
    }
    for (auto i = from; i < end; ++i) {
        if (s.writer[i] && s.writer[i] != &h) return SQLITE_BUSY;
        if ((flags & SQLITE_SHM_EXCLUSIVE) && s.readers[i] > (h.reads[i] ? 1 : 0))
            return SQLITE_BUSY;
    }
    for (auto i = from; i < end; ++i) {
        if (flags & SQLITE_SHM_EXCLUSIVE) {
            s.writer[i] = &h;
            h.writes[i] = true;
        } else if (!h.reads[i]) {
            ++s.readers[i];
            h.reads[i] = true;
        }
    }
    return SQLITE_OK;
}

int shm_map(sqlite3_file* file, int region, int bytes, int extend, volatile void** out)
{
    Handle& h = of(file);
    if (!h.alive()) return SQLITE_IOERR_SHMMAP;
    if (!h.file->shared) h.file->shared = std::make_shared<Disk::Shared>();
    h.shared = h.file->shared;
    auto& regions = h.shared->regions;
    const auto wanted = static_cast<std::size_t>(region);
    while (extend && regions.size() <= wanted)
        regions.push_back(std::make_unique<std::string>(static_cast<std::size_t>(bytes), '\0'));
    *out = wanted < regions.size() ? regions[wanted]->data() : nullptr;
    return SQLITE_OK;
}

void shm_barrier(sqlite3_file*) {}

int shm_unmap(sqlite3_file* file, int)
{
    Handle& h = of(file);
    shm_lock(file, 0, lock_slots, SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE);
    h.shared.reset();
    // The last one out takes the index along, as the file beside the ledger would go.
    if (h.alive() && h.file->shared.use_count() == 1) h.file->shared.reset();
    return SQLITE_OK;
}

int close(sqlite3_file* file)
{
    unlock(file, SQLITE_LOCK_NONE);
    of(file).~Handle();
    return SQLITE_OK;
}

const sqlite3_io_methods methods{2,
                                 &close,
                                 &read,
                                 &write,
                                 &truncate,
                                 &sync,
                                 &file_size,
                                 &lock,
                                 &unlock,
                                 &check_reserved,
                                 &control,
                                 &file_sector,
                                 &characteristics,
                                 &shm_map,
                                 &shm_lock,
                                 &shm_barrier,
                                 &shm_unmap,
                                 nullptr,
                                 nullptr};

int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags)
{
    file->pMethods = nullptr;
    if (!mounted || !mounted->owned() || !name) return SQLITE_CANTOPEN;
    Disk::File* found = mounted->find(name);
    if (!found && !(flags & SQLITE_OPEN_CREATE)) return SQLITE_CANTOPEN;
    if (!found && mounted->faults.full) return SQLITE_FULL;
    if (!found) found = &mounted->make(name);
    auto* handle = new (file) Handle{};
    handle->name = name;
    handle->file = found;
    handle->generation = mounted->generation();
    handle->pMethods = &methods;
    if (out_flags) *out_flags = flags;
    return SQLITE_OK;
}

int remove(sqlite3_vfs*, const char* name, int for_good)
{
    if (!mounted || !mounted->owned()) return SQLITE_IOERR_DELETE;
    if (!mounted->find(name)) return SQLITE_IOERR_DELETE_NOENT;
    mounted->remove(name, for_good != 0);
    return SQLITE_OK;
}

int access(sqlite3_vfs*, const char* name, int flags, int* out)
{
    const auto* file = mounted && mounted->owned() ? mounted->find(name) : nullptr;
    *out = file && (flags != SQLITE_ACCESS_EXISTS || !file->seen.empty());
    return SQLITE_OK;
}

int full_pathname(sqlite3_vfs*, const char* name, int bytes, char* out)
{
    sqlite3_snprintf(bytes, out, "%s", name);
    return SQLITE_OK;
}

int randomness(sqlite3_vfs*, int bytes, char* out)
{
    for (int i = 0; i < bytes; ++i) out[i] = static_cast<char>(mounted ? mounted->word() : 0);
    return bytes;
}

/// Nobody else could let go of a lock meanwhile.
int nap(sqlite3_vfs*, int microseconds)
{
    return microseconds;
}

int current_time(sqlite3_vfs*, sqlite3_int64* out)
{
    constexpr sqlite3_int64 unix_epoch_ms = 210'866'760'000'000;
    *out = unix_epoch_ms + (mounted ? mounted->now().count() : 0);
    return SQLITE_OK;
}

int last_error(sqlite3_vfs*, int, char*)
{
    return 0;
}

sqlite3_vfs simulated()
{
    sqlite3_vfs vfs{};
    vfs.iVersion = 2;
    vfs.szOsFile = sizeof(Handle);
    vfs.mxPathname = 512;
    vfs.zName = "simulated";
    vfs.xOpen = &open;
    vfs.xDelete = &remove;
    vfs.xAccess = &access;
    vfs.xFullPathname = &full_pathname;
    vfs.xRandomness = &randomness;
    vfs.xSleep = &nap;
    vfs.xGetLastError = &last_error;
    vfs.xCurrentTimeInt64 = &current_time;
    return vfs;
}

sqlite3_vfs vfs = simulated();

}  // namespace

MountedDisk::MountedDisk(Disk& disk)
{
    mounted = &disk;
    if (sqlite3_vfs_register(&vfs, 1) != SQLITE_OK) throw std::logic_error{"sqlite3_vfs_register"};
    sqlite3_randomness(0, nullptr);  // SQLite's own dice begin anew, from this disk's
}

MountedDisk::~MountedDisk()
{
    sqlite3_vfs_unregister(&vfs);
    sqlite3_randomness(0, nullptr);
    mounted = nullptr;
}

}  // namespace raiten::sim

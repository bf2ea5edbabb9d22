#include "daemon/wire/folder_disk.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>
#include <system_error>

namespace raiten::wire {
namespace {

constexpr int same_name_max = 1000;

Problem failed(std::string where, std::string advice = {})
{
    return {std::generic_category().message(errno), std::move(where), std::move(advice)};
}

FileMark mark_from(const struct stat& seen)
{
    const auto seconds = static_cast<std::int64_t>(seen.st_mtim.tv_sec);
    return {seen.st_dev, seen.st_ino, static_cast<std::uint64_t>(seen.st_size),
            seconds * 1'000'000'000 + seen.st_mtim.tv_nsec};
}

/// False, with errno, where it cannot be moved; EEXIST where the name is taken.
bool rename_beside(int from, const std::string& name, int to, const std::string& as)
{
    if (::renameat2(from, name.c_str(), to, as.c_str(), RENAME_NOREPLACE) == 0) return true;
    if (errno != EINVAL && errno != ENOSYS) return false;
    // A file system that knows no such flag: look first.
    if (::faccessat(to, as.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
        errno = EEXIST;
        return false;
    }
    return ::renameat(from, name.c_str(), to, as.c_str()) == 0;
}

}  // namespace

Descriptor::~Descriptor()
{
    if (number_ >= 0) ::close(number_);
}

FolderDisk::FolderDisk(std::string path, Descriptor folder, Descriptor watch)
    : path_{std::move(path)}, folder_{std::move(folder)}, watch_{std::move(watch)}
{
}

Result<FolderDisk> FolderDisk::open(const std::string& path)
{
    Descriptor folder{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!folder.open()) return failed(path, "make the folder, or let the service read it");
    Descriptor watch{::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)};
    if (!watch.open()) return failed(path, "raise fs.inotify.max_user_instances");
    constexpr std::uint32_t wanted = IN_MOVED_TO | IN_CLOSE_WRITE | IN_CREATE | IN_MODIFY
                                     | IN_MOVED_FROM | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF
                                     | IN_ONLYDIR;
    if (::inotify_add_watch(watch.number(), path.c_str(), wanted) < 0)
        return failed(path, "raise fs.inotify.max_user_watches");
    FolderDisk disk{path, std::move(folder), std::move(watch)};
    // Somebody may have put another folder there between the two calls.
    if (!disk.still_there()) return Problem{"the folder was replaced while it was opened", path};
    return disk;
}

bool FolderDisk::still_there() const
{
    struct stat ours {};
    struct stat there {};
    return ::fstat(folder_.number(), &ours) == 0 && ::stat(path_.c_str(), &there) == 0
           && ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

std::optional<FileMark> FolderDisk::mark(const std::string& name) const
{
    struct stat seen {};
    if (::fstatat(folder_.number(), name.c_str(), &seen, AT_SYMLINK_NOFOLLOW) != 0
        || !S_ISREG(seen.st_mode))
        return std::nullopt;
    return mark_from(seen);
}

std::optional<FileMark> mark_of(const Descriptor& file)
{
    struct stat seen {};
    if (::fstat(file.number(), &seen) != 0 || !S_ISREG(seen.st_mode)) return std::nullopt;
    return mark_from(seen);
}

Result<Descriptor> FolderDisk::read(const std::string& name) const
{
    constexpr int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
    Descriptor file{::openat(folder_.number(), name.c_str(), flags)};
    if (!file.open()) return failed(path_ + "/" + name);
    if (!mark_of(file)) return Problem{"not a file", path_ + "/" + name};
    return file;
}

Result<std::vector<std::string>> FolderDisk::names(std::size_t most) const
{
    // A descriptor of its own: reading a directory moves its position.
    Descriptor again{::openat(folder_.number(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!again.open()) return failed(path_);
    const std::unique_ptr<DIR, int (*)(DIR*)> entries{::fdopendir(again.number()), ::closedir};
    if (!entries) return failed(path_);
    static_cast<void>(again.release());
    std::vector<std::string> names;
    errno = 0;
    while (names.size() < most) {
        const dirent* entry = ::readdir(entries.get());
        if (entry == nullptr) break;
        const bool maybe_file = entry->d_type == DT_REG || entry->d_type == DT_UNKNOWN;
        if (maybe_file && entry->d_name[0] != '.') names.emplace_back(entry->d_name);
    }
    if (errno != 0) return failed(path_);
    return names;
}

Result<void> FolderDisk::move_into(const std::string& folder, const std::string& name) const
{
    if (::mkdirat(folder_.number(), folder.c_str(), 0750) != 0 && errno != EEXIST)
        return failed(path_ + "/" + folder, "let the service write there");
    const Descriptor to{::openat(folder_.number(), folder.c_str(),
                                 O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    if (!to.open()) return failed(path_ + "/" + folder);
    for (int n = 0; n < same_name_max; ++n) {
        const std::string as = n == 0 ? name : name + "." + std::to_string(n);
        if (rename_beside(folder_.number(), name, to.number(), as)) return {};
        if (errno != EEXIST) break;
    }
    return failed(path_ + "/" + name, "let the service write there");
}

Result<void> FolderDisk::remove(const std::string& name) const
{
    if (::unlinkat(folder_.number(), name.c_str(), 0) == 0) return {};
    return failed(path_ + "/" + name, "let the service write there");
}

void read_news(std::span<const std::byte> bytes, const std::function<void(FolderNews)>& tell)
{
    using What = FolderNews::What;
    while (bytes.size() >= sizeof(inotify_event)) {
        inotify_event event{};
        std::memcpy(&event, bytes.data(), sizeof event);
        const std::size_t whole = sizeof event + event.len;
        if (bytes.size() < whole) return;
        const std::string_view padded{reinterpret_cast<const char*>(bytes.data()) + sizeof event,
                                      event.len};
        const std::string name{padded.substr(0, padded.find('\0'))};
        bytes = bytes.subspan(whole);

        if ((event.mask & IN_Q_OVERFLOW) != 0)
            tell({What::lost, {}});
        else if ((event.mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED)) != 0)
            tell({What::gone, {}});
        else if (name.empty() || name.front() == '.' || (event.mask & IN_ISDIR) != 0)
            continue;
        else if ((event.mask & IN_MOVED_TO) != 0)
            tell({What::arrived, name});
        else if ((event.mask & IN_CLOSE_WRITE) != 0)
            tell({What::closed, name});
        else if ((event.mask & (IN_MOVED_FROM | IN_DELETE)) != 0)
            tell({What::left, name});
        else
            tell({What::written, name});
    }
}

}  // namespace raiten::wire

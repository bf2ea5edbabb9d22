#pragma once

#include "daemon/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace raiten::wire {

/// A file descriptor that is closed when it goes.
class Descriptor {
 public:
    Descriptor() = default;
    explicit Descriptor(int number) : number_{number} {}
    Descriptor(Descriptor&& other) noexcept : number_{std::exchange(other.number_, -1)} {}
    Descriptor& operator=(Descriptor&& other) noexcept
    {
        std::swap(number_, other.number_);
        return *this;
    }
    ~Descriptor();
    int number() const { return number_; }
    bool open() const { return number_ >= 0; }
    int release() { return std::exchange(number_, -1); }

 private:
    int number_{-1};
};

/// Tells one state of a file from another: a change of any part is a change of the file.
struct FileMark {
    std::uint64_t device{};
    std::uint64_t inode{};
    std::uint64_t size{};
    std::int64_t changed_ns{};  ///< its mtime, as the file system says it

    friend bool operator==(const FileMark&, const FileMark&) = default;
};

/// What inotify said, reduced to what a folder's watcher needs.
struct FolderNews {
    enum class What : std::uint8_t {
        arrived,  ///< moved in: whole
        closed,   ///< somebody who could write has closed it
        written,  ///< made, or written to
        left,     ///< moved away or removed
        lost,     ///< the queue ran over: look at everything
        gone      ///< the folder itself
    };
    What what;
    std::string name;
};

/// One open folder and the watch over it.
class FolderDisk {
 public:
    /// A Problem says why it cannot be watched.
    static Result<FolderDisk> open(const std::string& path);

    /// Whether the path still leads to this very folder.
    bool still_there() const;
    int watch() const { return watch_.number(); }
    int release_watch() { return watch_.release(); }

    /// Regular files only; nothing: there is none by this name.
    std::optional<FileMark> mark(const std::string& name) const;
    /// Opens a regular file for reading; never follows a link out of the folder.
    Result<Descriptor> read(const std::string& name) const;
    /// Names of up to `most` entries that do not begin with a dot.
    Result<std::vector<std::string>> names(std::size_t most) const;

    /// Into a folder inside this one, which is made if need be, beside what is there already:
    /// as NAME, NAME.1, NAME.2, …
    Result<void> move_into(const std::string& folder, const std::string& name) const;
    Result<void> remove(const std::string& name) const;

 private:
    FolderDisk(std::string path, Descriptor folder, Descriptor watch);
    std::string path_;
    Descriptor folder_;
    Descriptor watch_;
};

std::optional<FileMark> mark_of(const Descriptor& file);

/// What a read from the watch brought.
void read_news(std::span<const std::byte> bytes, const std::function<void(FolderNews)>& tell);

}  // namespace raiten::wire

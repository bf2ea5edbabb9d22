#pragma once

#include <unistd.h>

#include <utility>

namespace raiten::wire {

/// Closes what was opened halfway.
class Handle {
 public:
    explicit Handle(int fd) : fd_{fd} {}
    ~Handle()
    {
        if (fd_ >= 0) ::close(fd_);
    }
    Handle(Handle&& other) noexcept : fd_{other.release()} {}
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    int get() const { return fd_; }
    int release() { return std::exchange(fd_, -1); }

 private:
    int fd_;
};

}  // namespace raiten::wire

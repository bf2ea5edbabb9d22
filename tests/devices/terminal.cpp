#include "tests/devices/terminal.hpp"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <stdexcept>

namespace raiten::test {

namespace fs = std::filesystem;

Terminal::Terminal(const std::string& path)
{
    std::array<char, 64> name{};
    termios raw{};
    ::cfmakeraw(&raw);
    if (::openpty(&device_, &store_, name.data(), &raw, nullptr) != 0)
        throw std::runtime_error{"openpty"};
    for (const int end : {device_, store_}) ::fcntl(end, F_SETFD, FD_CLOEXEC);
    ::fcntl(device_, F_SETFL, O_NONBLOCK);
    fs::create_symlink(name.data(), path + ".new");
    fs::rename(path + ".new", path);
}

Terminal::~Terminal()
{
    ::close(store_);
    ::close(device_);
}

void Terminal::say(std::string_view bytes) const
{
    while (!bytes.empty()) {
        const auto n = ::write(device_, bytes.data(), bytes.size());
        if (n > 0) {
            bytes.remove_prefix(static_cast<std::size_t>(n));
        } else if (errno == EAGAIN) {
            pollfd room{device_, POLLOUT, 0};
            if (::poll(&room, 1, 20'000) <= 0) throw std::runtime_error{"nobody reads the line"};
        } else if (errno != EINTR) {
            throw std::runtime_error{"the line is closed"};
        }
    }
}

}  // namespace raiten::test

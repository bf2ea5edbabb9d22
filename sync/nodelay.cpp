#include "sync/nodelay.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <charconv>
#include <cstring>
#include <filesystem>
#include <string>

namespace raiten::sync {

namespace {

bool is_tcp_towards(int fd, std::uint16_t port)
{
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0) return false;
    if (peer.ss_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &peer, sizeof v4);
        return ntohs(v4.sin_port) == port;
    }
    if (peer.ss_family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, &peer, sizeof v6);
        return ntohs(v6.sin6_port) == port;
    }
    return false;
}

}  // namespace

int set_nodelay_towards(std::uint16_t port)
{
    int count = 0;
    std::error_code failed;
    for (const auto& entry : std::filesystem::directory_iterator{"/proc/self/fd", failed}) {
        const auto digits = entry.path().filename().string();
        int fd = -1;
        std::from_chars(digits.data(), digits.data() + digits.size(), fd);
        if (fd < 0 || !is_tcp_towards(fd, port)) continue;
        const int on = 1;
        if (::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0) ++count;
    }
    return count;
}

}  // namespace raiten::sync

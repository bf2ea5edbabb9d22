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

std::vector<int> sockets_towards(std::uint16_t port)
{
    std::vector<int> found;
    std::error_code failed;
    // nothing here throws: Paho's callback would not survive it
    std::filesystem::directory_iterator at{"/proc/self/fd", failed};
    for (; !failed && at != std::filesystem::directory_iterator{}; at.increment(failed)) {
        const auto digits = at->path().filename().string();
        int fd = -1;
        std::from_chars(digits.data(), digits.data() + digits.size(), fd);
        if (fd >= 0 && is_tcp_towards(fd, port)) found.push_back(fd);
    }
    return found;
}

int set_nodelay_towards(std::uint16_t port)
{
    int count = 0;
    for (const auto fd : sockets_towards(port)) {
        const int on = 1;
        if (::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0) ++count;
    }
    return count;
}

}  // namespace raiten::sync

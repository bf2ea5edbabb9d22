#include "daemon/http/door.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace raiten::http {

namespace {

constexpr int waiting_max = 128;

std::string system_text(const std::string& what, int error)
{
    return what + ": " + std::strerror(error);
}

/// Of either family, with the length that the kernel wants.
struct Address {
    sockaddr_storage bytes{};
    socklen_t size = sizeof(sockaddr_storage);

    sockaddr* get() { return reinterpret_cast<sockaddr*>(&bytes); }
    const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&bytes); }
    int family() const { return bytes.ss_family; }
    template <class T>
    T as() const
    {
        T out{};
        std::memcpy(&out, &bytes, sizeof out);
        return out;
    }
    template <class T>
    void set(const T& from)
    {
        std::memcpy(&bytes, &from, sizeof from);
        size = sizeof from;
    }
};

std::optional<Address> parse(const std::string& text, std::uint16_t port)
{
    Address address;
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    if (::inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
        address.set(v4);
        return address;
    }
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    if (::inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1) {
        address.set(v6);
        return address;
    }
    return std::nullopt;
}

Address own_address(int descriptor)
{
    Address address;
    if (::getsockname(descriptor, address.get(), &address.size) != 0) address.bytes = {};
    return address;
}

/// "::ffff:192.0.2.1" is said as "192.0.2.1".
std::string text_of(const Address& address)
{
    std::array<char, INET6_ADDRSTRLEN> out{};
    if (address.family() == AF_INET) {
        const auto v4 = address.as<sockaddr_in>();
        ::inet_ntop(AF_INET, &v4.sin_addr, out.data(), out.size());
    } else if (address.family() == AF_INET6) {
        const auto v6 = address.as<sockaddr_in6>();
        if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr))
            ::inet_ntop(AF_INET, &v6.sin6_addr.s6_addr[12], out.data(), out.size());
        else
            ::inet_ntop(AF_INET6, &v6.sin6_addr, out.data(), out.size());
    }
    return out.data();
}

bool someone_listens(const Address& address)
{
    const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (probe < 0) return false;
    const bool answered = ::connect(probe, address.get(), address.size) == 0 || errno == EAGAIN;
    ::close(probe);
    return answered;
}

std::string caller_of(int descriptor)
{
    ucred who{};
    socklen_t size = sizeof who;
    if (::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0) return "unix:unknown";
    return "unix:uid=" + std::to_string(who.uid);
}

}  // namespace

Door::Door(Door&& other) noexcept
    : kind_{other.kind_},
      descriptor_{std::exchange(other.descriptor_, -1)},
      path_{std::exchange(other.path_, {})}
{
}

Door::~Door()
{
    if (descriptor_ >= 0) ::close(descriptor_);
    if (!path_.empty()) ::unlink(path_.c_str());
}

int Door::release()
{
    return std::exchange(descriptor_, -1);
}

Result<Door> Door::open_tcp(const std::string& address, std::uint16_t port)
{
    const std::string where = address + " port " + std::to_string(port);
    const auto parsed = parse(address, port);
    if (!parsed) return Problem{"this is no IP address", where, "write 127.0.0.1, ::1 or another"};

    Door door{Kind::tcp, ::socket(parsed->family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (door.descriptor_ < 0) return Problem{system_text("no socket", errno), where};
    const int on = 1;
    ::setsockopt(door.descriptor_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (::bind(door.descriptor_, parsed->get(), parsed->size) != 0)
        return Problem{system_text("cannot bind", errno), where,
                       "stop what listens there, or configure another address"};
    if (::listen(door.descriptor_, waiting_max) != 0)
        return Problem{system_text("cannot listen", errno), where};
    return door;
}

Result<Door> Door::open_local(const std::string& path, unsigned mode)
{
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof name.sun_path)
        return Problem{"the path of a socket has 1 to 107 bytes", path};
    std::memcpy(name.sun_path, path.data(), path.size());
    Address address;
    address.set(name);

    struct stat found {};
    if (::lstat(path.c_str(), &found) == 0) {
        if (!S_ISSOCK(found.st_mode))
            return Problem{"this file is no socket", path, "move it away"};
        if (someone_listens(address))
            return Problem{"another process listens there", path, "stop it first"};
        ::unlink(path.c_str());
    }

    Door door{Kind::local, ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (door.descriptor_ < 0) return Problem{system_text("no socket", errno), path};
    if (::bind(door.descriptor_, address.get(), address.size) != 0)
        return Problem{system_text("cannot bind", errno), path, "does its folder exist?"};
    door.path_ = path;
    // Nobody can connect before it listens, so the mode is in place in time.
    if (::chmod(path.c_str(), static_cast<mode_t>(mode)) != 0)
        return Problem{system_text("cannot set the mode", errno), path};
    if (::listen(door.descriptor_, waiting_max) != 0)
        return Problem{system_text("cannot listen", errno), path};
    return door;
}

Result<Door> Door::adopt(int descriptor)
{
    const std::string where = "descriptor " + std::to_string(descriptor);
    int type = 0;
    int listening = 0;
    socklen_t size = sizeof type;
    if (::getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) != 0)
        return Problem{system_text("no socket", errno), where, "see the .socket unit"};
    size = sizeof listening;
    ::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size);
    const int family = own_address(descriptor).family();
    const bool known = family == AF_INET || family == AF_INET6 || family == AF_UNIX;
    if (type != SOCK_STREAM || listening == 0 || !known)
        return Problem{"not a listening stream socket", where, "see the .socket unit"};
    ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_NONBLOCK);
    ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    return Door{family == AF_UNIX ? Kind::local : Kind::tcp, descriptor};
}

std::uint16_t Door::port() const
{
    const Address address = own_address(descriptor_);
    if (address.family() == AF_INET) return ntohs(address.as<sockaddr_in>().sin_port);
    if (address.family() == AF_INET6) return ntohs(address.as<sockaddr_in6>().sin6_port);
    return 0;
}

bool Door::loopback() const
{
    if (kind_ == Kind::local) return true;
    const std::string text = text_of(own_address(descriptor_));
    return text.starts_with("127.") || text == "::1";
}

std::optional<Arrival> accept_at(int listening, Door::Kind kind, std::optional<Problem>& trouble)
{
    for (;;) {
        Address from;
        const int descriptor =
            ::accept4(listening, from.get(), &from.size, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (descriptor < 0) {
            if (errno == EINTR || errno == ECONNABORTED) continue;
            if (errno != EAGAIN)
                trouble = Problem{system_text("cannot accept a connection", errno),
                                  {},
                                  "raise the limit of open files"};
            return std::nullopt;
        }
        Arrival arrival;
        arrival.descriptor = descriptor;
        if (kind == Door::Kind::local) {
            arrival.family = AF_UNIX;
            arrival.ends = {caller_of(descriptor), {}, true};
            return arrival;
        }
        const int on = 1;
        ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        arrival.family = from.family();
        arrival.protocol = IPPROTO_TCP;
        arrival.ends = {text_of(from), text_of(own_address(descriptor)), false};
        return arrival;
    }
}

}  // namespace raiten::http

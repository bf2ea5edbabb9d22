#include "tests/days/door.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <stdexcept>

namespace raiten::test {
namespace {

std::string lower(std::string text)
{
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return text;
}

std::string request(std::string_view method, std::string_view target, std::string_view body,
                    const Door::Fields& fields)
{
    std::string text{method};
    text.append(" ").append(target).append(" HTTP/1.1\r\nHost: localhost\r\n");
    text += "Connection: close\r\n";
    for (const auto& [name, value] : fields) text.append(name + ": " + value + "\r\n");
    if (!body.empty() || method == "POST")
        text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    return text.append("\r\n").append(body);
}

Heard answer(const std::string& bytes)
{
    Heard heard;
    const auto end = bytes.find("\r\n\r\n");
    if (!bytes.starts_with("HTTP/1.1 ") || end == std::string::npos)
        throw std::runtime_error{"no answer, but: " + bytes.substr(0, 200)};
    heard.status = static_cast<unsigned>(std::stoul(bytes.substr(9, 3)));
    for (auto at = bytes.find("\r\n") + 2; at < end + 2;) {
        const auto stop = bytes.find("\r\n", at);
        const auto colon = bytes.find(": ", at);
        if (colon < stop)
            heard.fields[lower(bytes.substr(at, colon - at))] =
                bytes.substr(colon + 2, stop - colon - 2);
        at = stop + 2;
    }
    heard.body = bytes.substr(end + 4);
    return heard;
}

}  // namespace

/// One connection.
class Door::Line {
 public:
    explicit Line(const Door& door)
        : socket_{::socket(door.path_.empty() ? AF_INET : AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)}
    {
        const timeval patience{20, 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        if (socket_ < 0 || connect(door) != 0) {
            ::close(socket_);
            throw std::runtime_error{"nobody answers at " + door.path_ + std::strerror(errno)};
        }
    }
    ~Line() { ::close(socket_); }
    Line(const Line&) = delete;
    Line& operator=(const Line&) = delete;

    void say(std::string_view bytes) const
    {
        while (!bytes.empty()) {
            const auto n = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (n <= 0) return;  // it has refused already; its answer says why
            bytes.remove_prefix(static_cast<std::size_t>(n));
        }
    }
    /// False at the end.
    bool hear(std::string& bytes) const
    {
        std::array<char, 65536> part;
        const auto n = ::recv(socket_, part.data(), part.size(), 0);
        if (n < 0) throw std::runtime_error{"no more bytes came; so far: " + bytes};
        bytes.append(part.data(), static_cast<std::size_t>(n));
        return n > 0;
    }

 private:
    int connect(const Door& door) const
    {
        if (door.path_.empty()) {
            sockaddr_in at{};
            at.sin_family = AF_INET;
            at.sin_port = htons(static_cast<std::uint16_t>(door.port_));
            at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
            return ::connect(socket_, reinterpret_cast<const sockaddr*>(&at), sizeof at);
        }
        sockaddr_un at{};
        at.sun_family = AF_UNIX;
        if (door.path_.size() >= sizeof at.sun_path) return -1;
        std::memcpy(at.sun_path, door.path_.data(), door.path_.size());
        return ::connect(socket_, reinterpret_cast<const sockaddr*>(&at), sizeof at);
    }

    int socket_;
};

Door Door::local(std::string path)
{
    Door door;
    door.path_ = std::move(path);
    return door;
}

Door Door::loopback(unsigned port)
{
    Door door;
    door.port_ = port;
    return door;
}

Heard Door::ask(std::string_view method, std::string_view target, std::string_view body,
                const Fields& fields) const
{
    const Line line{*this};
    line.say(request(method, target, body, fields));
    std::string bytes;
    while (line.hear(bytes)) {
    }
    return answer(bytes);
}

std::string Door::stream_through(std::string_view last) const
{
    const Line line{*this};
    line.say(request("GET", "/api/v1/stream", {}, {{"Last-Event-ID", "0"}}));
    std::string bytes;
    std::string data;
    std::size_t at = 0;
    while (line.hear(bytes)) {
        for (auto end = bytes.find('\n', at); end != std::string::npos;
             at = end + 1, end = bytes.find('\n', at)) {
            const auto text = std::string_view{bytes}.substr(at, end - at);
            if (!text.starts_with("data: ")) continue;
            data.append(text.substr(6)).append("\n");
            if (text.find(last) != std::string_view::npos) return data;
        }
    }
    throw std::runtime_error{"the stream ended after: " + bytes};
}

}  // namespace raiten::test

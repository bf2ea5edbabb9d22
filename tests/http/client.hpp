#pragma once

#include <openssl/ssl.h>

#include <catch2/catch.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace raiten::http::test {

/// Far longer than anything here takes; a test that meets it fails.
constexpr int patience_ms = 30'000;

struct Reply {
    int status = 0;
    std::multimap<std::string, std::string> headers;  // lower-case names
    std::string body;

    std::string header(const std::string& name) const
    {
        const auto found = headers.find(name);
        return found == headers.end() ? std::string{} : found->second;
    }
};

/// A client that knows as little as possible and so can misbehave: bytes out, bytes in.
class Client {
 public:
    explicit Client(std::uint16_t port, int receive_bytes = 0)
    {
        fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (receive_bytes > 0)
            ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        connect_to(&to, sizeof to);
    }
    explicit Client(const std::string& path)
    {
        fd_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_un to{};
        to.sun_family = AF_UNIX;
        std::memcpy(to.sun_path, path.data(), path.size());
        connect_to(&to, sizeof to);
    }
    ~Client()
    {
        ssl_.reset();
        if (fd_ >= 0) ::close(fd_);
    }
    Client(Client&& other) noexcept
        : fd_{std::exchange(other.fd_, -1)},
          ssl_{std::move(other.ssl_)},
          pending_{std::move(other.pending_)}
    {
    }

    /// Whether the other side agreed, and its certificate was `trusted`'s.
    bool start_tls(SSL_CTX* context)
    {
        ssl_.reset(SSL_new(context));
        SSL_set_fd(ssl_.get(), fd_);
        return SSL_connect(ssl_.get()) == 1;
    }

    /// False: the server does not want any more.
    bool send(std::string_view bytes)
    {
        while (!bytes.empty()) {
            const auto sent = ssl_ ? SSL_write(ssl_.get(), bytes.data(), int(bytes.size()))
                                   : ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    void half_close() { ::shutdown(fd_, SHUT_WR); }

    /// Nothing where the connection ended before a whole reply.
    std::optional<Reply> read_reply(bool with_body = true)
    {
        const auto head = read_until("\r\n\r\n");
        if (!head) return std::nullopt;
        Reply reply;
        REQUIRE(head->starts_with("HTTP/1.1 "));
        reply.status = std::stoi(head->substr(9, 3));
        std::size_t at = head->find("\r\n") + 2;
        while (head->compare(at, 2, "\r\n") != 0) {
            const std::size_t end = head->find("\r\n", at);
            const std::size_t colon = head->find(": ", at);
            std::string name = head->substr(at, colon - at);
            std::transform(name.begin(), name.end(), name.begin(),
                           [](char c) { return static_cast<char>(std::tolower(c)); });
            reply.headers.emplace(std::move(name), head->substr(colon + 2, end - colon - 2));
            at = end + 2;
        }
        const std::string length = reply.header("content-length");
        if (!with_body || length.empty() || reply.status == 304) return reply;
        const std::size_t size = std::stoul(length);
        while (pending_.size() < size)
            if (!read_some()) return std::nullopt;
        reply.body = pending_.substr(0, size);
        pending_.erase(0, size);
        return reply;
    }

    /// With the mark; nothing where the connection ended before it.
    std::optional<std::string> read_until(std::string_view mark)
    {
        for (;;) {
            const std::size_t found = pending_.find(mark);
            if (found != std::string::npos) {
                std::string text = pending_.substr(0, found + mark.size());
                pending_.erase(0, text.size());
                return text;
            }
            if (!read_some()) return std::nullopt;
        }
    }
    /// Everything up to the end of the connection.
    std::string read_all()
    {
        while (read_some()) {
        }
        return std::exchange(pending_, {});
    }

    std::optional<Reply> get(const std::string& target, const std::string& fields = {})
    {
        return call("GET", target, fields);
    }
    std::optional<Reply> call(const std::string& method, const std::string& target,
                              const std::string& fields = {}, const std::string& body = {})
    {
        std::string text = method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n" + fields;
        if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
        send(text + "\r\n" + body);
        return read_reply(method != "HEAD");
    }

 private:
    void connect_to(const void* address, socklen_t size)
    {
        REQUIRE(::connect(fd_, static_cast<const sockaddr*>(address), size) == 0);
    }
    bool read_some()
    {
        pollfd ready{fd_, POLLIN, 0};
        if (!(ssl_ && SSL_pending(ssl_.get()) > 0)) {
            INFO("waited in vain; so far: " << pending_.substr(0, 300));
            REQUIRE(::poll(&ready, 1, patience_ms) == 1);
        }
        std::array<char, 16384> bytes{};
        const auto size = ssl_ ? SSL_read(ssl_.get(), bytes.data(), int(bytes.size()))
                               : ::recv(fd_, bytes.data(), bytes.size(), 0);
        if (size <= 0) return false;
        pending_.append(bytes.data(), static_cast<std::size_t>(size));
        return true;
    }

    struct FreeSsl {
        void operator()(SSL* ssl) const { SSL_free(ssl); }
    };
    int fd_ = -1;
    std::unique_ptr<SSL, FreeSsl> ssl_;
    std::string pending_;
};

}  // namespace raiten::http::test

#pragma once

#include "daemon/base/result.hpp"
#include "daemon/http/admission.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace raiten::http {

/// A socket that listens, and its file if it has one. Closes and removes both.
class Door {
 public:
    enum class Kind : std::uint8_t { tcp, local };

    /// `address` is a literal, "127.0.0.1" or "::"; port 0: any that is free.
    static Result<Door> open_tcp(const std::string& address, std::uint16_t port);
    /// Takes over the file of a socket on which nobody listens any more; refuses any other file.
    static Result<Door> open_local(const std::string& path, unsigned mode);
    /// From systemd. TCP or a unix stream, and listening; the file stays systemd's.
    static Result<Door> adopt(int descriptor);

    Door(Door&& other) noexcept;
    Door& operator=(Door&&) = delete;
    ~Door();

    Kind kind() const { return kind_; }
    int descriptor() const { return descriptor_; }
    /// The file of a unix socket goes; the descriptor is handed on.
    int release();
    /// Of TCP; 0 else.
    std::uint16_t port() const;
    /// Whether only this machine can come in.
    bool loopback() const;

 private:
    Door(Kind kind, int descriptor) : kind_{kind}, descriptor_{descriptor} {}
    Kind kind_;
    int descriptor_;
    std::string path_{};
};

/// One connection that came in: a non-blocking descriptor and its ends.
struct Arrival {
    int descriptor = -1;
    int family = 0;
    int protocol = 0;
    Ends ends;
};
/// Nothing: nobody is waiting, or (`trouble` set) the machine has no room; try later.
std::optional<Arrival> accept_at(int listening, Door::Kind kind, std::optional<Problem>& trouble);

}  // namespace raiten::http

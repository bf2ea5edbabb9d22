#pragma once

#include "daemon/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace raiten::wire {

struct TcpAddress {
    std::string host;  ///< a name or a number; IPv6 without its brackets
    std::uint16_t port{};

    friend bool operator==(const TcpAddress&, const TcpAddress&) = default;
};

struct UnixAddress {
    std::string path;

    friend bool operator==(const UnixAddress&, const UnixAddress&) = default;
};

struct SerialAddress {
    std::string path;
    unsigned baud{9'600};
    unsigned data_bits{8};
    char parity{'N'};
    unsigned stop_bits{1};
    bool rts_cts{false};  ///< hardware flow control: Bluetooth controllers need it, readers do not

    friend bool operator==(const SerialAddress&, const SerialAddress&) = default;
};

/// A Bluetooth controller of the kernel, for us alone: `hci0` has index 0.
struct HciAddress {
    unsigned index{};

    friend bool operator==(const HciAddress&, const HciAddress&) = default;
};

/// A keyboard or scanner of the kernel's input layer, for us alone: what is typed there reaches
/// nobody else. It gives the kernel's `struct input_event`s as they are, whole ones only.
struct InputAddress {
    std::string path;  ///< best a name in /dev/input/by-id, which stays the same

    friend bool operator==(const InputAddress&, const InputAddress&) = default;
};

/// Where a device is.
using Address = std::variant<TcpAddress, UnixAddress, SerialAddress, HciAddress, InputAddress>;

/// `tcp:HOST:PORT` (`tcp:[::1]:9100` for IPv6; port 0 is for listening only),
/// `unix:PATH` (at most 107 bytes, the kernel's limit),
/// `serial:/dev/ttyX@BAUD[,8N1][,rtscts]` (a standard rate from 1200 to 4000000;
/// 7 or 8 data bits, parity N, E or O, 1 or 2 stop bits; without them 8N1),
/// `hci:N` (0 to 65534), `input:/PATH`.
Result<Address> parse_address(std::string_view text);

/// The same in the form that parse_address reads.
std::string text_of(const Address& address);

}  // namespace raiten::wire

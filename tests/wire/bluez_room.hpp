#pragma once

#include "daemon/wire/address.hpp"

#include <sys/types.h>

#include <string>

namespace raiten::test {

/// BlueZ's emulated Bluetooth controllers (btvirt, of bluez-test-tools) in a mount namespace of
/// their own: its sockets have fixed names in /tmp, which is a folder of ours there. Each
/// connection is a controller of its own that speaks H4, and all of one kind hear each other.
///
/// What it does not do (5.66): it tells no signal strength (127), an advertisement is heard once
/// for each time that advertising or scanning is enabled, and extended scanning is not among the
/// supported commands and features even where it works.
class BluezRoom {
 public:
    BluezRoom();
    ~BluezRoom();
    BluezRoom(const BluezRoom&) = delete;
    BluezRoom& operator=(const BluezRoom&) = delete;

    /// Why this machine cannot have one, or empty.
    const std::string& why_not() const { return why_not_; }

    /// Returns before its sockets are there: whoever wants in tries until they are.
    void start_btvirt();
    void kill_btvirt();

    /// Legacy commands: the extended ones are refused by Command Status.
    wire::Address low_energy() const { return socket_of("le"); }
    /// Legacy and extended commands, as long as they are not mixed.
    wire::Address dual_mode() const { return socket_of("bredrle"); }

 private:
    wire::Address socket_of(const std::string& kind) const;

    std::string why_not_;
    std::string folder_;
    int shim_{-1};
    pid_t btvirt_{-1};
};

}  // namespace raiten::test

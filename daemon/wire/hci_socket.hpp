#pragma once

#include "daemon/base/result.hpp"
#include "daemon/wire/address.hpp"
#include "daemon/wire/handle.hpp"

#include <memory>
#include <optional>

namespace raiten::wire {

/// The kernel's controller for us alone: a socket on its user channel, which the kernel gives only
/// while nobody else has the controller up. Each read gives one packet, each write takes one, both
/// in the form of H4 (type byte first). May take seconds, while the controller loads its firmware.
Result<Handle> open_hci(const HciAddress& address);

/// The reason, for people, that such a socket was refused with this error.
Problem hci_problem(int error, const HciAddress& address);

/// open_hci() on a thread of its own, which can be left behind: it then closes what it opened.
class HciOpening {
 public:
    explicit HciOpening(HciAddress address);
    ~HciOpening();
    HciOpening(const HciOpening&) = delete;
    HciOpening& operator=(const HciOpening&) = delete;

    int wake_descriptor() const;  ///< readable when it is over; -1: there was none to be had
    Result<Handle> take();        ///< once, when it is over

 private:
    struct Shared;
    std::shared_ptr<Shared> shared_;
};

}  // namespace raiten::wire

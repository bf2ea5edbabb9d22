#include "daemon/wire/hci_socket.hpp"

#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <mutex>
#include <system_error>
#include <thread>

namespace raiten::wire {
namespace {

// From the kernel's include/net/bluetooth, so that BlueZ's headers are not needed.
constexpr int protocol_hci = 1;
constexpr unsigned short channel_user = 1;
struct HciSocketAddress {
    sa_family_t family;
    unsigned short device;
    unsigned short channel;
};

}  // namespace

Problem hci_problem(int error, const HciAddress& address)
{
    const auto where = text_of(address);
    const auto name = "hci" + std::to_string(address.index);
    switch (error) {
        case EBUSY:
        case EUSERS:
            return {name + " is in use by the system", where,
                    "give Raiten a controller of its own, or power it off: bluetoothctl power off"};
        case EPERM:
        case EACCES:
            return {"a controller may not be opened", where,
                    "the service needs CAP_NET_ADMIN: see bluetooth.conf beside its unit"};
        case ENODEV:
            return {"there is no controller " + name, where, "see: bluetoothctl list"};
        case EAFNOSUPPORT:
        case EPROTONOSUPPORT:
            return {"this kernel has no Bluetooth, or the unit forbids it", where,
                    "modprobe bluetooth; the unit needs RestrictAddressFamilies=AF_BLUETOOTH"};
        case ERFKILL:
            return {name + " is switched off", where, "rfkill unblock bluetooth"};
        default:
            return {std::generic_category().message(error), where};
    }
}

Result<Handle> open_hci(const HciAddress& address)
{
    Handle handle{::socket(AF_BLUETOOTH, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol_hci)};
    if (handle.get() < 0) return hci_problem(errno, address);
    HciSocketAddress name{};
    name.family = AF_BLUETOOTH;
    name.device = static_cast<unsigned short>(address.index);
    name.channel = channel_user;
    if (::bind(handle.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0)
        return hci_problem(errno, address);
    return handle;
}

struct HciOpening::Shared {
    Handle wake{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    std::mutex mutex;
    std::optional<Result<Handle>> result;
};

HciOpening::HciOpening(HciAddress address) : shared_{std::make_shared<Shared>()}
{
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);  // signals are for the loop's thread
    // Whoever holds the last share closes what was opened and not taken.
    std::thread{[shared = shared_, address] {
        auto opened = open_hci(address);
        const std::scoped_lock lock{shared->mutex};
        shared->result.emplace(std::move(opened));
        const std::uint64_t one = 1;
        static_cast<void>(!::write(shared->wake.get(), &one, sizeof one));
    }}.detach();
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

HciOpening::~HciOpening() = default;

int HciOpening::wake_descriptor() const
{
    return shared_->wake.get();
}

Result<Handle> HciOpening::take()
{
    const std::scoped_lock lock{shared_->mutex};
    if (!shared_->result) return Problem{"not opened yet"};
    return std::move(*shared_->result);
}

}  // namespace raiten::wire

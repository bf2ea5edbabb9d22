// What a machine with kernel devices is asked, by tests/system/device_machine.sh:
//
//     device-tool refused ADDRESS          the reason why it cannot be opened
//     device-tool scan ADDRESS COUNT       a controller's first readings, by the driver's dialogue
//     device-tool events ADDRESS COUNT     an input device's first key presses, as key codes
//     device-tool type TEXT                a new keyboard that types digits, then is unplugged
//     device-tool gone ADDRESS             opened, then the reason why it went away

#include "daemon/base/overloaded.hpp"
#include "daemon/wire/handle.hpp"
#include "daemon/wire/link.hpp"
#include "drivers/ble/scanner.hpp"
#include "tests/wire/loop.hpp"

#include <fcntl.h>
#include <linux/uinput.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <optional>
#include <string>

using namespace raiten;
using namespace raiten::wire;
using raiten::test::run_until;
namespace net = boost::asio;

namespace {

constexpr std::chrono::seconds patience{90};

struct Asked {
    std::string what;
    std::string address;
    unsigned count{};
};

/// A link whose words are printed as they come.
struct Device {
    Device(const std::string& address, LinkCallbacks on)
        : link{io.get_executor(), parse_address(address).value(), {}, std::move(on), [] {
                   return 0.5;
               }}
    {
    }
    net::io_context io;
    Link link;
};

int refused(const Asked& asked)
{
    std::string reason;
    LinkCallbacks on;
    on.on_down = [&](const std::string& why) { reason = why; };
    Device device{asked.address, std::move(on)};
    device.link.start();
    const bool told = run_until(
        device.io, [&] { return !reason.empty() || device.link.up(); }, patience);
    std::cout << (reason.empty() ? "opened" : reason) << std::endl;
    return told && !reason.empty() ? 0 : 1;
}

int gone(const Asked& asked)
{
    std::string reason;
    LinkCallbacks on;
    on.on_up = [] { std::cout << "up" << std::endl; };
    on.on_down = [&](const std::string& why) { reason = why; };
    Device device{asked.address, std::move(on)};
    device.link.start();
    run_until(
        device.io, [&] { return !reason.empty(); }, patience);
    std::cout << "gone: " << reason << std::endl;
    return reason.empty() ? 1 : 0;
}

int scan(const Asked& asked)
{
    unsigned seen = 0;
    drivers::ble::Scanner scanner;
    std::optional<std::uint64_t> limit;
    std::string phase;
    Device* device_of_link = nullptr;
    const drivers::Tell tell = [&](const Reading& reading) {
        const auto* token = std::get_if<TokenSeen>(&reading);
        if (!token) return;
        ++seen;
        std::cout << "seen " << token->token << std::endl;
    };
    const drivers::Say say = [&](std::span<const std::byte> bytes) {
        device_of_link->link.write(bytes);
    };
    const auto look = [&] {
        const auto& state = scanner.state();
        if (state.reason != phase) std::cout << "state " << (phase = state.reason) << std::endl;
        const auto now = scanner.time_limit();
        if (now && limit != now->number) device_of_link->link.expect_within(now->span);
        limit = now ? std::optional{now->number} : std::nullopt;
    };
    LinkCallbacks on;
    on.on_up = [&] {
        scanner.start(say);
        look();
    };
    on.on_bytes = [&](std::span<const std::byte> bytes) {
        scanner.feed(bytes, tell, say);
        look();
    };
    on.on_timeout = [&] {
        scanner.expired(tell, say);
        look();
    };
    on.on_down = [](const std::string& why) { std::cout << "down " << why << std::endl; };
    Device device{asked.address, std::move(on)};
    device_of_link = &device;
    device.link.start();
    return run_until(
               device.io, [&] { return seen >= asked.count; }, patience)
               ? 0
               : 1;
}

int events(const Asked& asked)
{
    unsigned pressed = 0;
    std::size_t odd_bytes = 0;
    LinkCallbacks on;
    on.on_up = [] { std::cout << "up" << std::endl; };
    on.on_down = [](const std::string& why) { std::cout << "down " << why << std::endl; };
    on.on_bytes = [&](std::span<const std::byte> bytes) {
        odd_bytes += bytes.size() % sizeof(input_event);
        for (; bytes.size() >= sizeof(input_event); bytes = bytes.subspan(sizeof(input_event))) {
            input_event event{};
            std::memcpy(&event, bytes.data(), sizeof event);
            if (event.type != EV_KEY || event.value != 1) continue;
            ++pressed;
            std::cout << "key " << event.code << std::endl;
        }
    };
    Device device{asked.address, std::move(on)};
    device.link.start();
    const bool good = run_until(
                          device.io, [&] { return pressed >= asked.count; }, patience)
                      && odd_bytes == 0;
    return good ? 0 : 1;
}

void wait(int milliseconds)
{
    ::poll(nullptr, 0, milliseconds);
}

bool send(int keyboard, int type, int code, int value)
{
    input_event event{};
    event.type = static_cast<std::uint16_t>(type);
    event.code = static_cast<std::uint16_t>(code);
    event.value = value;
    return ::write(keyboard, &event, sizeof event) == sizeof event;
}

int type(const std::string& text)
{
    const Handle keyboard{::open("/dev/uinput", O_WRONLY | O_CLOEXEC)};
    uinput_setup setup{};
    setup.id.bustype = BUS_USB;
    std::strncpy(setup.name, "raiten test scanner", sizeof setup.name - 1);
    bool good = ::ioctl(keyboard.get(), UI_SET_EVBIT, EV_KEY) == 0;
    for (int key = KEY_1; key <= KEY_ENTER; ++key)
        good = good && ::ioctl(keyboard.get(), UI_SET_KEYBIT, key) == 0;
    good = good && ::ioctl(keyboard.get(), UI_DEV_SETUP, &setup) == 0
           && ::ioctl(keyboard.get(), UI_DEV_CREATE) == 0;
    std::cout << (good ? "plugged in" : "no uinput") << std::endl;
    wait(8'000);  // for somebody to open it
    for (const char digit : text) {
        const int key = digit == '0' ? KEY_0 : KEY_1 + (digit - '1');
        for (const int value : {1, 0})
            good = good && send(keyboard.get(), EV_KEY, key, value)
                   && send(keyboard.get(), EV_SYN, SYN_REPORT, 0);
    }
    wait(2'000);
    return good ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv)
{
    Asked asked;
    if (argc >= 2) asked.what = argv[1];
    if (argc >= 3) asked.address = argv[2];
    if (argc >= 4) std::from_chars(argv[3], argv[3] + std::strlen(argv[3]), asked.count);
    if (asked.what == "refused") return refused(asked);
    if (asked.what == "gone") return gone(asked);
    if (asked.what == "scan") return scan(asked);
    if (asked.what == "events") return events(asked);
    if (asked.what == "type") return type(asked.address);
    return 64;
}

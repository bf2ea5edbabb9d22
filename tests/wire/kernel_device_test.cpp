#include "daemon/wire/hci_socket.hpp"
#include "daemon/wire/link.hpp"
#include "tests/wire/loop.hpp"

#include <catch2/catch.hpp>

#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>

using namespace raiten;
using namespace raiten::wire;
using raiten::test::run_until;
namespace net = boost::asio;

namespace {

struct Downs {
    explicit Downs(std::string_view address)
        : link{io.get_executor(), parse_address(address).value(), quick(), callbacks(),
               [] { return 0.5; }}
    {
        link.start();
    }
    static LinkLimits quick()
    {
        LinkLimits limits;
        limits.back_off_min = Millis{1};
        limits.back_off_max = Millis{20};
        return limits;
    }
    LinkCallbacks callbacks()
    {
        LinkCallbacks on;
        on.on_down = [this](const std::string& reason) { told.push_back(reason); };
        return on;
    }
    /// The reason, after some attempts in vain: told once.
    std::string reason()
    {
        REQUIRE(run_until(io, [this] { return link.counters().failed >= 4; }));
        REQUIRE(told.size() == 1);
        return told[0];
    }

    net::io_context io;
    std::vector<std::string> told;
    Link link;
};

bool has_bluetooth()
{
    return Handle{::socket(AF_BLUETOOTH, SOCK_RAW | SOCK_CLOEXEC, 1)}.get() >= 0;
}

}  // namespace

TEST_CASE("wire: what keeps a controller from us is said with what to do", "[wire]")
{
    const HciAddress first{0};
    CHECK(hci_problem(EBUSY, first).text()
          == "hci:0: hci0 is in use by the system (give Raiten a controller of its own, or power it"
             " off: bluetoothctl power off)");
    CHECK(hci_problem(EPERM, first).advice.find("CAP_NET_ADMIN") != std::string::npos);
    CHECK(hci_problem(ENODEV, first).what == "there is no controller hci0");
    for (const int error : {EBUSY, EUSERS, EPERM, EACCES, ENODEV, EAFNOSUPPORT, ERFKILL})
        CHECK_FALSE(hci_problem(error, first).advice.empty());
    CHECK(hci_problem(EIO, first).what == "Input/output error");
}

TEST_CASE("wire: a controller that is not there is told once", "[wire]")
{
    Downs nowhere{"hci:65000"};
    CHECK(nowhere.reason().starts_with(has_bluetooth() ? "hci:65000: there is no controller"
                                                       : "hci:65000: this kernel has no"));
    nowhere.link.stop();
    nowhere.io.restart();
    nowhere.io.run();  // ends: nothing is left waiting
}

TEST_CASE("wire: stopping does not wait for a controller that is being opened", "[wire]")
{
    net::io_context io;
    Link link{io.get_executor(), HciAddress{0}, {}, {}, [] { return 0.5; }};
    link.start();
    io.poll();
    link.stop();
    io.restart();
    io.run();
    CHECK_FALSE(link.up());
}

TEST_CASE("wire: what cannot be an input device is told with the reason", "[wire]")
{
    CHECK(Downs{"input:/dev/input/no-such-device"}.reason().starts_with(
        "input:/dev/input/no-such-device: there is no such device (is it plugged in?"));
    CHECK(Downs{"input:/dev/null"}.reason().starts_with("input:/dev/null: this is not an input"));
    const auto folder = std::filesystem::temp_directory_path().string();
    CHECK(Downs{"input:" + folder}.reason().find("this is not an input device")
          != std::string::npos);
    const auto fifo = folder + "/raiten-fifo-" + std::to_string(::getpid());
    REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
    CHECK(Downs{"input:" + fifo}.reason().find("this is not an input device") != std::string::npos);
    std::filesystem::remove(fifo);
}

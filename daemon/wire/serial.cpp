#include "daemon/wire/channel.hpp"
#include "daemon/wire/handle.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <termios.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace raiten::wire {
namespace {

struct Rate {
    unsigned baud;
    speed_t speed;
};

constexpr std::array rates{
    Rate{1'200, B1200},        Rate{2'400, B2400},        Rate{4'800, B4800},
    Rate{9'600, B9600},        Rate{19'200, B19200},      Rate{38'400, B38400},
    Rate{57'600, B57600},      Rate{115'200, B115200},    Rate{230'400, B230400},
    Rate{460'800, B460800},    Rate{500'000, B500000},    Rate{576'000, B576000},
    Rate{921'600, B921600},    Rate{1'000'000, B1000000}, Rate{1'500'000, B1500000},
    Rate{2'000'000, B2000000}, Rate{3'000'000, B3000000}, Rate{4'000'000, B4000000}};

Problem problem_of(int error, const SerialAddress& address)
{
    std::string advice;
    if (error == ENOENT) advice = "is the device plugged in?";
    if (error == EACCES) advice = "the service needs the group of this device, often dialout";
    if (error == EWOULDBLOCK) advice = "another program holds this device";
    if (error == ENOTTY) advice = "this is not a terminal device";
    return Problem{std::generic_category().message(error), address.path, std::move(advice)};
}

bool set_line(int fd, const SerialAddress& address)
{
    termios line{};
    if (::tcgetattr(fd, &line) != 0) return false;
    ::cfmakeraw(&line);
    constexpr auto framing = CSIZE | PARENB | PARODD | CSTOPB | CRTSCTS;
    line.c_cflag &= ~static_cast<tcflag_t>(framing);
    line.c_cflag |= CLOCAL | CREAD | (address.data_bits == 7 ? CS7 : CS8);
    if (address.parity != 'N') line.c_cflag |= PARENB;
    if (address.parity == 'O') line.c_cflag |= PARODD;
    if (address.stop_bits == 2) line.c_cflag |= CSTOPB;
    if (address.rts_cts) line.c_cflag |= CRTSCTS;
    // One byte at least: with VMIN 0 a quiet line would read as 0 bytes, which means unplugged.
    line.c_cc[VMIN] = 1;
    line.c_cc[VTIME] = 0;
    for (const auto& rate : rates)
        if (rate.baud == address.baud) ::cfsetspeed(&line, rate.speed);
    return ::tcsetattr(fd, TCSANOW, &line) == 0;
}

void raise_modem_lines(int fd)
{
    // Some readers take their power from these; a pseudo terminal answers ENOTTY, which is fine.
    const int lines = TIOCM_DTR | TIOCM_RTS;
    static_cast<void>(::ioctl(fd, TIOCMBIS, &lines));
}

}  // namespace

Result<Channel::Device> open_serial(const boost::asio::any_io_executor& executor,
                                    const SerialAddress& address)
{
    Handle handle{::open(address.path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)};
    if (handle.get() < 0) return problem_of(errno, address);
    if (::flock(handle.get(), LOCK_EX | LOCK_NB) != 0) return problem_of(errno, address);
    if (!set_line(handle.get(), address)) return problem_of(errno, address);
    raise_modem_lines(handle.get());

    Channel::Device device{executor};
    boost::system::error_code ec;
    device.assign(handle.get(), ec);
    if (ec) return Problem{ec.message(), address.path};
    handle.release();
    return device;
}

}  // namespace raiten::wire

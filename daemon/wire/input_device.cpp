#include "daemon/wire/channel.hpp"
#include "daemon/wire/handle.hpp"

#include <fcntl.h>
#include <linux/input.h>
#include <sys/ioctl.h>

#include <cerrno>
#include <system_error>

namespace raiten::wire {
namespace {

Problem problem_of(int error, const InputAddress& address)
{
    const auto where = text_of(address);
    switch (error) {
        case ENOENT:
        case ENODEV:
        case ENXIO:
            return {"there is no such device", where, "is it plugged in? see: ls /dev/input/by-id"};
        case EACCES:
        case EPERM:
            return {"it may not be opened", where, "the service needs the group input"};
        case EBUSY:
            return {"another program keeps this device to itself", where, "stop that program"};
        case EINVAL:
        case ENOTTY:
            return {"this is not an input device", where, "name one of /dev/input/by-id"};
        default:
            return {std::generic_category().message(error), where};
    }
}

}  // namespace

Result<Channel::Device> open_input(const boost::asio::any_io_executor& executor,
                                   const InputAddress& address)
{
    Handle handle{::open(address.path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)};
    if (handle.get() < 0) return problem_of(errno, address);
    int version = 0;
    if (::ioctl(handle.get(), EVIOCGVERSION, &version) != 0) return problem_of(errno, address);
    constexpr unsigned long mine = 1;
    if (::ioctl(handle.get(), EVIOCGRAB, mine) != 0) return problem_of(errno, address);

    Channel::Device device{executor};
    boost::system::error_code ec;
    device.assign(handle.get(), ec);
    if (ec) return Problem{ec.message(), text_of(address)};
    handle.release();
    return device;
}

}  // namespace raiten::wire

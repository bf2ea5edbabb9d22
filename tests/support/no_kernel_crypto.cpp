// Preloaded into BlueZ's btvirt where the kernel has no AF_ALG. It opens two such sockets for each
// Bluetooth LE controller and gives the controller up without them; but only pairing and private
// addresses would use them. So they open, bind, and lead nowhere.

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

extern "C" int socket(int family, int type, int protocol) noexcept
{
    if (family == AF_ALG) return ::open("/dev/null", O_RDWR | O_CLOEXEC);
    return static_cast<int>(::syscall(SYS_socket, family, type, protocol));
}

extern "C" int bind(int fd, const sockaddr* address, socklen_t length) noexcept
{
    if (address->sa_family == AF_ALG) return 0;
    return static_cast<int>(::syscall(SYS_bind, fd, address, length));
}

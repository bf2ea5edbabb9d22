#include "tests/wire/card_room.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace raiten::test {
namespace {

constexpr const char* pcscd_path = "/usr/sbin/pcscd";
constexpr const char* reader_library = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so";
constexpr std::uint16_t card_port = 35'963;
constexpr int tries_max = 1'000;

void short_pause()
{
    ::poll(nullptr, 0, 10);
}

bool raise_loopback()
{
    const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ifreq request{};
    std::strncpy(request.ifr_name, "lo", IFNAMSIZ - 1);
    bool good = ::ioctl(fd, SIOCGIFFLAGS, &request) == 0;
    request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
    good = good && ::ioctl(fd, SIOCSIFFLAGS, &request) == 0;
    ::close(fd);
    return good;
}

/// In a process of its own.
[[noreturn]] void become_pcscd(const std::string& socket_folder, const std::string& readers)
{
    const bool ready =
        ::unshare(CLONE_NEWNS) == 0 && ::mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0
        && ::mount("tmpfs", "/run", "tmpfs", 0, nullptr) == 0 && ::mkdir("/run/pcscd", 0755) == 0
        && ::mount(socket_folder.c_str(), "/run/pcscd", nullptr, MS_BIND, nullptr) == 0;
    if (ready)
        ::execl(pcscd_path, pcscd_path, "--foreground", "--critical", "--auto-exit", "--config",
                readers.c_str(), nullptr);
    ::_exit(127);
}

}  // namespace

const std::vector<unsigned char> VirtualCard::atr{0x3B, 0x8F, 0x80, 0x01, 0x80, 0x4F, 0x0C,
                                                  0xA0, 0x00, 0x00, 0x03, 0x06, 0x03, 0x00,
                                                  0x01, 0x00, 0x00, 0x00, 0x00, 0x6A};

VirtualCard::VirtualCard(int socket, Manners manners)
    : socket_{socket}, manners_{std::move(manners)}, thread_{[this] { serve(); }}
{
}

VirtualCard::~VirtualCard()
{
    ::shutdown(socket_, SHUT_RDWR);
    thread_.join();
    ::close(socket_);
}

void VirtualCard::serve()
{
    for (;;) {
        unsigned char head[2];
        if (::recv(socket_, head, sizeof head, MSG_WAITALL) != sizeof head) return;
        std::vector<unsigned char> message(static_cast<std::size_t>(head[0] << 8 | head[1]));
        if (::recv(socket_, message.data(), message.size(), MSG_WAITALL)
            != static_cast<ssize_t>(message.size())) {
            return;
        }
        if (message.size() == 1) {
            if (message[0] == 4 && !reply(atr)) return;
            continue;
        }
        ++asked_;
        if (manners_.leave_when_asked) {
            ::shutdown(socket_, SHUT_RDWR);
            return;
        }
        const std::vector<unsigned char> question{0xFF, 0xCA, 0x00, 0x00, 0x00};
        const std::vector<unsigned char> unknown{0x6D, 0x00};
        if (!reply(message == question ? manners_.answer : unknown)) return;
    }
}

bool VirtualCard::reply(const std::vector<unsigned char>& bytes)
{
    std::vector<unsigned char> message{static_cast<unsigned char>(bytes.size() >> 8),
                                       static_cast<unsigned char>(bytes.size())};
    message.insert(message.end(), bytes.begin(), bytes.end());
    return ::send(socket_, message.data(), message.size(), MSG_NOSIGNAL)
           == static_cast<ssize_t>(message.size());
}

CardRoom::CardRoom()
{
    if (!std::filesystem::exists(pcscd_path) || !std::filesystem::exists(reader_library)) {
        why_not_ = "it has no pcscd, or no vsmartcard-vpcd";
        return;
    }
    make_network();
    if (!why_not_.empty()) return;
    std::string folder = (std::filesystem::temp_directory_path() / "raiten-cards-XXXXXX").string();
    if (!::mkdtemp(folder.data())) {
        why_not_ = "it has no temporary folder";
        return;
    }
    folder_ = folder;
    std::filesystem::create_directories(folder_ + "/socket");
    std::filesystem::create_directories(folder_ + "/readers");
    std::ofstream list{folder_ + "/readers/virtual"};
    list << "FRIENDLYNAME \"Virtual PCD\"\nDEVICENAME /dev/null:0x8C7B\nLIBPATH " << reader_library
         << "\nCHANNELID 0x8C7B\n";
    ::setenv("PCSCLITE_CSOCK_NAME", (folder_ + "/socket/pcscd.comm").c_str(), 1);
}

CardRoom::~CardRoom()
{
    stop_pcscd(SIGKILL);
    if (network_ >= 0) ::close(network_);
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
}

void CardRoom::make_network()
{
    std::thread maker{[this] {
        if (network_ >= 0) ::close(network_);
        network_ = -1;
        if (::unshare(CLONE_NEWNET | CLONE_NEWNS) != 0 || !raise_loopback())
            why_not_ = "it lets us make no namespaces (root is needed)";
        else
            network_ = ::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    }};
    maker.join();
}

void CardRoom::in_room(const std::function<void()>& work) const
{
    std::thread visitor{[&] {
        if (::setns(network_, CLONE_NEWNET) == 0) work();
    }};
    visitor.join();
}

void CardRoom::start_pcscd()
{
    stop_pcscd(SIGKILL);
    make_network();
    in_room([this] {
        pcscd_ = ::fork();
        if (pcscd_ == 0) become_pcscd(folder_ + "/socket", folder_ + "/readers");
    });
}

void CardRoom::stop_pcscd(int signal)
{
    if (pcscd_ <= 0) return;
    ::kill(pcscd_, signal);
    ::waitpid(pcscd_, nullptr, 0);
    pcscd_ = -1;
    for (const auto* left : {"/socket/pcscd.comm", "/socket/pcscd.pid"})
        std::filesystem::remove(folder_ + left);
}

std::unique_ptr<VirtualCard> CardRoom::lay_down(VirtualCard::Manners manners)
{
    int fd = -1;
    in_room([&fd] {
        sockaddr_in reader{};
        reader.sin_family = AF_INET;
        reader.sin_port = htons(card_port);
        reader.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        for (int i = 0; i < tries_max; ++i) {
            fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
            if (::connect(fd, reinterpret_cast<sockaddr*>(&reader), sizeof reader) == 0) return;
            ::close(fd);
            short_pause();
        }
        fd = -1;
    });
    if (fd < 0) return nullptr;
    return std::make_unique<VirtualCard>(fd, std::move(manners));
}

}  // namespace raiten::test

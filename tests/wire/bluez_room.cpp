#include "tests/wire/bluez_room.hpp"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <thread>

namespace raiten::test {
namespace {

constexpr const char* btvirt_path = "/usr/bin/btvirt";

/// For the calling thread: /tmp is this folder from now on.
bool take_as_tmp(const std::string& folder)
{
    return ::unshare(CLONE_NEWNS) == 0
           && ::mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0
           && ::mount(folder.c_str(), "/tmp", nullptr, MS_BIND, nullptr) == 0;
}

/// In a process of its own. The shim is named by its descriptor: its path may lie in /tmp.
[[noreturn]] void become_btvirt(const std::string& folder, int shim, const std::string& preload)
{
    const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    const bool ready = ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && take_as_tmp(folder)
                       && ::fcntl(shim, F_SETFD, 0) == 0
                       && ::dup2(nowhere, STDOUT_FILENO) == STDOUT_FILENO;
    const char* const environment[] = {preload.c_str(), nullptr};
    if (ready) ::execle(btvirt_path, btvirt_path, "-s", nullptr, environment);
    ::_exit(127);
}

}  // namespace

BluezRoom::BluezRoom()
{
    if (!std::filesystem::exists(btvirt_path)) {
        why_not_ = "it has no btvirt (bluez-test-tools)";
        return;
    }
    std::string folder = (std::filesystem::temp_directory_path() / "raiten-bluez-XXXXXX").string();
    if (!::mkdtemp(folder.data())) {
        why_not_ = "it has no temporary folder";
        return;
    }
    folder_ = folder;
    shim_ = ::open(NO_KERNEL_CRYPTO, O_RDONLY | O_CLOEXEC);
    std::thread trial{[this] {
        if (!take_as_tmp(folder_)) why_not_ = "it lets us make no namespaces (root is needed)";
    }};
    trial.join();
}

BluezRoom::~BluezRoom()
{
    kill_btvirt();
    if (shim_ >= 0) ::close(shim_);
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
}

void BluezRoom::start_btvirt()
{
    kill_btvirt();
    const std::string preload = "LD_PRELOAD=/proc/self/fd/" + std::to_string(shim_);
    btvirt_ = ::fork();
    if (btvirt_ == 0) become_btvirt(folder_, shim_, preload);
}

void BluezRoom::kill_btvirt()
{
    if (btvirt_ <= 0) return;
    ::kill(btvirt_, SIGKILL);
    ::waitpid(btvirt_, nullptr, 0);
    btvirt_ = -1;
}

wire::Address BluezRoom::socket_of(const std::string& kind) const
{
    return wire::UnixAddress{folder_ + "/bt-server-" + kind};
}

}  // namespace raiten::test

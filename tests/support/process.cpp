#include "tests/support/process.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>
#include <utility>

namespace raiten::test {

Process::Process(const std::vector<std::string>& words, bool capture)
{
    int ends[2]{-1, -1};
    if (capture && ::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error{"pipe2"};

    const auto program =
        words.at(0) == "mosquitto" ? std::string{"/usr/sbin/mosquitto"} : words.at(0);
    std::vector<char*> arguments;
    for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);

    posix_spawn_file_actions_t files;
    ::posix_spawn_file_actions_init(&files);
    for (const int fd : {0, 1, 2})
        ::posix_spawn_file_actions_addopen(&files, fd, "/dev/null", O_RDWR, 0);
    if (capture) ::posix_spawn_file_actions_adddup2(&files, ends[1], 1);
    const int failed =
        ::posix_spawnp(&pid_, program.c_str(), &files, nullptr, arguments.data(), environ);
    ::posix_spawn_file_actions_destroy(&files);
    if (failed) throw std::runtime_error{"cannot start " + program};
    if (capture) {
        ::close(ends[1]);
        output_ = ends[0];
    }
}

Process::~Process()
{
    if (output_ >= 0) ::close(output_);
    signal(SIGKILL);
    wait();
}

int Process::take_output()
{
    return std::exchange(output_, -1);
}

void Process::signal(int number) const
{
    if (pid_ > 0) ::kill(pid_, number);
}

int Process::wait()
{
    if (pid_ <= 0) return code_;
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return code_;
}

int run(const std::vector<std::string>& words)
{
    return Process{words}.wait();
}

}  // namespace raiten::test

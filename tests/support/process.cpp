#include "tests/support/process.hpp"

#include <fcntl.h>
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

    pid_ = ::fork();
    if (pid_ < 0) throw std::runtime_error{"fork"};
    if (pid_ == 0) {
        const int nowhere = ::open("/dev/null", O_RDWR);
        ::dup2(nowhere, 0);
        ::dup2(capture ? ends[1] : nowhere, 1);
        ::dup2(nowhere, 2);
        ::execvp(program.c_str(), arguments.data());
        ::_exit(127);
    }
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

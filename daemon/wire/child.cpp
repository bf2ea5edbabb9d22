#include "daemon/wire/child.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace raiten::wire {

namespace net = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::size_t words_max = 64;
constexpr std::size_t words_bytes_max = 16 * 1024;
constexpr int first_free_descriptor = 3;

Problem problem_of(int error, const Program& program)
{
    return Problem{std::generic_category().message(error), program.words[0]};
}

/// Both ends of a pipe, closed unless taken.
struct Pipe {
    Pipe()
    {
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) ends = {-1, -1};
    }
    ~Pipe()
    {
        for (const int end : ends)
            if (end >= 0) ::close(end);
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    bool good() const { return ends[0] >= 0; }
    int take_reading()
    {
        ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
        return std::exchange(ends[0], -1);
    }
    void close_writing() { ::close(std::exchange(ends[1], -1)); }

    std::array<int, 2> ends{-1, -1};
};

/// What the new process needs, all of it made before the fork: after it, in a process of several
/// threads, nothing may be allocated.
struct Plan {
    explicit Plan(const Program& program)
        : words{program.words},
          settings{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                   "LANG=C.UTF-8", "RAITEN_READER=" + program.reader}
    {
        if (!program.time_zone.empty()) settings.push_back("TZ=" + program.time_zone);
        for (auto& word : words) argv.push_back(word.data());
        for (auto& setting : settings) envp.push_back(setting.data());
        argv.push_back(nullptr);
        envp.push_back(nullptr);
    }
    std::vector<std::string> words;
    std::vector<std::string> settings;
    std::vector<char*> argv;
    std::vector<char*> envp;
    pid_t parent{::getpid()};
    Pipe output;
    Pipe log;
    Pipe verdict;
};

/// A number above the three standard ones, so that dup2 onto those cannot overwrite it.
int kept_apart(int fd)
{
    return fd >= first_free_descriptor ? fd : ::fcntl(fd, F_DUPFD_CLOEXEC, first_free_descriptor);
}

bool set_descriptors(int output, int log)
{
    const int nothing = kept_apart(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    // Asio's sockets are not close-on-exec: all but the first three are made so.
    return nothing >= 0 && ::dup2(nothing, STDIN_FILENO) >= 0 && ::dup2(output, STDOUT_FILENO) >= 0
           && ::dup2(log, STDERR_FILENO) >= 0
           && ::close_range(first_free_descriptor, ~0U, CLOSE_RANGE_CLOEXEC) == 0;
}

void forget_signals()
{
    struct sigaction usual {};
    usual.sa_handler = SIG_DFL;
    for (int number = 1; number < NSIG; ++number) ::sigaction(number, &usual, nullptr);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// In the new process. What goes wrong is written to the verdict's pipe, which ends by the exec.
[[noreturn]] void become(Plan& plan)
{
    const int verdict = kept_apart(plan.verdict.ends[1]);
    const int output = kept_apart(plan.output.ends[1]);
    const int log = kept_apart(plan.log.ends[1]);
    ::setpgid(0, 0);
    forget_signals();
    const bool ready = ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && ::getppid() == plan.parent
                       && set_descriptors(output, log);
    if (ready) ::execve(plan.argv[0], plan.argv.data(), plan.envp.data());
    const int error = errno;
    static_cast<void>(!::write(verdict, &error, sizeof error));
    ::_exit(127);
}

/// No signal of ours may be handled in the new process before it has forgotten our handlers.
pid_t fork_without_signals(Plan& plan)
{
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    const pid_t pid = ::fork();
    if (pid == 0) become(plan);
    const int error = errno;
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    errno = error;
    return pid;
}

std::string signal_name(int number)
{
    const char* short_name = ::sigabbrev_np(number);
    return short_name ? std::string{"SIG"} + short_name : "signal " + std::to_string(number);
}

}  // namespace

Result<void> check(const Program& program)
{
    const auto& words = program.words;
    if (words.empty() || words[0].empty() || words[0][0] != '/')
        return Problem{"not a program", words.empty() ? "" : words[0],
                       "name it by its whole path, such as /usr/local/bin/door-counter"};
    std::size_t bytes = program.reader.size() + program.time_zone.size();
    bool sound = program.reader.find('\0') == std::string::npos
                 && program.time_zone.find('\0') == std::string::npos;
    for (const auto& word : words) {
        bytes += word.size() + 1;
        sound = sound && word.find('\0') == std::string::npos;
    }
    if (!sound || words.size() > words_max || bytes > words_bytes_max)
        return Problem{"not a command", words[0], "at most 64 words and 16 KiB, without NUL"};
    return {};
}

Child::Child(const net::any_io_executor& executor, pid_t pid)
    : output{executor}, log{executor}, verdict{executor}, ended{executor}, pid_{pid}
{
}

Child::Child(Child&& other) noexcept
    : output{std::move(other.output)},
      log{std::move(other.log)},
      verdict{std::move(other.verdict)},
      ended{std::move(other.ended)},
      pid_{std::exchange(other.pid_, -1)}
{
}

Child::~Child()
{
    if (pid_ > 0) reap();
}

Result<Child> Child::begin(const net::any_io_executor& executor, const Program& program)
{
    if (auto sound = check(program); sound.has_error()) return sound.error();
    Plan plan{program};
    if (!plan.output.good() || !plan.log.good() || !plan.verdict.good())
        return problem_of(errno, program);
    const pid_t pid = fork_without_signals(plan);
    if (pid < 0) return problem_of(errno, program);
    Child child{executor, pid};
    ::setpgid(pid, pid);  // both sides: whoever comes first
    plan.output.close_writing();
    plan.log.close_writing();
    plan.verdict.close_writing();
    // glibc 2.36 declares pidfd_open() without extern "C".
    const auto ended = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
    if (ended < 0) return problem_of(errno, program);
    error_code ec;
    const auto assign = [&ec](Descriptor& to, int fd) {
        if (!ec) to.assign(fd, ec);
        if (ec) ::close(fd);
    };
    assign(child.ended, ended);
    assign(child.output, plan.output.take_reading());
    assign(child.log, plan.log.take_reading());
    assign(child.verdict, plan.verdict.take_reading());
    if (ec) return Problem{ec.message(), program.words[0]};
    return child;
}

int Child::refusal()
{
    int error = 0;
    const auto size = ::read(verdict.native_handle(), &error, sizeof error);
    return size == sizeof error ? error : 0;
}

void Child::signal(int number) const
{
    if (pid_ > 0) ::kill(-pid_, number);
}

std::string Child::reap()
{
    // Before waiting: while the zombie stands, no other group can have this number.
    ::kill(-pid_, SIGKILL);
    ::kill(pid_, SIGKILL);
    int status = 0;
    const pid_t gone = std::exchange(pid_, -1);
    while (::waitpid(gone, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFSIGNALED(status)) return "ended by " + signal_name(WTERMSIG(status));
    return "ended with exit status " + std::to_string(WEXITSTATUS(status));
}

}  // namespace raiten::wire

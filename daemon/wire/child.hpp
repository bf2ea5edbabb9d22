#pragma once

#include "daemon/base/result.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <sys/types.h>

#include <string>
#include <vector>

namespace raiten::wire {

/// A program of the store's own that speaks for a reader.
struct Program {
    std::vector<std::string> words;  ///< the program by its absolute path, and its arguments
    std::string reader;              ///< it finds this in RAITEN_READER
    std::string time_zone{};         ///< it finds this in TZ; empty: it finds none
};

/// At most 64 words and 16 KiB in all, none with a NUL; the first an absolute path.
Result<void> check(const Program& program);

/// One run of a program: in a process group of its own, without a shell, with PATH, LANG, TZ and
/// RAITEN_READER as its whole environment, /dev/null to read from, and none of our descriptors.
/// It is killed when the thread that began it ends. When this object ends, whoever is left of the
/// group is killed, and no zombie stays.
class Child {
 public:
    using Descriptor = boost::asio::posix::stream_descriptor;

    /// Returns before the program has been found: `verdict` says whether it was.
    static Result<Child> begin(const boost::asio::any_io_executor& executor,
                               const Program& program);
    ~Child();
    Child(Child&& other) noexcept;
    Child& operator=(Child&&) = delete;

    Descriptor output;   ///< what it prints, to be read without waiting
    Descriptor log;      ///< what it prints to stderr, likewise
    Descriptor verdict;  ///< readable when the program runs, or could not be started
    Descriptor ended;    ///< readable when it has ended

    pid_t pid() const { return pid_; }

    /// Once `verdict` is readable: the error that kept the program from running, or 0.
    int refusal();

    /// To everybody in the group. Nothing once it was reaped.
    void signal(int number) const;

    /// Once `ended` is readable: kills whoever is left of the group, and says how it ended:
    /// "ended with exit status 3", "ended by SIGSEGV".
    std::string reap();

 private:
    Child(const boost::asio::any_io_executor& executor, pid_t pid);

    pid_t pid_;  ///< -1 once reaped
};

}  // namespace raiten::wire

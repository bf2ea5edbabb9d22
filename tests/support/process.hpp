#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace raiten::test {

/// A child process that does not outlive the test.
class Process {
 public:
    /// Searched in PATH and the sbin folders. With `capture` its standard output is a pipe.
    explicit Process(const std::vector<std::string>& words, bool capture = false);
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    pid_t pid() const { return pid_; }
    int take_output();  ///< the reading end; the caller closes it
    void signal(int number) const;
    int wait();  ///< exit code, or 128 + signal

 private:
    pid_t pid_{-1};
    int output_{-1};
    int code_{-1};
};

/// Runs to the end and gives the exit code.
int run(const std::vector<std::string>& words);

}  // namespace raiten::test

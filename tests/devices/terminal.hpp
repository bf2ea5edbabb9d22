#pragma once

#include <string>
#include <string_view>

namespace raiten::test {

/// The far end of a serial line: a pseudo terminal that raitend finds at `path`, as it finds a
/// reader behind a name of /dev/serial/by-id. Pulled out when it goes.
class Terminal {
 public:
    /// `path` becomes a link to the new terminal, whatever it led to before.
    explicit Terminal(const std::string& path);
    ~Terminal();
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;

    void say(std::string_view bytes) const;
    /// The device's end, for what must also listen.
    int number() const { return device_; }

 private:
    int device_{-1};
    int store_{-1};  ///< held open too, so that the device may speak before anybody listens
};

}  // namespace raiten::test

#pragma once

#include "tests/support/mosquitto.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace raiten::test {

/// Runs the loop until the condition holds; false after the (generous) limit.
bool run_until(boost::asio::io_context& io, const std::function<bool()>& condition,
               std::chrono::seconds limit = std::chrono::seconds{30});

struct Heard {
    std::string topic;
    bool retained{};
    std::string expiry_s;  ///< empty where the message had none
    std::string payload;
};

/// An independent observer at HQ's end: the mosquitto_sub program. It subscribes to all of raiten/.
class HqEar {
 public:
    /// Returns when it is subscribed.
    HqEar(boost::asio::io_context& io, const Mosquitto& broker);

    const std::vector<Heard>& heard() const { return heard_; }
    std::vector<Heard> on(const std::string& topic) const;
    void forget() { heard_.clear(); }

 private:
    void read();
    void take_lines();

    Process process_;
    boost::asio::posix::stream_descriptor output_;
    std::array<char, 65536> buffer_{};
    std::string text_;
    std::vector<Heard> heard_;
    bool ready_{};
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< what was read may come later
};

}  // namespace raiten::test

#pragma once

#include "tests/support/hq_ear.hpp"
#include "tests/support/mosquitto.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace raiten::test {

/// A small head office: a persistent MQTT session that keeps what came first of each (epoch, lane,
/// sequence), drops doubles, and acknowledges what it has without a gap where it is told to.
class HeadOffice {
 public:
    HeadOffice(boost::asio::io_context& io, const Mosquitto& broker, bool acknowledges);

    /// Opens for business: subscribed when this returns.
    void open();
    void close();

    struct Lane {
        std::map<std::uint64_t, std::string> ids;  ///< by sequence: the id of the message
        std::uint64_t newest{};                    ///< the last that was no double
        std::uint64_t contiguous{};
        int doubles{};
        int out_of_order{};  ///< came for the first time after a later one had
        int changed{};       ///< the same sequence with another id
    };
    const std::map<std::string, Lane>& lanes() const { return lanes_; }
    /// Says again what it has.
    void acknowledge();

 private:
    void read();
    void take_line(const std::string& line);

    boost::asio::io_context& io_;
    const Mosquitto& broker_;
    bool acknowledges_;
    std::unique_ptr<Process> process_;
    std::unique_ptr<boost::asio::posix::stream_descriptor> output_;
    std::array<char, 65536> buffer_{};
    std::string text_;
    bool ready_{};
    std::uint64_t epoch_{};
    std::map<std::string, Lane> lanes_;
};

}  // namespace raiten::test

#pragma once

#include "daemon/base/hex.hpp"
#include "tests/devices/terminal.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <array>
#include <cstddef>
#include <map>
#include <string>

namespace raiten::test {

/// A PN532 module at the end of a serial line, by its manual: it acknowledges every command and
/// answers it. Frames of more than 255 bytes it neither gets nor sends.
class NfcModule {
 public:
    NfcModule(boost::asio::io_context& io, const std::string& path);

    /// The FeliCa card on the coil, by IDm and PMm; empty: none. It answers at 212 kbit/s.
    std::string felica;
    std::size_t polls{};  ///< for FeliCa at 212

 private:
    void read();
    /// Answers what is whole in `heard_`.
    void answer_all();
    void answer(const std::string& command);
    void send(const std::string& data) const;

    Terminal line_;
    boost::asio::posix::stream_descriptor device_;
    std::array<char, 1024> buffer_{};
    std::string heard_;
};

}  // namespace raiten::test

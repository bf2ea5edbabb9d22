#pragma once

#include "daemon/base/result.hpp"
#include "daemon/wire/address.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <memory>
#include <vector>

namespace raiten::stage {

struct PrinterSettings {
    bool answers_status{true};           ///< DLE EOT n is answered with 0x12: all is well
    std::vector<std::byte> says{};       ///< sent on every connection while the job comes in
    std::vector<std::byte> last_word{};  ///< sent when the register has ended its side
    std::size_t dies_after{};            ///< resets a connection after so many bytes; 0 never
    bool eats{true};                     ///< false: out of paper, takes nothing
};

struct PrintJob {
    std::vector<std::byte> bytes;  ///< at most 16 MiB of them
    bool ended{};                  ///< the register ended its side in good order
    bool broken{};                 ///< the connection was reset
};

/// A receipt printer on TCP that keeps what it was given: one job for each connection.
class Printer {
 public:
    Printer(boost::asio::any_io_executor executor, PrinterSettings settings);
    ~Printer();
    Printer(const Printer&) = delete;
    Printer& operator=(const Printer&) = delete;

    /// Port 0 allowed; the address it listens on.
    Result<wire::TcpAddress> listen(const wire::TcpAddress& address);
    void stop();

    const std::vector<std::shared_ptr<PrintJob>>& jobs() const;

 private:
    class State;
    std::shared_ptr<State> state_;
};

}  // namespace raiten::stage

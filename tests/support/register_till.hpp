#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/base/result.hpp"
#include "daemon/wire/address.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

namespace raiten::stage {

struct TillSettings {
    unsigned attempts{20};
    Millis pause{500};          ///< between two attempts to reach the printer
    Millis answer_wait{5'000};  ///< for the printer to end its side
};

/// A cash register that prints receipts on a network printer: connects, sends, ends its side,
/// waits for the printer's answer. One receipt after another.
class RegisterTill {
 public:
    /// What the printer answered, or why nothing could be printed.
    using Done = std::function<void(const Result<std::vector<std::byte>>& answer)>;

    RegisterTill(boost::asio::any_io_executor executor, wire::Address printer,
                 TillSettings settings = {});
    ~RegisterTill();
    RegisterTill(const RegisterTill&) = delete;
    RegisterTill& operator=(const RegisterTill&) = delete;

    void print(std::vector<std::byte> receipt, Done done);
    void stop();

 private:
    class State;
    std::shared_ptr<State> state_;
};

}  // namespace raiten::stage

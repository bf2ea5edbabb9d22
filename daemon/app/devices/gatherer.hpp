#pragma once

#include "drivers/gateway/gathering.hpp"

#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <map>
#include <string>

namespace raiten::app {

/// Where the gateways' sightings meet before they are events: of what several gateways heard of
/// one advertisement, the one that heard it strongest tells it. Each is told a second later, dated
/// to when it was heard.
class Gatherer {
 public:
    using Hear = std::function<void(const TokenSeen&, Instant heard)>;

    explicit Gatherer(boost::asio::any_io_executor executor) : timer_{std::move(executor)} {}

    /// What is told as heard by `reader` goes to `hear`.
    void join(const std::string& reader, Hear hear) { ears_[reader] = std::move(hear); }
    void put(const std::string& reader, TokenSeen seen);
    void stop() { timer_.cancel(); }

 private:
    void wait();
    void tell(const std::string& reader, const TokenSeen& seen);

    static constexpr Millis window{1'000};

    boost::asio::steady_timer timer_;
    drivers::gateway::Gathering gathering_{window};
    std::map<std::string, Hear> ears_;
    bool waiting_{};
};

}  // namespace raiten::app

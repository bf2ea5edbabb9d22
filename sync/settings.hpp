#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace raiten::sync {

/// One broker: "mqtt://host[:1883]" or "mqtts://host[:8883]"; IPv6 hosts in brackets.
struct BrokerAddress {
    std::string host;  ///< with the brackets of an IPv6 address
    std::uint16_t port{};
    bool tls{};

    static Result<BrokerAddress> parse(std::string_view uri);
    std::string text() const;
};

enum class Protocol { v5_or_311, v5_only, v311_only };

/// The ends of every queue and wait of the courier stand here.
struct CourierSettings {
    std::vector<std::string> brokers;  ///< tried in order, then back-off, then again
    std::string tenant, store, device;
    std::string client_id{};  ///< empty: "{tenant}-{store}-{device}"
    std::uint64_t epoch{};
    std::uint64_t session{};  ///< a number that grows with every start of the service
    std::string username{}, password{};
    std::string ca_file{}, certificate_file{}, key_file{};
    Protocol protocol{Protocol::v5_or_311};
    bool hq_ack{true};
    bool tcp_nodelay{true};  ///< false only to measure what it gains

    std::chrono::seconds keep_alive{30};
    std::chrono::seconds connect_timeout{15};
    std::chrono::seconds session_expiry{7 * 24 * 3600};
    Millis back_off_min{1'000};
    Millis back_off_max{120'000};
    Millis stable_after{5 * 60'000};  ///< online for so long resets the back-off
    Millis resend_after{5 * 60'000};  ///< silence of HQ after which unsettled rows go out again
    Millis stop_timeout{2'000};       ///< for the farewell; then the courier just goes

    std::size_t window{20};                 ///< messages between publish and PUBACK, 1 to 1,000
    std::size_t unsettled_rows_max{1'000};  ///< per lane: sent, but not yet stored for good
    std::size_t fetch_rows_max{100};
    std::size_t row_bytes_max{256 * 1024};       ///< a larger row is dropped with its reason
    std::size_t downlink_bytes_max{256 * 1024};  ///< a larger message from HQ is refused
    std::size_t downlinks_waiting_max{256};      ///< more than this between two turns are refused

    /// Everything that would make the courier fail later, said at once.
    Result<void> check() const;
};

}  // namespace raiten::sync

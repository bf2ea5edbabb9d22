#pragma once

#include "tests/support/beacon_air.hpp"
#include "tests/support/btsnoop_reader.hpp"
#include "tests/support/demo_scene.hpp"
#include "tests/support/hq_ear.hpp"
#include "tests/support/store_box.hpp"

#include <nlohmann/json.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <string>
#include <vector>

/// A store on this machine's clock, with spans so short that a test can wait for them.
namespace raiten::test {

inline const std::string quick_rules = R"(
[visits]
enter_window = "20s"
enter_sightings = 3
enter_dwell = "500ms"
exit_timeout = "2s"
checkin_stay = "2s"
settle_grace = "3s"
lateness = "1s"
)";
inline constexpr std::chrono::seconds longer_than_exit_timeout{5};

inline const std::string badge = std::string{"ibeacon:"} + stage::demo_uuid + "/1/2";

/// A beacon that stands a metre from the radio and sends ten times a second.
inline std::vector<stage::HciPacket> badge_at_the_radio(std::chrono::seconds length)
{
    stage::Advertiser who;
    who.payload = stage::Ibeacon{stage::demo_uuid, 1, 2};
    who.path = {{Millis{0}, {1, 0}}, {Millis{length}, {1, 0}}};
    who.interval = Millis{100};
    stage::Radio radio;
    radio.loss = 0;
    const Instant base{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22}};
    return stage::read_btsnoop(stage::capture_of({who}, radio, base, Millis{length}, 7)).value();
}

/// Lets that much time pass: where time itself is what the store must bear.
inline void let_pass(boost::asio::io_context& io, std::chrono::milliseconds span)
{
    boost::asio::steady_timer timer{io, span};
    bool over = false;
    timer.async_wait([&over](const boost::system::error_code&) { over = true; });
    run_until(io, [&over] { return over; });
}

inline nlohmann::json body_of(const HttpReply& reply)
{
    return nlohmann::json::parse(reply.body, nullptr, false);
}

/// The member's visits, newest first.
inline nlohmann::json visits_of(const StoreBox& box, const std::string& member)
{
    const auto found = body_of(box.get("/api/v1/members/" + member));
    return found.is_object() ? found["latest_visits"] : nlohmann::json::array();
}

inline nlohmann::json reader_of(const StoreBox& box, const std::string& name)
{
    const auto status = body_of(box.get("/api/v1/status"));
    for (const auto& reader : status.at("readers"))
        if (reader["name"] == name) return reader;
    return {};
}

/// The port that the store's log names after the word.
inline std::string address_in(const std::string& log, const std::string& word)
{
    const auto line = log.find(word);
    const auto at = log.find("127.0.0.1:", line == log.npos ? 0 : line);
    if (line == log.npos || at == log.npos) return {};
    return log.substr(at, log.find_first_not_of("0123456789.:", at) - at);
}

}  // namespace raiten::test

// Messages a second through the courier, beside the same messages through mosquitto_pub in the same
// run and against the same broker. 256-byte payloads, QoS 1. Run it from a release build.
#include "sync/courier.hpp"
#include "tests/bench/bench.hpp"
#include "tests/support/hq_ear.hpp"
#include "tests/support/memory_outbox.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace raiten;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::size_t payload_padding = 225;

double seconds_since(Clock::time_point start)
{
    return std::chrono::duration<double>(Clock::now() - start).count();
}

double courier_rate(const test::Mosquitto& broker, std::size_t window, std::size_t rows,
                    bool nodelay = true)
{
    boost::asio::io_context io;
    const auto work = boost::asio::make_work_guard(io);  // Paho posts from outside
    test::MemoryOutbox outbox{io.get_executor()};
    for (std::size_t i = 0; i < rows; ++i)
        outbox.add(Lane::coupon, {}, "raiten.test.v1", payload_padding);
    sync::CourierSettings settings;
    settings.brokers = {broker.uri()};
    settings.tenant = settings.store = settings.device = "bench";
    settings.hq_ack = false;
    settings.window = window;
    settings.tcp_nodelay = nodelay;
    sync::CourierCallbacks callbacks;
    callbacks.status = [](const sync::StatusNote&) { return std::string{"{}"}; };
    callbacks.now = [] { return Instant{}; };
    callbacks.random = [] { return 0.5; };
    sync::Courier courier{io.get_executor(), settings, outbox, callbacks};
    courier.start();
    test::run_until(io, [&] { return courier.state().phase == sync::Phase::online; });
    const auto start = Clock::now();
    const auto before = courier.counters().confirmed[0];
    while (courier.counters().confirmed[0] < rows && seconds_since(start) < 60) io.run_one();
    const auto rate =
        static_cast<double>(courier.counters().confirmed[0] - before) / seconds_since(start);
    bool gone = false;
    courier.stop([&gone] { gone = true; });
    test::run_until(io, [&gone] { return gone; });
    return rate;
}

double mosquitto_pub_rate(const test::Mosquitto& broker, std::size_t rows)
{
    const auto lines = broker.file("lines");
    std::ofstream out{lines};
    for (std::size_t i = 0; i < rows; ++i) out << std::string(256, 'x') << "\n";
    out.close();
    std::string command;
    for (const auto& word : broker.client_words("mosquitto_pub")) command += word + " ";
    command += "-t bench -l < " + lines;
    const auto start = Clock::now();
    if (test::run({"sh", "-c", command}) != 0) return 0;
    return static_cast<double>(rows) / seconds_since(start);
}

/// Milliseconds from outbox_grew to PUBACK for one row at a time every `pace`: median and 99 %.
std::pair<double, double> paced_latency(const test::Mosquitto& broker,
                                        std::chrono::milliseconds pace, std::size_t rows,
                                        bool nodelay)
{
    boost::asio::io_context io;
    const auto work = boost::asio::make_work_guard(io);
    test::MemoryOutbox outbox{io.get_executor()};
    sync::CourierSettings settings;
    settings.brokers = {broker.uri()};
    settings.tenant = settings.store = settings.device = "paced";
    settings.hq_ack = false;
    settings.tcp_nodelay = nodelay;
    sync::CourierCallbacks callbacks;
    callbacks.status = [](const sync::StatusNote&) { return std::string{"{}"}; };
    callbacks.now = [] { return Instant{}; };
    callbacks.random = [] { return 0.5; };
    sync::Courier courier{io.get_executor(), settings, outbox, callbacks};
    courier.start();
    test::run_until(io, [&] { return courier.state().phase == sync::Phase::online; });
    std::vector<Clock::time_point> grown;
    std::vector<double> took;
    boost::asio::steady_timer timer{io};
    std::function<void()> tick = [&] {
        if (grown.size() == rows) return;
        outbox.add(Lane::coupon, {}, "raiten.test.v1", payload_padding);
        grown.push_back(Clock::now());
        courier.outbox_grew(Lane::coupon);
        timer.expires_after(pace);
        timer.async_wait([&](boost::system::error_code) { tick(); });
    };
    tick();
    const auto start = Clock::now();
    while (took.size() < rows && seconds_since(start) < 60) {
        io.run_one();
        for (auto known = courier.counters().confirmed[0]; took.size() < known;)
            took.push_back(1e3 * seconds_since(grown[took.size()]));
    }
    bool gone = false;
    courier.stop([&gone] { gone = true; });
    test::run_until(io, [&gone] { return gone; });
    std::sort(took.begin(), took.end());
    if (took.empty()) return {};
    return {took[took.size() / 2], took[took.size() * 99 / 100]};
}

}  // namespace

int main()
{
    test::Mosquitto broker;
    broker.start();
    const bench::Limit peer{"mosquitto_pub -l", mosquitto_pub_rate(broker, 20'000)};
    for (const std::size_t window : {1U, 20U, 100U}) {
        const auto name = "QoS 1, 256 B, window " + std::to_string(window);
        bench::print(name.c_str(), courier_rate(broker, window, window == 1 ? 5'000 : 20'000),
                     "msg/s", peer);
    }
    std::fprintf(stderr, "window 20, TCP_NODELAY on and off in turn:\n");
    for (int round = 0; round < 3; ++round) {
        for (const bool nodelay : {true, false}) {
            const auto rate = courier_rate(broker, 20, 20'000, nodelay);
            const auto [p50, p99] =
                paced_latency(broker, std::chrono::milliseconds{2}, 1'000, nodelay);
            std::fprintf(stderr,
                         "  %-4s %8.0f msg/s; 500 msg/s paced: p50 %6.2f ms, p99 %6.2f ms\n",
                         nodelay ? "on" : "off", rate, p50, p99);
        }
    }
}

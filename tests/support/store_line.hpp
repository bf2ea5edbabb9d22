#pragma once

#include "sync/courier.hpp"
#include "tests/support/hq_ear.hpp"
#include "tests/support/memory_outbox.hpp"

#include <boost/asio/io_context.hpp>

#include <charconv>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace raiten::test {

inline const std::string prefix = "raiten/v1/acme/shinjuku-3/box_1/";

inline sync::CourierSettings quick_settings(std::vector<std::string> brokers)
{
    sync::CourierSettings settings;
    settings.brokers = std::move(brokers);
    settings.tenant = "acme";
    settings.store = "shinjuku-3";
    settings.device = "box_1";
    settings.epoch = 7;
    settings.session = 42;
    settings.back_off_min = Millis{10};
    settings.back_off_max = Millis{200};
    return settings;
}

inline std::string status_text(const sync::StatusNote& note)
{
    return std::string{note.online ? "online" : "offline"} + " epoch " + std::to_string(note.epoch)
           + " session " + std::to_string(note.session);
}

/// The sequence that MemoryOutbox wrote into a payload; 0 where there is none.
inline std::uint64_t sequence_of(const std::string& payload)
{
    constexpr std::string_view key = "{\"sequence\":";
    std::uint64_t sequence = 0;
    if (payload.starts_with(key))
        std::from_chars(payload.data() + key.size(), payload.data() + payload.size(), sequence);
    return sequence;
}

/// One store's courier with its outbox, on a loop that the test turns.
struct StoreLine {
    explicit StoreLine(sync::CourierSettings settings)
        : outbox{io.get_executor()},
          courier{io.get_executor(), std::move(settings), outbox, hooks()}
    {
    }
    ~StoreLine()
    {
        bool gone = false;
        courier.stop([&gone] { gone = true; });
        run_until(io, [&gone] { return gone; });
    }

    sync::CourierCallbacks hooks()
    {
        sync::CourierCallbacks callbacks;
        callbacks.status = status_text;
        callbacks.now = [this] { return now; };
        callbacks.random = [] { return 0.5; };
        callbacks.command = [this](std::string payload) { commands.push_back(std::move(payload)); };
        return callbacks;
    }

    bool until(const std::function<bool()>& condition,
               std::chrono::seconds limit = std::chrono::seconds{30})
    {
        return run_until(io, condition, limit);
    }
    bool online()
    {
        return until([this] { return courier.state().phase == sync::Phase::online; });
    }
    void grew()
    {
        for (const auto lane : lanes) courier.outbox_grew(lane);
    }
    std::uint64_t failures(sync::FailureKind kind) const
    {
        return courier.counters().failures[static_cast<std::size_t>(kind)];
    }

    boost::asio::io_context io;
    Instant now{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22}};
    std::vector<std::string> commands;
    MemoryOutbox outbox;
    sync::Courier courier;
};

}  // namespace raiten::test

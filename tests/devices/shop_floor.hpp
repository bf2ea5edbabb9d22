#pragma once

#include "tests/faults/quick_store.hpp"

#include <filesystem>
#include <functional>
#include <string>

/// What every test of a reader needs: a store with that reader, and patience.
namespace raiten::test {

struct FloorSpans {
    std::string checkin_stay = "1h";  ///< how long visits of check-ins and receipts stay open
    std::string checkin_debounce = "3s";
    std::string exit_timeout = "2s";
    std::string settle_grace = "2500ms";
    std::string lateness = "500ms";
};
inline constexpr std::chrono::milliseconds longer_than_exit{3'000};

/// Spans that a test can wait for.
inline std::string floor_rules(const FloorSpans& spans = {})
{
    return "[visits]\nenter_window = \"30s\"\nenter_sightings = 3\nenter_dwell = \"500ms\"\n"
           "lateness = \""
           + spans.lateness + "\"\nexit_timeout = \"" + spans.exit_timeout + "\"\nsettle_grace = \""
           + spans.settle_grace + "\"\ncheckin_stay = \"" + spans.checkin_stay
           + "\"\ncheckin_debounce = \"" + spans.checkin_debounce + "\"\n";
}
/// Where purchases are waited for.
inline const FloorSpans soon_settled{.checkin_stay = "1s"};

/// [[reader]] with these lines.
inline std::string reader_section(const std::string& name, const std::string& driver,
                                  const std::string& more)
{
    return "[[reader]]\nname = \"" + name + "\"\ndriver = \"" + driver + "\"\n" + more;
}

/// A running store on this machine's clock, and the loop that the emulated devices live on.
struct ShopFloor {
    /// `more` goes into a file of its own in raiten.d, for sections that StoreBox has begun.
    explicit ShopFloor(const std::string& settings, const std::string& more = {})
        : box{StoreBox::Clock::system, settings}
    {
        std::filesystem::create_directory(box.file("raiten.d"));
        box.write("raiten.d/more.toml", more);
        box.start();
    }

    bool until(const std::function<bool()>& condition)
    {
        return run_until(io, condition, std::chrono::seconds{40});
    }
    bool until_state(const std::string& reader, const std::string& state)
    {
        return until([&] { return reader_of(box, reader)["state"] == state; });
    }
    bool until_readings(const std::string& reader, std::size_t readings)
    {
        return until([&] { return reader_of(box, reader)["readings"] >= readings; });
    }
    bool until_visit(const std::string& member)
    {
        return until([&] { return !visits_of(box, member).empty(); });
    }
    /// Until the ledger knows of the member's one visit, which is open.
    bool until_open(const std::string& member)
    {
        return until([&] {
            const auto visits = visits_of(box, member);
            return visits.size() == 1 && visits[0]["state"] == "open";
        });
    }
    /// Until the member's newest visit has settled, or was amended, as a purchase.
    bool until_purchase(const std::string& member)
    {
        return until([&] {
            const auto visits = visits_of(box, member);
            return !visits.empty() && visits[0]["state"] == "settled"
                   && visits[0]["outcome"] == "purchase";
        });
    }

    /// One of "checkins", "duplicates", "receipts", … of the engine.
    double counted(const std::string& kind) const
    {
        return metric(box.get("/metrics").body,
                      "raiten_engine_events_total{kind=\"" + kind + "\"}");
    }
    /// Of /metrics: "up", "readings_total", "garbled_total", "down_total", …
    double reader_metric(const std::string& what, const std::string& reader) const
    {
        return metric(box.get("/metrics").body,
                      "raiten_reader_" + what + "{reader=\"" + reader + "\"}");
    }
    nlohmann::json open_visits() const
    {
        return body_of(box.get("/api/v1/visits?state=open")).at("visits");
    }
    nlohmann::json status() const { return body_of(box.get("/api/v1/status")); }
    /// When the store began, as it writes times: what a register's clock shows here.
    std::string started_at() const { return status().at("started_at"); }

    boost::asio::io_context io;
    StoreBox box;
};

inline bool is_open_alone(const nlohmann::json& visits)
{
    return visits.size() == 1 && visits[0]["state"] == "open";
}

}  // namespace raiten::test

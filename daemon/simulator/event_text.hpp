#pragma once

#include "daemon/simulator/store.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace raiten::simulator {

/// Times as text, "2026-11-22T10:00:00.120+09:00" on the store's clock. Quick where one second
/// follows the other.
class TimeText {
 public:
    static constexpr std::size_t size = 29;

    explicit TimeText(const StoreClock& clock) : clock_{clock} {}
    /// Exactly `size` characters.
    void put(Instant at, char* out);
    std::string text(Instant at);

 private:
    const StoreClock& clock_;
    std::chrono::sys_seconds second_{std::chrono::sys_seconds::min()};
    std::array<char, size> shown_{};
};

/// Arrivals as lines of normalised events: what raitenctl replay reads. `received_at` is left out
/// where it is the largest `at` so far. Currency is JPY.
class EventText {
 public:
    explicit EventText(const Store& store);

    /// Appends at most `count` lines from arrival `begin` on; gives the place of the next. Days and
    /// arrivals must come in order.
    std::size_t write(const Day& day, std::size_t begin, std::size_t count, std::string& out);

 private:
    void sighting(const Day& day, const Arrival& arrival, std::string& out);
    void other(const Day& day, const Arrival& arrival, std::string& out);
    std::string times(const Arrival& arrival);

    const Store& store_;
    TimeText time_;
    Instant largest_at_;
    std::vector<std::string> readers_;  ///< `","reader":"ent-1","token":"`
};

/// "sale", "refund", "void".
std::string_view text_of(ReceiptKind kind);

}  // namespace raiten::simulator

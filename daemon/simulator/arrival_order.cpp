#include "daemon/simulator/arrival_order.hpp"

#include "daemon/simulator/dice.hpp"

#include <algorithm>
#include <tuple>

namespace raiten::simulator {
namespace {

constexpr Millis doubled_within{std::chrono::seconds{2}};

/// What comes late says so by a received_at that is at least this long after `at`.
constexpr Millis late_from{std::chrono::seconds{1}};

bool earlier(const Arrival& a, const Arrival& b)
{
    return std::tie(a.received_at, a.at, a.reader, a.number, a.rssi_dbm, a.kind)
           < std::tie(b.received_at, b.at, b.reader, b.number, b.rssi_dbm, b.kind);
}

}  // namespace

void put_in_order_of_arrival(std::uint64_t seed, const Scenario& scenario, const Day& day,
                             std::vector<Arrival>& arrivals)
{
    auto dice = dice_for(seed, Purpose::lateness, {day.number});
    const auto last = day.span.to - Millis{1};
    const auto count = arrivals.size();
    for (std::size_t n = 0; n < count; ++n) {
        using Kind = Arrival::Kind;
        const auto kind = arrivals[n].kind;
        if (kind == Kind::reader_up || kind == Kind::reader_down) continue;
        const bool receipt = kind == Kind::receipt;
        const double chance = dice.share();
        if (chance >= scenario.doubled + std::max(scenario.late_sightings, scenario.late_receipts))
            continue;
        if (chance < scenario.doubled) {
            auto again = arrivals[n];
            again.received_at =
                std::min(last, again.received_at + dice.between(late_from, doubled_within));
            arrivals.push_back(again);
        } else if (chance - scenario.doubled
                   < (receipt ? scenario.late_receipts : scenario.late_sightings)) {
            const auto most = receipt ? receipt_lateness_max : sighting_lateness_max;
            if (kind == Kind::check_in) continue;
            auto& late = arrivals[n].received_at;
            late = std::min(last, late + dice.between(late_from, most));
        }
    }
    std::sort(arrivals.begin(), arrivals.end(), earlier);
    Instant largest_at = day.span.from;
    Instant previous = day.span.from;
    for (auto& arrival : arrivals) {
        largest_at = std::max(largest_at, arrival.at);
        const bool late = arrival.received_at - arrival.at >= late_from - Millis{100};
        arrival.received_at =
            std::max(previous, late ? std::max(arrival.received_at, arrival.at) : largest_at);
        previous = arrival.received_at;
    }
}

}  // namespace raiten::simulator

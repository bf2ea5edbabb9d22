#pragma once

#include "daemon/app/ndjson.hpp"
#include "daemon/ledger/rows.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace raiten::sim {

/// Something that happens in the store, and is told to the daemon at least once.
struct Act {
    Millis happens{};
    Millis told{};  ///< for the first time
    std::vector<Millis> told_again{};
    app::RawEvent event;  ///< `at` is put in when it happens
    bool lasting{};       ///< to be told until it is answered: a check-in, a receipt
    std::string name{};   ///< of a lasting act: "checkin tap-4", "receipt reg-1/12/sale"
};

struct ScriptPlan {
    std::uint64_t seed{};
    Millis span{};
    bool deliberate{};  ///< check-ins and receipts only, told within two minutes
};

inline constexpr int store_members = 9;

/// The days of a small store: visits, taps, purchases, returns, all drawn from the seed.
/// Ascending by `happens`.
std::vector<Act> store_script(const ScriptPlan& plan);

inline constexpr std::string_view door = "door", hall = "hall";

std::string member_name_of(int number);
std::string card_of(int number);
std::string beacon_of(int number);

}  // namespace raiten::sim

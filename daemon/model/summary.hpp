#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/base/money.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <string>

namespace raiten {

/// The store's figures for one local hour or one business day, over the visits that opened in it.
struct Summary {
    enum class Bucket : std::uint8_t { hour, day };
    Bucket bucket{};
    Instant from;
    Instant to;
    std::chrono::sys_days day{};  ///< business day
    std::uint32_t revision{};     ///< 1 when first issued, then +1 with each correction

    std::uint32_t visits{};
    std::uint32_t members{};      ///< unique
    std::uint32_t new_members{};  ///< whose first visit this was
    std::uint32_t passers_by{};
    std::uint32_t purchase_visits{};
    std::uint32_t non_purchase_visits{};
    std::uint32_t non_purchase_returns{};
    std::uint32_t returns_with_purchase{};
    Money revenue;
    std::string currency;

    /// Purchase visits by how many visits they took: 1, 2, 3, 4, 5 or more; and what was spent.
    std::array<std::uint32_t, 5> visits_to_purchase{};
    std::array<Money, 5> spend_by_visits_to_purchase{};

    friend bool operator==(const Summary&, const Summary&) = default;
};

}  // namespace raiten

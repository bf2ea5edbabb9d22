#pragma once

#include "daemon/base/money.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace raiten {

/// All that is known of one member at one moment. The names of the fields are the columns that
/// a campaign's `where` may use; what is not known is null there.
struct ScoreCard {
    std::string member;
    std::uint32_t visits{};     ///< settled visits before this one
    std::uint32_t purchases{};  ///< of these, with a purchase
    Money spend;                ///< sum over all purchases
    std::uint32_t streak{};     ///< non-purchase links in a row, this visit's own included
    std::optional<double> days_since_visit;
    std::optional<double> days_since_purchase;
    std::optional<double> days_since_first_visit;
    std::optional<std::uint8_t> birth_month;
    std::string zone;
};

}  // namespace raiten

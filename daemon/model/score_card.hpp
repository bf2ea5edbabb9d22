#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/base/money.hpp"
#include "daemon/model/stage.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace raiten {

/// All that is known of one member at one moment. What is not known is nothing. Each score stands
/// beside the inputs that it came from.
struct ScoreCard {
    std::string member;
    std::string zone;  ///< where the member is, "" if unknown
    std::optional<std::uint8_t> birth_month;

    // what was seen
    std::uint32_t visits{};           ///< settled visits before this one
    std::uint32_t purchases{};        ///< of these, with a purchase
    Money spend;                      ///< sum over all purchases
    std::uint32_t streak{};           ///< non-purchase links in a row, this visit's own included
    std::optional<double> dwell_min;  ///< of this visit, so far
    std::optional<double> days_since_visit;
    std::optional<double> days_since_purchase;
    std::optional<double> days_since_first_visit;
    std::optional<double> days_since_coupon;  ///< of any campaign

    // this moment
    std::optional<double> hour;                ///< local time of day, 0 to 24
    std::optional<std::uint8_t> weekday;       ///< of the business day: 1 Monday to 7 Sunday
    std::optional<Money> basket_total;         ///< of the receipt that was just printed
    std::string basket;                        ///< what is on it: "|coffee|4901234567894|"
    std::optional<Stage> stage_before;         ///< of a move of stage
    std::optional<std::uint8_t> survey_score;  ///< 0 to 10

    // how the member stands
    std::optional<Stage> stage;
    std::optional<std::uint8_t> rfm_r, rfm_f, rfm_m;  ///< 1 to 5
    std::optional<std::int32_t> recency_days;         ///< since the last purchase, else visit
    std::optional<std::uint32_t> frequency;           ///< days with a purchase, in the RFM window
    std::optional<Money> monetary;                    ///< spent in it; none without a purchase

    // buying
    std::optional<std::uint32_t> x;      ///< purchases after the first
    std::optional<double> t_x, t_total;  ///< last purchase and now, since the first, in time units
    std::optional<double> p_alive;
    std::optional<double> expected_purchases;  ///< over the horizon
    std::optional<double> expected_spend;      ///< of one, in units
    std::optional<double> ltv;                 ///< over the horizon, discounted, in units
    std::optional<double> p_purchase;          ///< at least one within the horizon of `churn`

    // coming
    std::optional<Instant> next_visit_at, next_visit_lo, next_visit_hi;  ///< 80 % between lo and hi
    std::optional<double> next_visit_days;  ///< from now to next_visit_at
    std::optional<double> p_visit_7d;
    std::optional<double> visit_hour_from, visit_hour_to;  ///< local hours, [from, to)

    std::optional<double> propensity;  ///< to buy on this visit

    // what the scores came from, besides
    std::optional<std::int32_t> seen_days, silent_days;  ///< since first and last seen
    std::optional<double> mean_spend;        ///< of the purchases after the first, in units
    std::optional<std::uint32_t> gaps;       ///< between visit days
    std::optional<double> typical_gap_days;  ///< between visit days, as the next visit has it
    std::optional<double> own_weight;        ///< share of the member's own gaps in that, 0 to 1
};

/// A value of the card as SQL, CSV and JSON show it; nothing where it is not known.
using CardValue = std::variant<std::monostate, std::int64_t, double, std::string_view>;

/// One column that a campaign's `where` may use. The text of a value lives as long as the card.
struct CardColumn {
    std::string_view name;
    std::string_view type;  ///< SQL: TEXT, INTEGER, REAL, NUMERIC
    std::string_view says;  ///< for whoever writes campaigns
    CardValue (*of)(const ScoreCard& card);
};

/// All of them; their order is that of the score card's tables.
std::span<const CardColumn> card_columns();

}  // namespace raiten

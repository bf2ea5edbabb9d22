#pragma once

#include "daemon/model/records.hpp"
#include "daemon/model/score_card.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

/// Members in the store who are worth approaching first.
namespace raiten::app {

/// Why somebody is.
enum class Worth : std::uint8_t {
    coupon,       ///< holds a coupon that can be used now
    came_back,    ///< is back after leaving without buying: `streak` says how often
    drifting,     ///< was at risk or dormant by the last night, and is here
    may_not_buy,  ///< spends much, and is likely to leave without buying this time
};
std::string_view text_of(Worth);

/// What is known of one member who is here.
struct Present {
    VisitRecord visit;
    ScoreCard card;
    std::vector<CouponRecord> coupons;
};

struct Target {
    std::size_t present{};  ///< which of them
    std::vector<Worth> why;
    std::optional<CouponId> coupon;  ///< the usable one that expires first
    double at_stake{};  ///< expected spend × (1 − propensity), 0 where it is not known
};

/// From here on buying is not left to be helped along.
inline constexpr double sure_to_buy = 0.75;
/// Members whose money rank is at least this spend much.
inline constexpr std::uint8_t spends_much = 4;

/// At most `most`, in the order in which somebody should walk over: first who holds a coupon, for
/// it may be gone tomorrow; then who has more reasons; then where more is at stake; then who came
/// first, for they leave first. Who has bought on this visit, or has no reason, is not among them.
std::vector<Target> targets_among(std::span<const Present> present, Instant now, std::size_t most);

}  // namespace raiten::app

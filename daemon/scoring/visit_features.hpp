#pragma once

#include "daemon/model/records.hpp"
#include "daemon/model/rules.hpp"
#include "daemon/model/stage.hpp"
#include "daemon/scoring/online_logistic.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What is known of a visit while it lasts, and the moments of it that a settled visit teaches.
namespace raiten::scoring {

inline constexpr std::string_view register_zone = "register";

struct ZoneTime {
    std::string zone;
    double seconds{};
};

/// Everything is as of one moment of the visit; nothing of it may come from later. Numbers that are
/// not finite, or below 0, count as 0.
struct VisitFeatures {
    std::uint32_t streak{};               ///< non-purchase links, this visit's own included
    std::optional<double> dwell_minutes;  ///< so far; nothing where nobody heard them, only acts
    /// So far; nothing where not known: then no zone speaks for or against. Names are hashed into
    /// zone_slots_max places; the register has one of its own.
    std::optional<std::vector<ZoneTime>> zones;
    double local_hour{};                        ///< of the opening, 0 to 24, with its minutes
    std::uint8_t weekday{};                     ///< of the opening, local: Monday is 0
    std::optional<double> days_since_purchase;  ///< nothing: never bought
    std::uint32_t visits{};                     ///< settled before this one
    std::uint32_t purchases{};                  ///< of these, with a purchase
    Stage stage{Stage::fresh};
    bool coupon{};      ///< one that may be redeemed, in hand
    bool checked_in{};  ///< arrived by an act, not by being heard
};

/// What is known of a member when a visit opens.
struct OpeningFacts {
    std::uint32_t streak{};
    std::uint32_t visits{}, purchases{};  ///< settled before
    std::optional<Instant> bought_at;     ///< opening of the last of those purchases
    Stage stage{Stage::fresh};
    bool coupon{};      ///< one that could be redeemed by the time the visit was known to be one
    bool checked_in{};  ///< the first who noticed was a desk
};
/// The features that do not change during the visit.
VisitFeatures opening_features(const VisitRecord& visit, const OpeningFacts& facts,
                               const StoreClock& clock);

/// Times of a visit that are learned: minutes since its opening. Landmarks, after van Houwelingen
/// (2007), Scandinavian Journal of Statistics 34(1): each asks only those who were then still there
/// and had not bought, with what was known then.
inline constexpr std::array<double, 6> landmark_minutes{0, 2, 5, 10, 20, 40};

struct Landmark {
    std::uint8_t moment{};  ///< place in landmark_minutes
    VisitFeatures features;
};

/// Where a member was, as the engine saw it.
struct ZoneStay {
    std::string zone;
    Instant from, to;
};

/// Whether a settled visit may teach at all: not where a receipt is doubtful or inferred below .8,
/// or nobody listened for long.
bool teaches(const VisitRecord& settled);

/// An open visit as of `now`; `at_opening` says what does not change during it.
VisitFeatures features_at(const VisitRecord& open, const VisitFeatures& at_opening, Instant now);

/// The landmarks that the visit reached before it bought or left; empty where it opened with its
/// receipt, or does not teach. A visit without sightings has its opening only, since how long it
/// lasted is not known.
///
/// A settled visit holds totals by zone, and totals are not known at a landmark: scaled to it, the
/// register at the end of a visit would foretell the purchase at its beginning. So zones are known
/// only where `stays` says when they were; without it they are left out.
std::vector<Landmark> landmarks_of(const VisitRecord& settled, const VisitFeatures& at_opening,
                                   std::optional<std::span<const ZoneStay>> stays = {});

/// The inputs of the model. The list is fixed, part of what is stored.
namespace inputs {

inline constexpr std::uint16_t zone_slots_max = 16;
inline constexpr std::uint16_t intercept = 0;
inline constexpr std::uint16_t returned = 1;  ///< streak > 0
inline constexpr std::uint16_t streak = 2;    ///< ln(1 + streak)
inline constexpr std::uint16_t dwell = 3;     ///< 5: hats over 2, 5, 10, 20, 40 minutes
inline constexpr std::uint16_t hour = 8;      ///< 4: sine and cosine of a day and half a day
inline constexpr std::uint16_t weekday = 12;  ///< 7
inline constexpr std::uint16_t bought = 19;   ///< ever
inline constexpr std::uint16_t since = 20;    ///< ln(1 + weeks since the last purchase)
inline constexpr std::uint16_t first = 21;    ///< no settled visit yet
inline constexpr std::uint16_t visits = 22;   ///< ln(1 + visits)
inline constexpr std::uint16_t habit = 23;    ///< log odds of the member's own rate, drawn to the
                                              ///< store's by four visits, less the store's
inline constexpr std::uint16_t stage = 24;    ///< 6
inline constexpr std::uint16_t coupon = 30;
inline constexpr std::uint16_t checked_in = 31;
inline constexpr std::uint16_t blind = 32;        ///< zones are not known
inline constexpr std::uint16_t at_register = 33;  ///< ln(1 + minutes), as for all zones
inline constexpr std::uint16_t zone = 34;         ///< zone_slots_max
inline constexpr std::uint16_t count = zone + zone_slots_max;

}  // namespace inputs

/// The last landmark that a visit has reached.
std::uint8_t moment_of(const VisitFeatures& features);

std::uint16_t zone_slot(std::string_view zone);  ///< below zone_slots_max

/// `store_rate`: the share of visits with a purchase, within (0, 1).
std::vector<Term> terms_of(const VisitFeatures& features, double store_rate);

/// What is held of the weights before any visit: about 0.
std::vector<OnlineLogistic::Prior> prior_of_inputs();

}  // namespace raiten::scoring

#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/base/money.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace raiten {

/// What happens in a member's life that a campaign can answer.
enum class Moment : std::uint8_t {
    visit_opened,
    non_purchase_return,
    left_without_purchase,
    first_visit,
    first_purchase,
    purchased,
    visit_predicted,
    stage_changed,
    went_dormant,
    birthday_month,
    survey_answered,
};
inline constexpr std::size_t moment_count = 11;

std::string_view text_of(Moment);
std::optional<Moment> moment_of(std::string_view text);

/// How an offer reaches its member. Everyone who is tracked agreed to the kiosk.
enum class Channel : std::uint8_t { kiosk, app, mail, wallet };
inline constexpr std::size_t channel_count = 4;

std::string_view text_of(Channel);
std::optional<Channel> channel_of(std::string_view text);

/// A set of channels, one bit each.
using Channels = std::uint8_t;
constexpr Channels bit_of(Channel channel)
{
    return static_cast<Channels>(1U << static_cast<unsigned>(channel));
}
inline constexpr Channels all_channels = (1U << channel_count) - 1U;

/// One arm of a campaign.
struct Offer {
    std::string code;
    std::map<std::string, std::string> text;  ///< by language: "ja", "en"
    Money value;
    Money cost;
    std::string item;
};

/// So many within a rolling span, or within a business day.
struct UseLimit {
    std::uint32_t count{};
    std::optional<Millis> period;  ///< nothing: the business day
    friend bool operator==(const UseLimit&, const UseLimit&) = default;
};

/// Local times of day between which nobody is bothered; over midnight where `to` is before `from`.
struct QuietHours {
    std::chrono::minutes from{};
    std::chrono::minutes to{};
    friend bool operator==(const QuietHours&, const QuietHours&) = default;
};

/// What HQ sends, or the store keeps in a folder. Absent limits do not limit.
struct Campaign {
    std::string id;  ///< 1 to 64 of letters, digits, - and _
    Moment moment{};
    std::string where;  ///< SQL expression over the score card; "" means everybody
    std::vector<Offer> offers;
    std::optional<Instant> starts_at;
    std::optional<Instant> ends_at;
    Millis valid_for{std::chrono::hours{24}};
    Millis lead{std::chrono::hours{3}};  ///< of `visit_predicted`: before the predicted visit
    Channel channel{Channel::kiosk};
    double control{0.10};  ///< share withheld at random, 0 to 1

    std::vector<UseLimit> per_member;  ///< decisions for one member
    std::vector<UseLimit> per_store;   ///< triggers in this store
    std::optional<Money> budget;       ///< sum of the costs of triggered offers
    struct Stock {
        std::uint32_t count{};
        bool daily{};   ///< so many each business day, else in all
        bool spread{};  ///< daily: over the day, as visits are expected
        friend bool operator==(const Stock&, const Stock&) = default;
    };
    std::optional<Stock> stock;
    bool leased{};  ///< budget and stock are the chain's: this store has what HQ leases to it
    std::optional<QuietHours> quiet_hours;
    std::optional<Millis> min_gap;  ///< since the member's last coupon of any campaign

    /// Only members on whom the offer has an effect, once that was learned.
    struct Target {
        std::optional<double> top_share;   ///< of the members by estimated uplift, 0 to 1
        std::optional<double> uplift_min;  ///< least estimated uplift
        friend bool operator==(const Target&, const Target&) = default;
    };
    std::optional<Target> target;
};

/// The store's own rules for all campaigns together, from the configuration.
struct CampaignRules {
    double control{};                  ///< share of members who never get any coupon
    std::vector<UseLimit> per_member;  ///< coupons for one member, of all campaigns
    std::vector<UseLimit> per_store;   ///< triggers in this store, of all campaigns
    std::optional<QuietHours> quiet_hours;
    std::optional<Millis> min_gap;
};

/// What HQ gives this store of a campaign's budget and stock. All amounts are totals since the
/// campaign began, so that a grant which comes twice, late or out of order changes nothing wrongly.
struct LeaseGrant {
    std::string campaign;
    std::uint64_t version{};  ///< a higher one replaces a lower one
    Money budget;
    std::uint64_t stock{};
    Instant until;  ///< from then on what is not used goes back
};

/// What this store has made of its leases of a campaign, in totals too: of what was granted,
/// `budget_returned` and `stock_returned` are HQ's again.
struct LeaseReport {
    std::string campaign;
    std::uint64_t version{};  ///< of the grant
    Money budget_used, budget_reserved, budget_returned;
    std::uint64_t stock_used{}, stock_reserved{}, stock_returned{};
};

}  // namespace raiten

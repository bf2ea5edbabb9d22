#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/base/money.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace raiten {

/// What happens in a member's life that a campaign can answer.
enum class Moment : std::uint8_t { non_purchase_return };

std::string_view text_of(Moment);
std::optional<Moment> moment_of(std::string_view text);

/// One arm of a campaign.
struct Offer {
    std::string code;
    std::map<std::string, std::string> text;  ///< by language: "ja", "en"
    Money value;
    Money cost;
    std::string item;
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
    double control{0.10};  ///< share withheld at random, 0 to 1

    struct PerMember {
        std::uint32_t count{};
        Millis period{};
    };
    std::optional<PerMember> per_member;
    std::optional<std::uint32_t> per_day;  ///< triggers a business day in this store
    std::optional<Money> budget;           ///< sum of the costs of triggered offers
    std::optional<Millis> min_gap;         ///< since the member's last coupon of any campaign
};

}  // namespace raiten

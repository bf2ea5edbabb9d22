#include "daemon/model/campaign.hpp"

#include <algorithm>
#include <array>

namespace raiten {
namespace {

constexpr std::array<std::string_view, moment_count> moments{
    "visit_opened",   "non_purchase_return", "left_without_purchase", "first_visit",
    "first_purchase", "purchased",           "visit_predicted",       "stage_changed",
    "went_dormant",   "birthday_month",      "survey_answered"};

constexpr std::array<std::string_view, channel_count> channels{"kiosk", "app", "mail", "wallet"};

template <class Enum, std::size_t n>
std::optional<Enum> found_in(const std::array<std::string_view, n>& names, std::string_view text)
{
    const auto place = std::find(names.begin(), names.end(), text);
    if (place == names.end()) return std::nullopt;
    return static_cast<Enum>(place - names.begin());
}

}  // namespace

std::string_view text_of(Moment moment)
{
    return moments.at(static_cast<std::size_t>(moment));
}

std::optional<Moment> moment_of(std::string_view text)
{
    return found_in<Moment>(moments, text);
}

std::string_view text_of(Channel channel)
{
    return channels.at(static_cast<std::size_t>(channel));
}

std::optional<Channel> channel_of(std::string_view text)
{
    return found_in<Channel>(channels, text);
}

}  // namespace raiten

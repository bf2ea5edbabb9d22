#include "daemon/scoring/offers.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

namespace raiten::scoring {
namespace {

constexpr std::uint32_t stays_remembered = 200;
constexpr double seconds_least = 1, seconds_most = 86'400;

}  // namespace

std::vector<Pick> next_basket(const Tastes& member, const Affinity& store, const Catalogue& shop,
                              std::size_t most)
{
    std::vector<Pick> picks;
    for (const auto& own : member.own()) {
        Pick pick{own.item, 0, 0, own.weight, shop.return_rate(own.item)};
        picks.push_back(pick);
    }
    const auto owned = picks.size();
    for (const auto item : store.most_sold(most + owned)) {
        const auto known =
            std::find_if(picks.begin(), picks.begin() + static_cast<std::ptrdiff_t>(owned),
                         [&](const Pick& each) { return each.item == item; });
        if (known == picks.begin() + static_cast<std::ptrdiff_t>(owned)) picks.push_back({item});
    }
    const double baskets = std::max<std::uint32_t>(store.baskets(), 1);
    for (auto& pick : picks) {
        pick.popularity = store.count(pick.item) / baskets;
        pick.score = pick.popularity + pick.own_weight * pick.return_rate;
    }
    std::sort(picks.begin(), picks.end(), [](const Pick& a, const Pick& b) {
        return a.score != b.score ? a.score > b.score : a.item < b.item;
    });
    if (picks.size() > most) picks.resize(most);
    return picks;
}

void UsualStay::note(const ZoneDwell& stay)
{
    if (stay.zone.size() > zone_bytes_max || !std::isfinite(stay.seconds) || stay.seconds <= 0)
        return;
    std::string zone{stay.zone};
    auto known = zones_.find(zone);
    if (known == zones_.end()) {
        if (zones_.size() == zones_max) return;
        known = zones_.emplace(std::move(zone), Usual{}).first;
    }
    auto& usual = known->second;
    if (usual.stays < stays_remembered) ++usual.stays;
    const double seconds = std::clamp(stay.seconds, seconds_least, seconds_most);
    usual.log_seconds += (std::log(seconds) - usual.log_seconds) / usual.stays;
}

std::optional<double> UsualStay::seconds(std::string_view zone) const
{
    const auto known = zones_.find(std::string{zone});
    if (known == zones_.end()) return {};
    return std::exp(known->second.log_seconds);
}

bool UsualStay::sound()
{
    bool good = zones_.size() <= zones_max;
    for (const auto& [zone, usual] : zones_)
        good = good && zone.size() <= zone_bytes_max && usual.stays > 0
               && usual.stays <= stays_remembered && usual.log_seconds >= 0
               && usual.log_seconds <= std::log(seconds_most);
    if (!good) zones_.clear();
    return good;
}

std::vector<Looked> looked_not_bought(std::span<const ZoneDwell> stays,
                                      std::span<const std::string_view> bought,
                                      const UsualStay& usual, double seconds_min)
{
    std::map<std::string_view, double> seconds;
    for (const auto& stay : stays)
        if (std::isfinite(stay.seconds) && stay.seconds > 0) seconds[stay.zone] += stay.seconds;
    std::vector<Looked> out;
    for (const auto& [zone, stayed] : seconds) {
        if (stayed < seconds_min || std::find(bought.begin(), bought.end(), zone) != bought.end())
            continue;
        out.push_back({std::string{zone}, stayed, usual.seconds(zone).value_or(stayed)});
    }
    std::sort(out.begin(), out.end(), [](const Looked& a, const Looked& b) {
        return std::tuple{b.times_usual(), b.seconds, a.category}
               < std::tuple{a.times_usual(), a.seconds, b.category};
    });
    return out;
}

}  // namespace raiten::scoring

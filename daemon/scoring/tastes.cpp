#include "daemon/scoring/tastes.hpp"

#include <algorithm>
#include <functional>
#include <tuple>

namespace raiten::scoring {
namespace {

constexpr std::uint16_t weight_unit = 512;
constexpr std::uint16_t weight_max = 0x3fff;  // beyond ten units, where weights end

}  // namespace

void Tastes::begin(std::int32_t day, Catalogue& shop)
{
    day_ = day;
    for (auto& each : kept_) {
        shop.note_chance(each.item);
        each.weight = static_cast<std::uint16_t>(each.weight - each.weight / 10);
        each.today = false;
    }
}

void Tastes::note(std::int32_t day, std::span<const ItemId> basket, Catalogue& shop)
{
    const auto once = distinct(basket, basket_lines_max);
    if (once.empty()) return;
    if (day > day_) begin(day, shop);
    std::vector<Kept> fresh;
    for (const auto item : once) {
        const auto known =
            std::lower_bound(kept_.begin(), kept_.end(), item,
                             [](const Kept& each, ItemId wanted) { return each.item < wanted; });
        if (known == kept_.end() || known->item != item) {
            fresh.push_back({item, weight_unit, true});
        } else if (!known->today) {
            known->weight = static_cast<std::uint16_t>(
                std::min<unsigned>(known->weight + weight_unit, weight_max));
            known->today = true;
            shop.note_again(item);
        }
    }
    kept_.insert(kept_.end(), fresh.begin(), fresh.end());
    if (kept_.size() > items_max) {
        const auto rank = [&](const Kept& each) {
            const auto* article = shop.find(each.item);
            return std::tuple{each.weight, article == nullptr ? 0 : article->sold, each.item};
        };
        std::sort(kept_.begin(), kept_.end(),
                  [&](const Kept& a, const Kept& b) { return rank(a) > rank(b); });
        kept_.resize(items_max);
    }
    std::sort(kept_.begin(), kept_.end(),
              [](const Kept& a, const Kept& b) { return a.item < b.item; });
}

std::vector<Tastes::Own> Tastes::own() const
{
    std::vector<Own> out;
    for (const auto& each : kept_)
        out.push_back({each.item, static_cast<double>(each.weight) / weight_unit});
    return out;
}

bool Tastes::sound()
{
    const bool good =
        kept_.size() <= items_max
        && std::adjacent_find(kept_.begin(), kept_.end(), [](const Kept& a, const Kept& b) {
               return a.item >= b.item;
           }) == kept_.end();
    if (!good) *this = {};
    return good;
}

}  // namespace raiten::scoring

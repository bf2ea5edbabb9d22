#include "daemon/scoring/catalogue.hpp"

#include "daemon/scoring/rfm.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>

namespace raiten::scoring {
namespace {

/// At most `most` bytes, and no part of a character (UTF-8).
std::string_view cut(std::string_view text, std::size_t most)
{
    if (text.size() <= most) return text;
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0U) == 0x80U) --most;
    return text.substr(0, most);
}

constexpr double tries_of_prior = 200;
constexpr double rate_of_newborn = 0.05;
constexpr double price_memory = 0.1;  // weight of the newest sale

}  // namespace

Article& Catalogue::sell(ItemId item)
{
    std::uint32_t sold = 0;
    const auto known = articles_.find(item);
    if (known != articles_.end()) {
        sold = known->second.sold;
        by_sales_.erase({sold, item});
    } else if (articles_.size() == articles_max) {
        sold = by_sales_.begin()->first;
        articles_.erase(by_sales_.begin()->second);
        by_sales_.erase(by_sales_.begin());
    }
    by_sales_.emplace(++sold, item);
    auto& at = known != articles_.end() ? known->second : articles_[item];
    at.sold = sold;
    return at;
}

void Catalogue::order()
{
    by_sales_.clear();
    for (const auto& [item, each] : articles_) by_sales_.emplace(each.sold, item);
}

void Catalogue::note(const Sold& line)
{
    auto& at = sell(line.item);
    if (!line.name.empty()) at.name = cut(line.name, text_bytes_max);
    if (!line.category.empty()) at.category = cut(line.category, text_bytes_max);
    if (std::isfinite(line.unit_price) && line.unit_price > 0)
        at.price += at.price == 0 ? line.unit_price : price_memory * (line.unit_price - at.price);
    if (++sales_ < sales_to_halve) return;
    sales_ = 0;
    for (auto& [item, each] : articles_) each.sold /= 2;
    order();
}

void Catalogue::note_chance(ItemId item)
{
    ++tried_;
    const auto known = articles_.find(item);
    if (known == articles_.end() || ++known->second.tried < sales_to_halve) return;
    known->second.tried /= 2;
    known->second.again /= 2;
}

void Catalogue::note_again(ItemId item)
{
    if (again_ < tried_) ++again_;
    const auto known = articles_.find(item);
    // The article may have left and come back since its chance.
    if (known != articles_.end() && known->second.again < known->second.tried)
        ++known->second.again;
}

const Article* Catalogue::find(ItemId item) const
{
    const auto known = articles_.find(item);
    return known == articles_.end() ? nullptr : &known->second;
}

double Catalogue::return_rate(ItemId item) const
{
    const double mean =
        tried_ == 0 ? rate_of_newborn : static_cast<double>(again_) / static_cast<double>(tried_);
    const auto* known = find(item);
    if (known == nullptr) return mean;
    return (known->again + tries_of_prior * mean) / (known->tried + tries_of_prior);
}

std::optional<NextTier> Catalogue::next_tier(ItemId item, double dearer_max) const
{
    const auto* now = find(item);
    if (now == nullptr || now->price <= 0 || now->category.empty()) return {};
    std::vector<double> prices;
    for (const auto& [id, each] : articles_)
        if (each.price > 0 && each.category == now->category) prices.push_back(each.price);
    if (prices.size() < tier_articles_min) return {};
    std::sort(prices.begin(), prices.end());
    const std::array cuts{quantile(prices, 0.25), quantile(prices, 0.5), quantile(prices, 0.75)};
    const auto tier_of = [&](double price) {
        return 1
               + static_cast<unsigned>(std::lower_bound(cuts.begin(), cuts.end(), price)
                                       - cuts.begin());
    };

    std::optional<NextTier> best;
    for (const auto& [id, each] : articles_) {
        if (each.category != now->category || each.price <= now->price
            || each.price > dearer_max * now->price || tier_of(each.price) <= tier_of(now->price))
            continue;
        const NextTier one{id, now->price, each.price, tier_of(each.price), each.sold};
        const auto rank = [](const NextTier& of) {
            return std::tuple{of.tier, -std::int64_t{of.sold}, of.to, of.item};
        };
        if (!best || rank(one) < rank(*best)) best = one;
    }
    return best;
}

bool Catalogue::sound()
{
    bool good = articles_.size() <= articles_max && sales_ < sales_to_halve && again_ <= tried_;
    for (const auto& [item, each] : articles_)
        good = good && each.name.size() <= text_bytes_max && each.category.size() <= text_bytes_max
               && std::isfinite(each.price) && each.price >= 0 && each.again <= each.tried
               && each.tried < sales_to_halve;
    if (!good) *this = {};
    order();
    return good;
}

}  // namespace raiten::scoring

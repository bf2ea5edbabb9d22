#pragma once

#include "daemon/scoring/item.hpp"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

/// What the store's receipts tell of its articles.
namespace raiten::scoring {

/// One line of a receipt.
struct Sold {
    ItemId item;
    std::string_view name{}, category{};
    double unit_price{};  ///< in money; 0 or less tells no price
};

struct Article {
    std::string name, category;  ///< cut to Catalogue::text_bytes_max
    double price{};              ///< running mean over its last sales; 0 is unknown
    std::uint32_t sold{};        ///< sales, halved where they grow old
    std::uint32_t tried{};       ///< purchase days of members who had it among their own items
    std::uint32_t again{};       ///< of these, days on which it was bought once more

    template <class Archive>
    void archive(Archive& a)
    {
        a(name, category, price, sold, tried, again);
    }
};

/// A dearer article in place of another.
struct NextTier {
    ItemId item;
    double from{}, to{};  ///< prices
    unsigned tier{};      ///< of `item`: 2 (of 4) is the second cheapest quarter of the category
    std::uint32_t sold{};
};

/// The articles sold most. When they are too many, the one sold least makes room, and the newcomer
/// inherits its sales (space saving: Metwally, Agrawal & El Abbadi 2005); all halve once in
/// `sales_to_halve` sales, so that what is sold no more leaves.
class Catalogue {
 public:
    static constexpr std::size_t articles_max = 4'096;
    static constexpr std::size_t text_bytes_max = 48;
    static constexpr std::uint32_t sales_to_halve = 1U << 18U;

    void note(const Sold& line);
    /// A member with this among the own items has a purchase day.
    void note_chance(ItemId item);
    /// On that day, it was bought once more.
    void note_again(ItemId item);

    const Article* find(ItemId item) const;
    std::size_t size() const { return articles_.size(); }

    /// That a member buys an own item again on the next purchase day: again / tried, drawn to the
    /// mean of all articles as by 200 more tries. 0.05 before anything is known.
    double return_rate(ItemId item) const;

    /// The next price tier (up-sell). The articles of the item's category with a price, at least
    /// tier_articles_min, fall into four tiers at the quartiles of their prices; of the next
    /// tier that has an article dearer than this one, at most `dearer_max` times its price, the one
    /// sold most, then the cheaper. Nothing where the item is unknown or none is found.
    std::optional<NextTier> next_tier(ItemId item, double dearer_max = 2) const;
    static constexpr std::size_t tier_articles_min = 4;

    template <class Archive>
    void archive(Archive& a)
    {
        a(articles_, sales_, tried_, again_);
        if constexpr (Archive::reading)
            if (!sound()) a.fail();
    }

 private:
    Article& sell(ItemId item);
    void order();
    bool sound();

    std::unordered_map<ItemId, Article> articles_;
    std::set<std::pair<std::uint32_t, ItemId>> by_sales_;  ///< of articles_
    std::uint32_t sales_{};                                ///< since all were halved
    std::uint64_t tried_{}, again_{};
};

}  // namespace raiten::scoring

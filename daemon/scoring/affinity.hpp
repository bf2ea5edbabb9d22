#pragma once

#include "daemon/scoring/item.hpp"

#include <optional>
#include <unordered_map>

/// What is bought together, from the store's own last baskets.
namespace raiten::scoring {

struct AffinityBounds {
    std::uint32_t items{4'096};        ///< at most 65,535
    std::uint32_t lines{1U << 18U};    ///< over all baskets
    std::uint32_t baskets{1U << 16U};  ///< at most 65,536
    std::uint32_t basket_lines{512};   ///< of one; below `items` and `lines`
    std::uint32_t asked{64};           ///< items of a basket that are asked for complements
    std::uint32_t walked{1U << 16U};   ///< lines looked at for one answer
};

/// Two items in the baskets that are kept: exact counts, and the measures of association.
struct PairCounts {
    std::uint32_t together{}, a{}, b{}, baskets{};

    double support() const;     ///< P(a, b)
    double confidence() const;  ///< P(b | a)
    double lift() const;        ///< P(a, b) / (P(a) P(b)): Brin, Motwani, Ullman & Tsur (1997)
    double cosine() const;    ///< P(a, b) / √(P(a) P(b)): Sarwar, Karypis, Konstan & Riedl (2001)
    double leverage() const;  ///< P(a, b) − P(a) P(b): Piatetsky-Shapiro (1991)
};

/// An item that goes with a basket, and why: of the last `of` baskets with `because`, `together`
/// had this item as well.
struct Complement {
    ItemId item;
    double score{};  ///< only to rank by
    ItemId because;  ///< the item of the basket that spoke for it most
    std::uint32_t together{}, of{};
    double confidence{}, lift{};
};

struct ComplementRules {
    std::size_t most{10};
    double lift_min{0};             ///< of the item that spoke for it most
    std::uint32_t together_min{1};  ///< likewise
};

/// The last baskets of a store, without a word on who bought them, and which baskets hold an item.
/// Every count is exact for the baskets kept, so what is noted can be forgotten, and habits of long
/// ago leave with their baskets. About 3 MB at the standard bounds, however many pairs there are.
///
/// Bounds. The oldest basket goes when lines or baskets are too many. When items are too many, the
/// one of least merit is dropped from all baskets: merit counts sales, a newcomer inherits what it
/// displaced (space saving: Metwally, Agrawal & El Abbadi 2005), and it halves once in `lines`
/// lines. Of a basket beyond `basket_lines` the smallest ids are kept. Within the bounds no answer
/// depends on the order of baskets.
///
/// How well b goes with a basket A, summed over its items a:
///
///     c = Σ √(2/|B|) over baskets B with a and b       a long basket says less of its pairs
///     p = c / (nₐ + 20)                                shrunk confidence
///     score = Σₐ p · log(1 + p · N / (n_b + 20) / 8)   lift counts, by its logarithm only
///
/// Confidence alone repeats what sells anyway, lift alone what sold by chance: the product serves
/// shops of 169 and of 2,000 articles alike. Items are asked from the rarest; where `walked` would
/// be exceeded, of the frequent ones only the last baskets are looked at.
class Affinity {
 public:
    explicit Affinity(const AffinityBounds& bounds = {});

    /// A basket was bought; any order, doubled items count once, an empty one is none.
    void note(std::span<const ItemId> basket);
    /// The newest basket of just these items is taken back. False where none is kept.
    bool forget(std::span<const ItemId> basket);

    std::uint32_t baskets() const { return live_baskets_; }
    std::uint32_t items() const { return static_cast<std::uint32_t>(slot_of_.size()); }
    std::uint32_t count(ItemId item) const;                       ///< baskets with it
    std::uint32_t together(std::span<const ItemId> items) const;  ///< baskets with all of these
    PairCounts pair(ItemId a, ItemId b) const;
    /// By baskets with it, most first; of equals the smaller id.
    std::vector<ItemId> most_sold(std::size_t most) const;
    /// What goes with a basket and is not in it, best first. Items unknown here say nothing.
    std::vector<Complement> complements(std::span<const ItemId> basket,
                                        const ComplementRules& rules = {}) const;

    std::size_t memory_bytes() const;

    template <class Archive>
    void archive(Archive& a)
    {
        Packed packed;
        if constexpr (!Archive::reading) packed = pack();
        a(packed.items, packed.merit, packed.lines_since_halving, packed.baskets);
        if constexpr (Archive::reading)
            if (!a.good() || !unpack(packed)) a.fail();
    }

 private:
    using Slot = std::uint16_t;
    static constexpr Slot no_item = 0xffff;
    static constexpr double weight_unit = 65'536;  ///< of a basket of two

    /// Items ascending, each in some basket; baskets from the oldest, as places in `items`,
    /// ascending.
    struct Packed {
        std::vector<ItemId> items;
        std::vector<std::uint32_t> merit;
        std::uint32_t lines_since_halving{};
        std::vector<std::vector<Slot>> baskets;
    };

    /// Lines lie in a ring, basket after basket. Those of an item are chained from the newest to
    /// the oldest; a line taken back stays in its chain without an item until the ring passes it.
    struct Line {
        std::uint32_t before{};  ///< the line before of the same item
        Slot item{};             ///< none where taken back
        std::uint16_t basket{};  ///< place in baskets_
    };
    struct BasketAt {
        std::uint32_t first{};  ///< its first line in the ring
        std::uint16_t size{};   ///< lines in the ring
        std::uint16_t live{};   ///< of them not taken back
    };
    struct ItemAt {
        ItemId id;
        std::uint32_t count{};
        std::uint32_t merit{};
        std::uint32_t newest{};  ///< line
    };
    struct Tally;

    Packed pack() const;
    bool well_formed(const Packed& packed) const;
    bool unpack(const Packed& packed);
    void clear();
    void append(std::span<const ItemId> once);
    void make_room(std::uint32_t lines);
    void drop_oldest();
    void take_back(std::uint32_t line);
    Slot slot_for(ItemId item, std::uint16_t basket);
    std::uint32_t drop_least(std::uint16_t spared);
    void age(std::uint32_t lines);
    std::optional<std::uint32_t> find(std::span<const Slot> once) const;
    std::uint32_t line_after(std::uint32_t line, std::uint32_t steps) const;
    /// Its lines from the newest, until `visit` says no.
    template <class Visit>
    void each_basket(const ItemAt& item, const Visit& visit) const
    {
        auto line = item.newest;
        for (auto left = item.count; left > 0; line = lines_[line].before) {
            if (lines_[line].item == no_item) continue;
            --left;
            if (!visit(line)) return;
        }
    }
    void ask(Slot asked, std::uint32_t share_of_walk, Tally& tally) const;

    AffinityBounds bounds_;
    std::vector<std::uint64_t> weights_;  ///< by the size of a basket
    std::vector<Line> lines_;
    std::vector<BasketAt> baskets_;
    std::uint32_t first_basket_{}, kept_baskets_{}, next_line_{}, kept_lines_{};
    std::uint32_t live_baskets_{}, live_lines_{}, lines_since_halving_{};
    std::vector<ItemAt> item_at_;
    std::vector<Slot> free_slots_;
    std::unordered_map<ItemId, Slot> slot_of_;
};

}  // namespace raiten::scoring

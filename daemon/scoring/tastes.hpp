#pragma once

#include "daemon/scoring/catalogue.hpp"

namespace raiten::scoring {

/// The items that one member buys again and again: the 24 with most weight. A purchase day adds 1
/// to the weight of what was bought, after all weights have lost a tenth (personal frequency with
/// recency: Hu, He, Gao & Zhang, TIFU-KNN, 2020). At most 256 bytes as an archive.
class Tastes {
 public:
    static constexpr std::size_t items_max = 24;
    static constexpr std::size_t basket_lines_max = 512;

    /// A receipt of a day (a count that does not fall; an earlier one counts as the last day).
    /// Several receipts of one day are one purchase, in whatever order. What of the own items came
    /// again, and what did not, is told to the catalogue.
    void note(std::int32_t day, std::span<const ItemId> basket, Catalogue& shop);

    struct Own {
        ItemId item;
        double weight{};
    };
    /// Ascending by item.
    std::vector<Own> own() const;

    template <class Archive>
    void archive(Archive& a)
    {
        a(day_, kept_);
        if constexpr (Archive::reading)
            if (!sound()) a.fail();
    }

 private:
    struct Kept {
        ItemId item;
        std::uint16_t weight{};  ///< in 1 / 512
        bool today{};            ///< bought on the last day

        template <class Archive>
        void archive(Archive& a)
        {
            a(item);
            auto packed = static_cast<std::uint16_t>(unsigned{weight} * 2 + (today ? 1U : 0U));
            a(packed);
            if constexpr (!Archive::reading) return;
            weight = static_cast<std::uint16_t>(packed >> 1U);
            today = (packed & 1U) != 0;
        }
    };
    void begin(std::int32_t day, Catalogue& shop);
    bool sound();

    std::int32_t day_{};
    std::vector<Kept> kept_;  ///< ascending by item
};

}  // namespace raiten::scoring

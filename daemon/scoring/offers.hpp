#pragma once

#include "daemon/scoring/affinity.hpp"
#include "daemon/scoring/tastes.hpp"

#include <map>
#include <optional>
#include <string>

/// What to offer a member.
namespace raiten::scoring {

/// An item that a member may buy on the next purchase day, and why.
struct Pick {
    ItemId item;
    double score{};        ///< popularity + own weight · return rate
    double popularity{};   ///< share of the store's baskets that hold it
    double own_weight{};   ///< from Tastes; 0 where it is none of the member's own items
    double return_rate{};  ///< of own items, how often this one is bought again; from Catalogue
};

/// The member's own items and the store's, best first. What anybody buys has its share of all
/// baskets; what is among the own items also has the chance that such an item comes again, learned
/// item by item from all members, times how often and how lately this member bought it. So milk
/// bought once leads over a pan bought once. Both are chances, so nothing weighs the one against
/// the other.
std::vector<Pick> next_basket(const Tastes& member, const Affinity& store, const Catalogue& shop,
                              std::size_t most = 10);

/// A zone in which somebody stayed; only those named as categories of articles are of interest.
struct ZoneDwell {
    std::string_view zone;
    double seconds{};
};

/// How long visitors stay in each zone: the geometric mean, since stays are spread over orders of
/// magnitude, over the last 200 or so.
class UsualStay {
 public:
    static constexpr std::size_t zones_max = 256;  ///< the stays of others are not kept
    static constexpr std::size_t zone_bytes_max = 64;

    void note(const ZoneDwell& stay);
    /// In seconds; nothing before the first stay there.
    std::optional<double> seconds(std::string_view zone) const;

    template <class Archive>
    void archive(Archive& a)
    {
        a(zones_);
        if constexpr (Archive::reading)
            if (!sound()) a.fail();
    }

 private:
    struct Usual {
        double log_seconds{};
        std::uint32_t stays{};

        template <class Archive>
        void archive(Archive& a)
        {
            a(log_seconds, stays);
        }
    };
    bool sound();

    std::map<std::string, Usual> zones_;
};

/// A category that somebody looked at and did not buy.
struct Looked {
    std::string category;
    double seconds{};  ///< over all stays of the visit
    double usual{};    ///< seconds; the own ones where nothing is known
    double times_usual() const { return seconds / usual; }
};

/// The zones of a visit with a stay of at least `seconds_min` in all, less those whose category was
/// bought; by how long the stay was beside what is usual there, then by its length, then by name.
std::vector<Looked> looked_not_bought(std::span<const ZoneDwell> stays,
                                      std::span<const std::string_view> bought,
                                      const UsualStay& usual, double seconds_min = 30);

}  // namespace raiten::scoring

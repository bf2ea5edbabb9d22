#pragma once

#include "daemon/base/result.hpp"
#include "daemon/scoring/offer_features.hpp"
#include "daemon/scoring/uplift.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>

/// What a store keeps of a campaign's decisions to learn from.
namespace raiten::scoring {

/// A decision whose outcome is settled.
struct OfferOutcome {
    std::array<float, offer_feature_count> features{};  ///< at the moment of the decision
    float chance{};                                     ///< that it is given
    bool given{};
    bool came{};

    template <class Archive>
    void archive(Archive& a)
    {
        for (auto& each : features) archive_bits(a, each);
        archive_bits(a, chance);
        a(given, came);
    }

 private:
    template <class Archive>
    static void archive_bits(Archive& a, float& value)
    {
        auto bits = std::bit_cast<std::uint32_t>(value);
        a(bits);
        if constexpr (Archive::reading) value = std::bit_cast<float>(bits);
    }
};

/// Rounds to the precision that is kept; `chance` from .001 to .999.
OfferOutcome outcome_of(const OfferFeatures& features, double chance, bool given, bool came);

inline constexpr std::size_t offer_sample_max = 20'000;

/// Decisions of one campaign, at most so many: beyond, a uniform sample of all that were ever told,
/// those whose ids are mixed into the smallest numbers. So neither their order nor telling one
/// twice makes a difference, and a replayed day changes nothing. About 140 bytes a decision.
class OfferSample {
 public:
    OfferSample() = default;
    /// At most `most` decisions, itself at most offer_sample_max.
    explicit OfferSample(std::size_t most);

    /// `decision` is its id, the same for ever. What was told first of a decision stays. One with a
    /// value that is not finite, or a chance out of bounds, is not taken: false.
    bool add(std::uint64_t decision, const OfferOutcome& outcome);
    /// Where the member must be forgotten.
    void forget(std::uint64_t decision);

    std::size_t size() const { return kept_.size(); }
    /// About how many were ever told: exact until the bound is reached, then from how densely the
    /// smallest numbers lie (Beyer et al. 2007, "On synopses for distinct-value estimation").
    double told() const;

    void each(const std::function<void(const OfferOutcome&)>& look) const;

    /// See learn_uplift; the features are those of offer_features.
    Result<UpliftModel> learn(const UpliftModel* warm = nullptr) const;

    /// A reader checks with good() what it read from outside.
    template <class Archive>
    void archive(Archive& a)
    {
        a(most_, kept_);
    }
    bool good() const;

 private:
    std::size_t most_{offer_sample_max};
    std::map<std::uint64_t, OfferOutcome> kept_;  ///< by mixed id
};

}  // namespace raiten::scoring

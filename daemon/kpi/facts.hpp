#pragma once

#include "daemon/kpi/unique_count.hpp"
#include "daemon/model/records.hpp"
#include "daemon/model/summary.hpp"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace raiten {

/// A settled visit as far as figures need it.
struct VisitFact {
    MemberId member;
    std::uint64_t member_hash{};  ///< under the sketch key
    bool first{};
    bool purchase{};
    bool uncertain{};  ///< a purchase whose best receipt was inferred with confidence below 0.8
    bool partly_blind{};
    std::uint32_t streak{};
    std::optional<Millis> dwell;
    Money spend;  ///< in the store's currency, as are these three
    std::uint32_t transactions{};
    std::uint32_t itemised{};
    Money units;
    std::map<std::string, Summary::Foreign> other_currencies;
    std::map<std::string, Millis> zones;  ///< dwelt in

    std::size_t step() const;  ///< 0 to 4: bought at the first, ... fifth or later visit

    template <class Archive>
    void archive(Archive& a)
    {
        a(member, member_hash, first, purchase, uncertain, partly_blind, streak, dwell, spend,
          transactions, itemised, units, other_currencies, zones);
    }
};

VisitFact fact_of(const VisitRecord& visit, const SketchKey& key, const std::string& currency);

/// A receipt's key at its register.
using ReceiptName = std::tuple<std::string, std::string, std::chrono::sys_days>;
struct ReceiptFact {
    MemberId member;
    Attribution attribution{};

    template <class Archive>
    void archive(Archive& a)
    {
        a(member, attribution);
    }
};

/// How a sale that found no member missed one.
enum class ReceiptMiss : std::uint8_t { ambiguous, unmatched, foreign };

/// All that the figures of one period follow from.
struct PeriodFacts {
    std::map<VisitId, VisitFact> visits;
    std::map<ReceiptName, ReceiptFact> receipts;
    std::map<std::pair<CouponId, CouponState>, MemberId> coupons;  ///< what became of them here
    UniqueCount anonymous;
    UniqueCount rotating;
    std::uint32_t passers_by{};
    std::uint32_t ambiguous{}, unmatched{}, foreign{};
    Money late_refunds;

    template <class Archive>
    void archive(Archive& a)
    {
        a(visits, receipts, coupons, anonymous, rotating, passers_by, ambiguous, unmatched, foreign,
          late_refunds);
    }
};

/// The figures, written into `sum`.
void add_up(const PeriodFacts& facts, Summary& sum);

/// A count of unique ones as a summary keeps it: the bytes, or "" of nobody.
std::string text_of(const UniqueCount& count);
std::string text_of(const MeanCount& count);
template <class Count>
Count count_of(const std::string& text)
{
    const auto count = Count::from_bytes(std::as_bytes(std::span{text.data(), text.size()}));
    return count ? *count : Count{};
}

/// The two as one: counts, sums and the registers of unique counts exactly, quantiles within their
/// rank error, `members` and `anonymous` as the united sketches estimate. Parts of a day make the
/// day, days a year, stores a fleet. `disclosed` is left empty. Other currencies than the first's
/// stay apart. Sketches that cannot be read count as empty.
Summary merge(const Summary& one, const Summary& other);

}  // namespace raiten

#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/base/money.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace raiten {

/// What head office may see of a summary and has seen of its period (daemon/kpi/README.md). A row
/// is a group of figures that is told or withheld as a whole: "visits", "passers", "money",
/// "step1" to "step5", "receipts", "coupons", "zone/NAME".
struct Disclosed {
    bool told{};  ///< this revision goes to head office
    /// The rows that it shows, with a digest of what went into each.
    std::map<std::string, std::uint64_t> rows;
    /// What has gone into any row of this period that was told: hashes, ascending.
    std::vector<std::uint64_t> released;

    bool shows(const std::string& row) const { return rows.contains(row); }
    friend bool operator==(const Disclosed&, const Disclosed&) = default;
    template <class Archive>
    void archive(Archive& a)
    {
        a(told, rows, released);
    }
};

/// The store's figures for one local hour or one business day, over the visits that opened in it.
/// Exact; what of it may leave the store is in `disclosed`.
struct Summary {
    enum class Bucket : std::uint8_t { hour, day };
    Bucket bucket{};
    Instant from;
    Instant to;
    std::chrono::sys_days day{};  ///< business day
    std::uint32_t revision{};     ///< 1 when first issued, then +1 with each correction
    bool newer{};                 ///< counts in it are newer than that: a checkpoint

    std::uint32_t observed_minutes{};  ///< in which at least one passive reader listened

    std::uint32_t visits{};
    std::uint32_t members{};      ///< unique; after merge() the sketch's estimate
    std::uint32_t new_members{};  ///< whose first visit this was
    std::uint32_t purchase_visits{};
    std::uint32_t purchase_visits_uncertain{};  ///< of those: inferred, confidence below 0.8
    std::uint32_t non_purchase_visits{};
    std::uint32_t non_purchase_returns{};
    std::uint32_t returns_with_purchase{};
    std::uint32_t partly_blind{};          ///< visits that conversion leaves out
    std::uint32_t conversion_visits{};     ///< its denominator
    std::uint32_t conversion_purchases{};  ///< its numerator
    std::string members_sketch;            ///< bytes of a MeanCount, "" of nobody
    std::uint32_t dwell_visits{};          ///< whose dwell is known
    Millis dwell{};                        ///< theirs together
    std::string dwell_digest;              ///< text of Quantiles over seconds, "" of none

    std::uint32_t passers_by{};
    std::uint32_t anonymous{};  ///< different unknown devices with a fixed address, estimated
    std::uint32_t rotating{};   ///< different addresses that change by themselves, estimated
    std::string anonymous_sketch;
    std::string rotating_sketch;

    /// Receipts that count, of the visits above; in the store's own currency.
    std::uint32_t transactions{};
    std::uint32_t itemised{};  ///< of those: with quantities
    Money units;               ///< items on these
    Money revenue;
    Money late_refunds;  ///< undone in this period, too late to change the visit: not in revenue
    std::string currency;
    std::string spend_digest;  ///< per purchase visit
    /// Purchase visits by how many visits they took: 1, 2, 3, 4, 5 or more; and what was spent.
    std::array<std::uint32_t, 5> visits_to_purchase{};
    std::array<Money, 5> spend_by_visits_to_purchase{};
    struct Foreign {
        std::uint32_t transactions{};
        Money revenue;
        friend bool operator==(const Foreign&, const Foreign&) = default;
        template <class Archive>
        void archive(Archive& a)
        {
            a(transactions, revenue);
        }
    };
    std::map<std::string, Foreign> other_currencies;  ///< never added to the rest

    /// How the sales of the period (by their own time) found a member.
    struct Receipts {
        std::uint32_t matched{};    ///< by a member's token
        std::uint32_t inferred{};   ///< by who stood at the register
        std::uint32_t ambiguous{};  ///< several members did
        std::uint32_t unmatched{};
        std::uint32_t foreign{};  ///< a card of somebody who is not enrolled
        friend bool operator==(const Receipts&, const Receipts&) = default;
        template <class Archive>
        void archive(Archive& a)
        {
            a(matched, inferred, ambiguous, unmatched, foreign);
        }
    } receipts;

    /// What was decided and what became of it, each in the period in which it happened.
    struct Coupons {
        std::uint32_t triggered{}, withheld{}, delivered{}, redeemed{}, expired{}, revoked{};
        friend bool operator==(const Coupons&, const Coupons&) = default;
        template <class Archive>
        void archive(Archive& a)
        {
            a(triggered, withheld, delivered, redeemed, expired, revoked);
        }
    } coupons;

    struct Zone {
        std::uint32_t visits{};  ///< that dwelt there
        std::uint32_t purchase_visits{};
        Millis dwell{};  ///< there, together
        friend bool operator==(const Zone&, const Zone&) = default;
        template <class Archive>
        void archive(Archive& a)
        {
            a(visits, purchase_visits, dwell);
        }
    };
    std::map<std::string, Zone> zones;

    Disclosed disclosed;

    friend bool operator==(const Summary&, const Summary&) = default;
    template <class Archive>
    void archive(Archive& a)
    {
        a(bucket, from, to, day, revision, newer, observed_minutes, visits, members, new_members,
          purchase_visits, purchase_visits_uncertain, non_purchase_visits, non_purchase_returns,
          returns_with_purchase, partly_blind, conversion_visits, conversion_purchases,
          members_sketch, dwell_visits, dwell, dwell_digest, passers_by, anonymous, rotating,
          anonymous_sketch, rotating_sketch, transactions, itemised, units, revenue, late_refunds,
          currency, spend_digest, visits_to_purchase, spend_by_visits_to_purchase, other_currencies,
          receipts, coupons, zones, disclosed);
    }
};

}  // namespace raiten

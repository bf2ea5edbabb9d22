#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/base/money.hpp"
#include "daemon/model/campaign.hpp"

#include <cstdint>
#include <optional>

namespace raiten {

/// What is spent for good, and what may still be spent or come back. Neither is below zero.
template <class Amount>
struct Escrow {
    Amount used{};
    Amount reserved{};

    friend bool operator==(const Escrow&, const Escrow&) = default;
    template <class Archive>
    void archive(Archive& a)
    {
        a(used, reserved);
        if constexpr (Archive::reading) {
            if (used < Amount{} || reserved < Amount{}) a.fail();
        }
    }
};

/// A lease as the ledger keeps it: the grant in force, and what went back to HQ of all grants.
struct LeaseRow {
    LeaseGrant grant;
    Money budget_returned;
    std::uint64_t stock_returned{};

    template <class Archive>
    void archive(Archive& a)
    {
        a(grant.campaign, grant.version, grant.budget, grant.stock, grant.until, budget_returned,
          stock_returned);
        if constexpr (Archive::reading) {
            if (budget_returned < Money{}) a.fail();
        }
    }
};

/// What HQ lets this store use of a campaign's budget and stock, so that a store which is cut off
/// neither stops nor overspends: the escrow of a bounded counter (O'Neil 1986; Balegas et al. 2015,
/// "Extending Eventually Consistent Cloud Databases for Enforcing Numeric Invariants", SRDS).
///
///     free = granted − used − reserved − returned, and 0 where that is below it
///
/// All four are totals since the campaign began, so a grant that comes twice, late or out of order
/// changes nothing. For HQ, a store holds what it was granted less what it reported as returned;
/// where HQ lowers a grant, the rest is HQ's again once a report of that version shows that
/// used + reserved + returned is not above it (from then on it can only rise up to the grant).
class Lease {
 public:
    using Budget = Escrow<Money>;
    using Stock = Escrow<std::uint64_t>;

    /// False, and nothing changes, if it is not newer than the last. Amounts below zero are none.
    bool grant(const LeaseGrant& grant);
    /// Gives back what is free once `until` is reached, also what comes free after it. Whether
    /// that was anything.
    bool give_back(const Budget& budget, const Stock& stock, Instant now);

    /// Whether one is in force.
    bool holds(Instant at) const { return row_ && at < row_->grant.until; }
    /// What may still be used at that moment: nothing without a grant, or after its time.
    Money budget_free(const Budget& budget, Instant at) const;
    std::uint64_t stock_free(const Stock& stock, Instant at) const;

    /// `until`, while there is anything free that would have to be given back then.
    std::optional<Instant> due(const Budget& budget, const Stock& stock) const;
    std::optional<LeaseReport> report(const Budget& budget, const Stock& stock) const;

    const std::optional<LeaseRow>& row() const { return row_; }
    void recall(std::optional<LeaseRow> row) { row_ = std::move(row); }

    template <class Archive>
    void archive(Archive& a)
    {
        a(row_);
    }

 private:
    std::optional<LeaseRow> row_;
};

}  // namespace raiten

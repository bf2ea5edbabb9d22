#include "daemon/decision/lease.hpp"

#include <algorithm>

namespace raiten {
namespace {

/// What is left of `granted`; each is taken off by itself, so nothing can overflow.
Money free_of(const LeaseRow& row, const Lease::Budget& budget)
{
    Money left = row.grant.budget;
    for (const Money taken : {budget.used, budget.reserved, row.budget_returned})
        left -= std::min(left, taken);
    return left;
}

std::uint64_t free_of(const LeaseRow& row, const Lease::Stock& stock)
{
    std::uint64_t left = row.grant.stock;
    for (const auto taken : {stock.used, stock.reserved, row.stock_returned})
        left -= std::min(left, taken);
    return left;
}

}  // namespace

bool Lease::grant(const LeaseGrant& grant)
{
    if (row_ && grant.version <= row_->grant.version) return false;
    if (!row_) row_.emplace();
    row_->grant = grant;
    row_->grant.budget = std::max(grant.budget, Money{});
    return true;
}

bool Lease::give_back(const Budget& budget, const Stock& stock, Instant now)
{
    if (!row_ || now < row_->grant.until) return false;
    const Money money = free_of(*row_, budget);
    const auto pieces = free_of(*row_, stock);
    row_->budget_returned += money;
    row_->stock_returned += pieces;
    return money > Money{} || pieces > 0;
}

Money Lease::budget_free(const Budget& budget, Instant at) const
{
    return holds(at) ? free_of(*row_, budget) : Money{};
}

std::uint64_t Lease::stock_free(const Stock& stock, Instant at) const
{
    return holds(at) ? free_of(*row_, stock) : 0;
}

std::optional<Instant> Lease::due(const Budget& budget, const Stock& stock) const
{
    if (!row_ || (free_of(*row_, budget) == Money{} && free_of(*row_, stock) == 0))
        return std::nullopt;
    return row_->grant.until;
}

std::optional<LeaseReport> Lease::report(const Budget& budget, const Stock& stock) const
{
    if (!row_) return std::nullopt;
    return LeaseReport{row_->grant.campaign, row_->grant.version,   budget.used,
                       budget.reserved,      row_->budget_returned, stock.used,
                       stock.reserved,       row_->stock_returned};
}

}  // namespace raiten

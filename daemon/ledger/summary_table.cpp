#include "daemon/ledger/summary_table.hpp"

#include "daemon/ledger/codec.hpp"
#include "daemon/ledger/database.hpp"
#include "daemon/ledger/history_tables.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace raiten::ledger {
namespace {

const std::string columns =
    "bucket, starts_at, ends_at, day, revision, newer, observed_minutes, visits, members, "
    "new_members, purchase_visits, purchase_visits_uncertain, non_purchase_visits, "
    "non_purchase_returns, returns_with_purchase, partly_blind, conversion_visits, "
    "conversion_purchases, dwell_visits, dwell_ms, passers_by, anonymous, rotating, "
    "transactions, itemised, units, revenue, late_refunds, currency, to_purchase_1, "
    "to_purchase_2, to_purchase_3, to_purchase_4, to_purchase_5, spend_1, spend_2, spend_3, "
    "spend_4, spend_5, receipts_matched, receipts_inferred, receipts_ambiguous, "
    "receipts_unmatched, receipts_foreign, coupons_triggered, coupons_withheld, "
    "coupons_delivered, coupons_redeemed, coupons_expired, coupons_revoked, zones, "
    "other_currencies, dwell_digest, spend_digest, members_sketch, anonymous_sketch, "
    "rotating_sketch, disclosed, released";

/// Counts that stand in neighbouring columns, in their order.
template <class Sum>
auto visit_counts(Sum& s)
{
    return std::array{&s.observed_minutes,
                      &s.visits,
                      &s.members,
                      &s.new_members,
                      &s.purchase_visits,
                      &s.purchase_visits_uncertain,
                      &s.non_purchase_visits,
                      &s.non_purchase_returns,
                      &s.returns_with_purchase,
                      &s.partly_blind,
                      &s.conversion_visits,
                      &s.conversion_purchases,
                      &s.dwell_visits};
}

template <class Sum>
auto passing_counts(Sum& s)
{
    return std::array{&s.passers_by, &s.anonymous, &s.rotating, &s.transactions, &s.itemised};
}

template <class Sum>
auto receipt_and_coupon_counts(Sum& s)
{
    auto& r = s.receipts;
    auto& c = s.coupons;
    return std::array{&r.matched,  &r.inferred,  &r.ambiguous, &r.unmatched,
                      &r.foreign,  &c.triggered, &c.withheld,  &c.delivered,
                      &c.redeemed, &c.expired,   &c.revoked};
}

Summary summary_of(Database& database, Query& from)
{
    Summary s;
    s.bucket = from.get<Summary::Bucket>();
    s.from = from.get<Instant>();
    s.to = from.get<Instant>();
    s.day = from.get<std::chrono::sys_days>();
    s.revision = from.get<std::uint32_t>();
    s.newer = from.get<bool>();
    for (auto* count : visit_counts(s)) *count = from.get<std::uint32_t>();
    s.dwell = from.get<Millis>();
    for (auto* count : passing_counts(s)) *count = from.get<std::uint32_t>();
    for (auto* amount : {&s.units, &s.revenue, &s.late_refunds}) *amount = from.get<Money>();
    s.currency = from.get<std::string>();
    for (auto& count : s.visits_to_purchase) count = from.get<std::uint32_t>();
    for (auto& spend : s.spend_by_visits_to_purchase) spend = from.get<Money>();
    for (auto* count : receipt_and_coupon_counts(s)) *count = from.get<std::uint32_t>();
    auto zones = zone_figures_of(from.get<std::string>());
    auto other = currency_figures_of(from.get<std::string>());
    for (auto* text : {&s.dwell_digest, &s.spend_digest, &s.members_sketch, &s.anonymous_sketch,
                       &s.rotating_sketch})
        *text = from.get<std::string>();
    const auto rows = from.get<std::string>();
    auto disclosed = disclosed_of(rows, from.get<std::string>());
    if (!zones || !other || !disclosed) {
        database.damaged("a summary cannot be read");
        return s;
    }
    s.zones = std::move(*zones);
    s.other_currencies = std::move(*other);
    s.disclosed = std::move(*disclosed);
    return s;
}

}  // namespace

void put_summary(Database& database, const Summary& s)
{
    auto known = database.query("SELECT revision FROM summary WHERE bucket = ? AND starts_at = ?",
                                s.bucket, s.from);
    if (known.next() && known.get<std::uint32_t>() > s.revision) return;
    static const std::string sql =
        "INSERT OR REPLACE INTO summary(" + columns + ") VALUES ("
        "?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?"
        ",CAST(? AS BLOB),CAST(? AS BLOB),CAST(? AS BLOB),?,CAST(? AS BLOB))";
    auto into = database.query(sql, s.bucket, s.from, s.to, s.day, s.revision, s.newer);
    for (const auto* count : visit_counts(s)) into.bind(*count);
    into.bind(s.dwell);
    for (const auto* count : passing_counts(s)) into.bind(*count);
    for (const auto* amount : {&s.units, &s.revenue, &s.late_refunds}) into.bind(*amount);
    into.bind(s.currency);
    for (const auto& count : s.visits_to_purchase) into.bind(count);
    for (const auto& spend : s.spend_by_visits_to_purchase) into.bind(spend);
    for (const auto* count : receipt_and_coupon_counts(s)) into.bind(*count);
    into.bind(zone_figures_text(s.zones));
    into.bind(currency_figures_text(s.other_currencies));
    for (const auto* text : {&s.dwell_digest, &s.spend_digest, &s.members_sketch,
                             &s.anonymous_sketch, &s.rotating_sketch})
        into.bind(*text);
    into.bind(disclosed_text(s.disclosed));
    into.bind(released_text(s.disclosed));
    while (into.next()) {
    }
}

std::vector<Summary> summaries_between(Database& database, Summary::Bucket bucket, Instant from,
                                       Instant to, std::size_t limit)
{
    static const std::string sql =
        "SELECT " + columns
        + " FROM summary WHERE bucket = ? AND starts_at >= ? AND starts_at < ?"
          " ORDER BY starts_at LIMIT ?";
    auto rows = database.query(sql, bucket, from, to, std::min(limit, page_max));
    std::vector<Summary> out;
    while (rows.next()) out.push_back(summary_of(database, rows));
    return out;
}

}  // namespace raiten::ledger

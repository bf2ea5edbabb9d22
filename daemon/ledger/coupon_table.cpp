#include "daemon/ledger/coupon_table.hpp"

#include "daemon/ledger/codec.hpp"

#include <algorithm>
#include <limits>
#include <string>

namespace raiten::ledger {
namespace {

constexpr std::size_t unexpired_max = 200'000;
constexpr std::size_t open_of_one_max = 1000;

const std::string coupon_columns =
    "SELECT c.row, c.id, c.campaign, c.offer, c.member, m.name, c.visit, c.moment, c.occasion,"
    " c.decided_at, c.expires_at, c.arm_probability, c.uplift, c.reasons, c.state, c.closed_at,"
    " c.closed_where, c.delivered_at, c.control, c.cost, c.took_stock, c.answered_at FROM coupon c "
    "LEFT JOIN member m ON m.id = c.member ";

CouponRecord coupon_of(Database& database, Query& from, std::int64_t& row)
{
    row = from.get<std::int64_t>();
    CouponRecord c;
    c.id = from.get<CouponId>();
    c.campaign = from.get<std::string>();
    c.offer = from.get<std::string>();
    c.member = from.get<MemberId>();
    c.member_name = from.get<std::string>();
    c.visit = from.get<std::optional<VisitId>>();
    c.moment = from.get<std::string>();
    c.occasion = from.get<std::string>();
    c.decided_at = from.get<Instant>();
    c.expires_at = from.get<Instant>();
    c.arm_probability = from.get<double>();
    c.uplift = from.get<std::optional<double>>();
    auto reasons = names_of(from.get<std::string>());
    c.state = from.get<CouponState>();
    c.closed_at = from.get<std::optional<Instant>>();
    c.closed_where = from.get<std::string>();
    c.delivered_at = from.get<std::optional<Instant>>();
    c.control = from.get<double>();
    c.cost = from.get<Money>();
    c.took_stock = from.get<bool>();
    c.answered_at = from.get<std::optional<Instant>>();
    if (!reasons || c.state > CouponState::revoked)
        database.damaged("coupon row " + std::to_string(row) + " cannot be read");
    else
        c.reasons = std::move(*reasons);
    return c;
}

std::vector<CouponRecord> all(Database& database, Query rows)
{
    std::vector<CouponRecord> out;
    std::int64_t row = 0;
    while (rows.next()) out.push_back(coupon_of(database, rows, row));
    return out;
}

}  // namespace

void put_coupon(Database& database, const CouponRecord& c, Instant created)
{
    database.run(
        "INSERT INTO coupon(created, id, campaign, offer, member, visit, moment, occasion,"
        " decided_at, expires_at, arm_probability, uplift, reasons, state, closed_at,"
        " closed_where, delivered_at, control, features, cost, took_stock, answered_at)"
        " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT(id) DO UPDATE SET"
        " offer = excluded.offer, visit = excluded.visit, expires_at = excluded.expires_at,"
        " reasons = excluded.reasons, state = excluded.state, closed_at = excluded.closed_at,"
        " closed_where = excluded.closed_where, delivered_at = excluded.delivered_at,"
        " answered_at = excluded.answered_at",
        created, c.id, c.campaign, c.offer, c.member, c.visit, c.moment, c.occasion, c.decided_at,
        c.expires_at, c.arm_probability, c.uplift, names_text(c.reasons), c.state, c.closed_at,
        c.closed_where, c.delivered_at, c.control, numbers_text(c.features), c.cost, c.took_stock,
        c.answered_at);
}

std::vector<CouponRecord> hot_coupons(Database& database, MemberId member, Instant now,
                                      Instant since, std::size_t count_max)
{
    static const std::string sql =
        coupon_columns
        + "WHERE c.member = ? AND (c.decided_at >= ? OR c.expires_at > ?)"
          " ORDER BY c.row DESC LIMIT ?";
    auto rows = database.query(sql, member, since, now, count_max);
    std::vector<CouponRecord> out;
    std::int64_t row = 0;
    while (rows.next()) out.push_back(coupon_of(database, rows, row));
    if (out.size() == count_max) {
        static const std::string still_open =
            coupon_columns
            + "WHERE c.member = ? AND c.row < ? AND c.state IN (0, 2) ORDER BY c.row DESC LIMIT ?";
        for (auto& coupon : all(database, database.query(still_open, member, row, open_of_one_max)))
            out.push_back(std::move(coupon));
    }
    std::reverse(out.begin(), out.end());
    std::stable_sort(out.begin(), out.end(), [](const CouponRecord& a, const CouponRecord& b) {
        return a.decided_at < b.decided_at;
    });
    return out;
}

std::vector<CouponRecord> unexpired_coupons(Database& database)
{
    static const std::string sql =
        coupon_columns + "WHERE c.state IN (0, 2) ORDER BY c.row LIMIT ?";
    return all(database, database.query(sql, unexpired_max));
}

std::vector<CouponRecord> coupons_since(Database& database, Instant since)
{
    static const std::string sql = coupon_columns
                                   + "WHERE c.decided_at >= ?1 OR c.delivered_at >= ?1"
                                     " OR c.closed_at >= ?1 ORDER BY c.row LIMIT ?2";
    return all(database, database.query(sql, since, unexpired_max));
}

std::optional<MemberId> owner_of_coupon(Database& database, CouponId coupon)
{
    auto row = database.query("SELECT member FROM coupon WHERE id = ?", coupon);
    if (!row.next()) return std::nullopt;
    return row.get<MemberId>();
}

std::optional<CouponRecord> coupon_with(Database& database, CouponId coupon)
{
    static const std::string sql = coupon_columns + "WHERE c.id = ?";
    auto found = all(database, database.query(sql, coupon));
    if (found.empty()) return std::nullopt;
    return std::move(found.front());
}

CouponPage coupons_page(Database& database, std::optional<MemberId> member,
                        std::optional<std::uint64_t> before, std::size_t limit)
{
    limit = std::clamp<std::size_t>(limit, 1, coupons_page_max);
    const auto end =
        before ? static_cast<std::int64_t>(*before) : std::numeric_limits<std::int64_t>::max();
    const std::string sql = coupon_columns
                            + (member ? "WHERE c.row < ?1 AND c.member = ?3" : "WHERE c.row < ?1")
                            + " ORDER BY c.row DESC LIMIT ?2";
    CouponPage page;
    auto rows =
        member ? database.query(sql, end, limit + 1, *member) : database.query(sql, end, limit + 1);
    std::int64_t last = 0;
    while (rows.next()) {
        if (page.coupons.size() == limit) {
            page.older = static_cast<std::uint64_t>(last);
            break;
        }
        page.coupons.push_back(coupon_of(database, rows, last));
    }
    return page;
}

}  // namespace raiten::ledger

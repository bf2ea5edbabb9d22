#include "tests/faults/coupon_books.hpp"

#include "daemon/ledger/database.hpp"
#include "daemon/ledger/standing_table.hpp"
#include "daemon/model/records.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <set>

namespace raiten::test {
namespace {

using ledger::Database;

std::unique_ptr<Database> opened(const std::string& path)
{
    auto file = Database::open(path, Database::Access::read_only, Millis{5'000});
    REQUIRE(file.has_value());
    return std::move(*file);
}

void check_numbers(Database& file)
{
    std::set<std::string> ids;
    std::uint64_t cursor = 0;
    auto stream = file.query("SELECT cursor, id FROM stream ORDER BY cursor");
    while (stream.next()) {
        CHECK(stream.get<std::uint64_t>() == ++cursor);
        const bool once = ids.insert(stream.get<std::string>()).second;
        CHECK(once);
    }
    std::map<int, std::uint64_t> next;
    auto heads = file.query("SELECT lane, settled FROM lane");
    while (heads.next()) {
        const auto lane = heads.get<int>();
        next[lane] = heads.get<std::uint64_t>() + 1;
    }
    auto rows = file.query(
        "SELECT lane, coalesce(gap_from, sequence), sequence FROM outbox ORDER BY lane, sequence");
    while (rows.next()) {
        auto& due = next[rows.get<int>()];
        CHECK(rows.get<std::uint64_t>() <= due);
        due = rows.get<std::uint64_t>() + 1;
    }
    auto ends = file.query("SELECT lane, next FROM lane");
    while (ends.next()) {
        const auto lane = ends.get<int>();
        CHECK(next[lane] == ends.get<std::uint64_t>());
    }
}

}  // namespace

std::vector<std::string> coupon_books(const std::string& path)
{
    auto file = opened(path);
    check_numbers(*file);
    std::vector<std::string> all;
    std::set<std::string> occasions;
    auto rows = file->query(
        "SELECT m.name, c.campaign, c.occasion, c.state, c.closed_where FROM coupon c"
        " JOIN member m ON m.id = c.member");
    while (rows.next()) {
        auto key = rows.get<std::string>();
        key += " " + rows.get<std::string>();
        key += " " + rows.get<std::string>();
        INFO(key);
        const bool once = occasions.insert(key).second;
        CHECK(once);
        key += " " + std::string{text_of(rows.get<CouponState>())};
        const auto where = rows.get<std::string>();
        all.push_back(where.empty() ? key : key + " at " + where);
    }
    std::sort(all.begin(), all.end());
    return all;
}

Spent spent_by(const std::string& path, const std::string& campaign)
{
    auto file = opened(path);
    auto sums = file->query(
        "SELECT coalesce(sum((state = 3) * cost), 0), coalesce(sum((state IN (0, 2)) * cost), 0)"
        " FROM coupon WHERE campaign = ? AND state != 1",
        campaign);
    REQUIRE(sums.next());
    const auto used = sums.get<Money>();
    const auto reserved = sums.get<Money>();
    const auto remembered = ledger::standings(*file, Instant{})[campaign].account.budget;
    CHECK(remembered.used.text() == used.text());
    CHECK(remembered.reserved.text() == reserved.text());
    return {used.text(), reserved.text()};
}

}  // namespace raiten::test

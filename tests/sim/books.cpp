#include "tests/sim/books.hpp"

#include "daemon/ledger/database.hpp"
#include "daemon/model/records.hpp"
#include "tests/sim/trace.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace raiten::sim {
namespace {

using Json = nlohmann::json;
using ledger::Database;

constexpr std::array<const char*, 3> receipt_kinds{"sale", "refund", "void"};

void read_inputs(Database& db, Books& books)
{
    auto taps = db.query("SELECT id FROM checkin_key");
    while (taps.next()) ++books.kept["checkin " + taps.get<std::string>()];
    auto receipts = db.query("SELECT pos, number, kind FROM receipt");
    while (receipts.next()) {
        const auto pos = receipts.get<std::string>();
        const auto number = receipts.get<std::string>();
        const auto* kind = receipt_kinds.at(receipts.get<std::size_t>());
        ++books.kept["receipt " + pos + "/" + number + "/" + kind];
    }
    auto journal = db.query(
        "SELECT kind, payload FROM journal WHERE kind IN ('checkin', 'receipt', 'redemption')");
    while (journal.next()) {
        const auto kind = journal.get<std::string>();
        const auto json = Json::parse(journal.get<std::string>());
        if (kind == "checkin") {
            ++books.journalled["checkin " + json.value("id", std::string{})];
        } else if (kind == "receipt") {
            ++books.journalled["receipt " + json.at("pos").get<std::string>() + "/"
                               + json.at("number").get<std::string>() + "/"
                               + json.at("kind").get<std::string>()];
        } else {
            ++books.redeemed[json.at("coupon").get<std::string>()];
        }
    }
}

void read_results(Database& db, Books& books)
{
    auto stream = db.query("SELECT cursor, type, id, json FROM stream");
    while (stream.next()) {
        const auto cursor = stream.get<std::uint64_t>();
        auto& row = books.stream[cursor];
        row.type = stream.get<std::string>();
        row.id = stream.get<std::string>();
        row.json = stream.get<std::string>();
    }
    auto coupons = db.query("SELECT id, state, closed_where FROM coupon");
    while (coupons.next()) {
        const auto id = coupons.get<CouponId>();
        auto& row = books.coupons[text_of(id)];
        row.state = coupons.get<int>();
        row.where = coupons.get<std::string>();
    }
    auto open = db.query("SELECT id, opened_at, left_at, state FROM visit WHERE state < 2");
    while (open.next()) {
        const auto id = open.get<VisitId>();
        auto& row = books.unsettled[text_of(id)];
        row.opened_at = open.get<std::int64_t>();
        row.left_at = open.get<std::int64_t>();
        row.state = open.get<int>();
    }
    auto settled = db.query(
        "SELECT m.name, v.opened_at, v.left_at, v.outcome, v.spend, v.streak FROM visit v"
        " JOIN member m ON m.id = v.member WHERE v.state = 2");
    while (settled.next()) {
        auto text = settled.get<std::string>();
        text += " opened " + settled.get<std::string>();
        text += " left " + settled.get<std::string>();
        text += settled.get<bool>() ? " bought " : " did not buy ";
        text += settled.get<std::string>();
        text += " streak " + settled.get<std::string>();
        books.settled.push_back(std::move(text));
    }
    std::sort(books.settled.begin(), books.settled.end());
}

void read_outbox(Database& db, Books& books)
{
    auto heads = db.query("SELECT lane, next, settled FROM lane");
    while (heads.next()) {
        auto& lane = books.outbox.at(heads.get<std::size_t>());
        lane.next = heads.get<std::uint64_t>();
        lane.settled = heads.get<std::uint64_t>();
    }
    auto rows = db.query(
        "SELECT lane, coalesce(gap_from, sequence), sequence FROM outbox ORDER BY lane, sequence");
    while (rows.next()) {
        auto& lane = books.outbox.at(rows.get<std::size_t>());
        const auto from = rows.get<std::uint64_t>();
        lane.rows.emplace_back(from, rows.get<std::uint64_t>());
    }
}

}  // namespace

Books read_books(const std::string& path)
{
    const auto opened = Database::open(path, Database::Access::read_only, Millis{0});
    if (!opened) throw Broken{"the ledger cannot be read: " + opened.error().text()};
    Database& db = **opened;
    {
        auto report = db.query("PRAGMA integrity_check");
        while (report.next())
            if (const auto line = report.get<std::string>(); line != "ok")
                throw Broken{"integrity_check: " + line};
    }
    Books books;
    read_inputs(db, books);
    read_results(db, books);
    read_outbox(db, books);
    if (const auto good = db.outcome(); !good)
        throw Broken{"the ledger cannot be read: " + good.error().text()};
    return books;
}

}  // namespace raiten::sim

#include "tests/drivers/ble/shared_data.hpp"
#include "tests/drivers/poslog/log.hpp"
#include "tests/support/dice.hpp"

#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>

using namespace raiten;
using namespace raiten::test;
using nlohmann::json;

namespace {

std::string read_text(const std::filesystem::path& path)
{
    const auto bytes = read_file(path);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string text_or_empty(const json& value)
{
    return value.is_null() ? std::string{} : value.get<std::string>();
}

/// The total of one type, as the expected files count: the first of its type.
json totals_of(const drivers::poslog::Record& record)
{
    json out = json::object();
    for (const auto& total : record.totals) {
        const std::string type = total.type.empty() ? "Total" : total.type;
        if (!out.contains(type)) out[type] = total.amount;
    }
    return out;
}

json tenders_of(const drivers::poslog::Record& record)
{
    json out = json::array();
    for (const auto& tender : record.tenders) out.push_back({tender.type, tender.amount});
    return out;
}

std::string time_written(const drivers::poslog::Record& record)
{
    for (const auto* text : {&record.end, &record.logged_at, &record.receipt_at, &record.begin})
        if (!text->empty()) return *text;
    return {};
}

void check_against(const json& expected, const drivers::poslog::Record& record,
                   const Transaction& transaction, const std::string& file)
{
    CHECK(record.kind == text_or_empty(expected["kind"]));
    CHECK(record.store == text_or_empty(expected["store"]));
    CHECK(record.workstation == text_or_empty(expected["workstation"]));
    CHECK(record.sequence == text_or_empty(expected["sequence"]));
    CHECK(record.transaction_id == text_or_empty(expected["transaction_id"]));
    CHECK(record.business_day == text_or_empty(expected["business_day"]));
    CHECK(record.currency == text_or_empty(expected["currency"]));
    CHECK(record.sale_lines == expected["sale_lines"].get<std::size_t>());
    CHECK(record.return_lines == expected["return_lines"].get<std::size_t>());
    CHECK(tenders_of(record) == expected["tenders"]);
    CHECK(totals_of(record) == expected["totals"]);

    // Where the file gives the message's date, years after the sale, the sale's own end counts.
    const bool message_date = file.find("decathlon") != std::string::npos;
    if (message_date)
        CHECK(time_written(record) == "2017-06-21T13:39:11+02:00");
    else
        CHECK(time_written(record).starts_with(text_or_empty(expected["end"])));

    // The expected files repeat a number that stands in two places, and leave out the account's.
    for (const auto& member : expected["member_ids"]) {
        INFO(member);
        CHECK(std::count(transaction.members.begin(), transaction.members.end(),
                         member.get<std::string>())
              == 1);
    }
    if (!expected["member_ids"].empty())
        CHECK(transaction.members.front() == expected["member_ids"][0].get<std::string>());
    if (expected["member_ids"].empty()) CHECK(transaction.members.empty());

    const bool retail = record.kind == "RetailTransaction";
    CHECK(transaction.kind == (retail ? Kind::sale : Kind::control));
    if (retail) {
        CHECK(transaction.not_here == "");
        const auto grand = expected["totals"]["TransactionGrandAmount"].get<std::string>();
        CHECK(transaction.total.text(2) == grand.substr(0, grand.find('.') + 3));
        CHECK(transaction.currency.size() == 3);
    }
    CHECK(transaction.number == record.workstation + "-" + record.sequence);
}

}  // namespace

TEST_CASE("every recorded log says what its expected file says", "[poslog][shared]")
{
    const auto folder = shared_folder("data/captures/pos");
    if (!folder) return;
    std::size_t logs = 0;
    for (const auto& entry : std::filesystem::directory_iterator{*folder}) {
        const auto expected_path = entry.path().string() + ".expected.json";
        if (entry.path().extension() != ".xml" || !std::filesystem::exists(expected_path)) continue;
        const auto file = entry.path().filename().string();
        INFO(file);
        ++logs;
        const auto expected = json::parse(read_text(expected_path));
        const auto heard = read_log(read_text(entry.path()));
        CHECK(heard.garbled.empty());
        REQUIRE(heard.transactions.size() == expected.size());
        for (std::size_t n = 0; n < expected.size(); ++n) {
            INFO("transaction " << n);
            check_against(expected[n], heard.records[n], heard.transactions[n], file);
        }
    }
    CHECK(logs > 0);
}

TEST_CASE("a recorded log's goods are worth what was paid, less what rewards took off",
          "[poslog][shared]")
{
    const auto folder = shared_folder("data/captures/pos");
    if (!folder) return;
    const auto heard = read_log(read_text(*folder / "ncr_acs_poslog21_part1.xml"));
    for (std::size_t n = 0; n < heard.transactions.size(); ++n) {
        const auto& transaction = heard.transactions[n];
        if (transaction.kind != Kind::sale) continue;
        INFO(transaction.number);
        Money goods;
        for (const auto& line : transaction.lines) goods += line.amount;
        Money off;
        Money tax;
        for (const auto& total : heard.records[n].totals) {
            if (total.type == "acs:GrossNegative") off = *Money::parse(total.amount);
            if (total.type == "TransactionTaxAmount") tax = *Money::parse(total.amount);
        }
        // What the register calls negative are rewards, and lines below zero, which are goods.
        for (const auto& line : heard.records[n].lines) {
            const auto amount = Money::parse(line.amount);
            if (amount.has_value() && *amount < Money{}) off -= *amount;
        }
        CHECK((goods + tax + off).text() == transaction.total.text());
    }
}

TEST_CASE("a recorded log reads the same however it is cut", "[poslog][shared]")
{
    const auto folder = shared_folder("data/captures/pos");
    if (!folder) return;
    for (const auto& entry : std::filesystem::directory_iterator{*folder}) {
        if (entry.path().extension() != ".xml") continue;
        INFO(entry.path().filename().string());
        const auto log = read_text(entry.path());
        const auto whole = text_of(read_log(log));
        for (const std::size_t piece : {1UL, 7UL, 1023UL, 65536UL}) {
            if (piece == 1 && log.size() > 100'000) continue;
            INFO("pieces of " << piece);
            CHECK(text_of(read_log(log, piece)) == whole);
        }
    }
}

TEST_CASE("a damaged byte of a recorded log costs at most two of its transactions",
          "[poslog][shared]")
{
    const auto folder = shared_folder("data/captures/pos");
    if (!folder) return;
    const auto log = read_text(*folder / "ncr_acs_poslog21_part1.xml");
    const auto whole = read_log(log).transactions.size();
    constexpr std::uint64_t seed = 20261122;
    INFO("seed " << seed);
    stage::Dice dice{seed};
    for (int n = 0; n < 60; ++n) {
        std::string damaged = log;
        const auto at = dice.below(damaged.size());
        damaged[at] = static_cast<char>(dice.below(256));
        INFO("byte " << at << " is " << static_cast<int>(damaged[at]));
        const auto heard = read_log(damaged, 65536);
        // At most two: one whose start tag is damaged takes what it is nested in with it.
        CHECK(heard.transactions.size() + 2 >= whole);
        CHECK(heard.transactions.size() <= whole);
    }
}

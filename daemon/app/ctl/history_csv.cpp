#include "daemon/app/ctl/history_csv.hpp"

#include "daemon/app/ctl/csv_table.hpp"
#include "daemon/app/members_csv.hpp"
#include "daemon/base/iso8601.hpp"

#include <algorithm>
#include <functional>

namespace raiten::app::ctl {
namespace {

CsvTable::Source source_of(const HistoryInput& input)
{
    return {input.in, input.file, input.progress, input.refuse};
}

std::int32_t day_of(Instant at, std::chrono::minutes offset)
{
    const auto day = std::chrono::floor<std::chrono::days>(at + offset);
    return static_cast<std::int32_t>(day.time_since_epoch().count());
}

std::int32_t minute_of(Instant at, std::chrono::minutes offset)
{
    const auto minute = std::chrono::floor<std::chrono::minutes>(at + offset);
    return static_cast<std::int32_t>(minute.time_since_epoch().count());
}

/// A time, or a date alone: its start by the wall of `offset`.
Result<Instant> time_in(std::string_view text, std::chrono::minutes offset)
{
    constexpr std::size_t date_chars = 10;
    if (text.size() != date_chars) return parse_instant(text);
    auto midnight = parse_instant(std::string{text} + "T00:00:00Z");
    if (!midnight) return midnight;
    return *midnight - offset;
}

/// Nothing, with the row refused, where its member or its time is none.
struct Seen {
    std::string_view member;
    Instant at;
};
std::optional<Seen> seen_in(CsvTable& table, const HistoryInput& input, ShopHistory& shop)
{
    Seen seen{table.field(0), {}};
    if (seen.member.empty()) {
        ++shop.rows_without_member;
        return std::nullopt;
    }
    if (!is_member_name(seen.member)) {
        table.refuse("has a member that is no name", "1 to 64 letters, digits and . _ : -");
        return std::nullopt;
    }
    const auto at = time_in(table.field(1), input.offset);
    if (!at) {
        table.refuse("at: " + at.error().what, "such as 2026-11-22T10:00:00+09:00");
        return std::nullopt;
    }
    seen.at = *at;
    return seen;
}

Result<PastMember*> member_named(std::string_view name, ShopHistory& shop, const CsvTable& table)
{
    auto found = shop.members.find(name);
    if (found == shop.members.end()) {
        if (shop.members.size() == history_members_max)
            return Problem{"more than " + std::to_string(history_members_max) + " members",
                           table.where(), "score parts of the list"};
        found = shop.members.emplace(std::string{name}, PastMember{}).first;
    }
    return &found->second;
}

std::optional<PastReceipt::Kind> kind_named(std::string_view name)
{
    using Kind = PastReceipt::Kind;
    if (name.empty() || name == "sale") return Kind::sale;
    if (name == "refund") return Kind::refund;
    if (name == "void") return Kind::void_;
    return std::nullopt;
}

/// The rest of a receipt's row; nothing, with the row refused, where it is wrong.
std::optional<PastReceipt> receipt_in(CsvTable& table)
{
    enum : std::size_t { total = 2, number, kind };
    auto amount = Money::parse(table.field(total));
    const auto which = kind_named(table.field(kind));
    if (!amount) {
        table.refuse("total: " + amount.error().what, amount.error().advice);
        return std::nullopt;
    }
    if (!which) {
        table.refuse("kind is neither sale nor refund nor void");
        return std::nullopt;
    }
    PastReceipt receipt;
    receipt.kind = *which;
    receipt.total = *amount;
    receipt.line = table.line();
    if (receipt.total < Money{}) {
        receipt.total = -receipt.total;
        if (receipt.kind == PastReceipt::Kind::sale) receipt.kind = PastReceipt::Kind::refund;
    }
    const auto text = table.field(number);
    if (!text.empty()) receipt.number = std::hash<std::string_view>{}(text) | 1U;
    return receipt;
}

Problem too_many(const CsvTable& table)
{
    return {"more than " + std::to_string(history_rows_max) + " rows", table.where(),
            "score parts of the list"};
}

}  // namespace

std::chrono::minutes offset_of(std::string_view time)
{
    constexpr std::size_t offset_chars = 6;
    if (time.size() < offset_chars || time.back() == 'Z' || time.back() == 'z')
        return std::chrono::minutes{0};
    const auto text = time.substr(time.size() - offset_chars);
    const auto digits = [&](std::size_t at) {
        return (text[at] - '0') * 10 + (text[at + 1] - '0');
    };
    const std::chrono::minutes size{digits(1) * 60 + digits(4)};
    return text[0] == '-' ? -size : size;
}

Result<void> read_receipts(const HistoryInput& input, ShopHistory& shop)
{
    CsvTable table{source_of(input), {"member", "at", "total"}, {"number", "kind"}};
    if (auto header = table.read_header(); !header) return header;
    while (table.next()) {
        if (table.rows() > history_rows_max) return too_many(table);
        const auto seen = seen_in(table, input, shop);
        if (!seen) continue;
        auto receipt = receipt_in(table);
        if (!receipt) continue;
        receipt->day = day_of(seen->at, input.offset);
        receipt->minute = minute_of(seen->at, input.offset);
        // What comes after --as-of is told apart by its day, so the same day counts as later.
        if (seen->at > input.as_of && receipt->day == shop.today) receipt->day = shop.today + 1;
        const auto member = member_named(seen->member, shop, table);
        if (!member) return member.error();
        (*member)->receipts.push_back(*receipt);
        shop.last_day = std::max(shop.last_day, receipt->day);
    }
    shop.receipt_rows += table.rows();
    shop.refused += table.refused();
    return {};
}

Result<void> read_visits(const HistoryInput& input, ShopHistory& shop)
{
    enum : std::size_t { left_at = 2 };
    CsvTable table{source_of(input), {"member", "at"}, {"left_at"}};
    if (auto header = table.read_header(); !header) return header;
    while (table.next()) {
        if (table.rows() > history_rows_max) return too_many(table);
        const auto seen = seen_in(table, input, shop);
        if (!seen) continue;
        const auto left = table.field(left_at);
        if (!left.empty()) {
            const auto until = time_in(left, input.offset);
            if (!until || *until < seen->at) {
                table.refuse(until ? "left_at is before at" : "left_at: " + until.error().what);
                continue;
            }
        }
        if (seen->at > input.as_of) continue;
        const auto member = member_named(seen->member, shop, table);
        if (!member) return member.error();
        (*member)->visits.push_back(minute_of(seen->at, input.offset));
    }
    shop.visit_rows += table.rows();
    shop.refused += table.refused();
    return {};
}

}  // namespace raiten::app::ctl

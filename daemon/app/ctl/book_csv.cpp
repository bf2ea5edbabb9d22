#include "daemon/app/ctl/book_csv.hpp"

#include "daemon/app/ctl/csv_table.hpp"
#include "daemon/app/members_csv.hpp"
#include "daemon/app/ndjson.hpp"
#include "daemon/base/iso8601.hpp"

#include <algorithm>
#include <initializer_list>
#include <utility>

namespace raiten::app::ctl {
namespace {

using namespace std::chrono_literals;

constexpr Instant earliest{std::chrono::sys_days{std::chrono::year{1990} / 1 / 1}};
constexpr std::size_t name_bytes_max = 64;    // as of an event
constexpr std::size_t text_bytes_max = 1024;  // likewise
constexpr Money money_max = Money::from_units(10'000'000'000);
constexpr const char* time_advice = "such as 2026-11-22T10:00:00+09:00";

/// The rows of a file, one after the other, as far as both files are alike.
class Rows {
 public:
    Rows(const BookInput& input, ShopBook& book, bool receipts, CsvTable::Names needed,
         CsvTable::Names known)
        : input_{input},
          book_{book},
          receipts_{receipts},
          table_{{input.in, input.file, input.progress, input.refuse},
                 std::move(needed),
                 std::move(known)}
    {
    }

    /// `take` reads the rest of a row and gives its place in the book, or false.
    template <class Take>
    Result<void> each(Take take)
    {
        if (auto header = table_.read_header(); !header) return header;
        for (const auto& column : table_.unused()) input_.unused(column);
        while (table_.next()) {
            if (table_.rows() > book_rows_max)
                return Problem{"more than " + std::to_string(book_rows_max) + " rows",
                               table_.where(), "split the file by members"};
            const auto name = table_.field(0);
            if (name.empty()) {
                ++book_.rows_without_member;
                continue;
            }
            if (!is_member_name(name)) {
                refuse("has a member that is no name", "1 to 64 letters, digits and . _ : -");
                continue;
            }
            const auto at = time_in("at", table_.field(1));
            if (!at) continue;
            if (!take(*at, name)) continue;
            if (book_.members.size() > book_members_max)
                return Problem{"more than " + std::to_string(book_members_max) + " members",
                               table_.where(), "split the file by members"};
        }
        book_.refused += table_.refused();
        (receipts_ ? book_.receipt_rows : book_.visit_rows) += table_.rows();
        return {};
    }

    /// The member of a row that is good.
    BookedMember& member(std::string_view name)
    {
        auto found = book_.members.find(name);
        if (found == book_.members.end()) {
            found = book_.members.emplace(std::string{name}, BookedMember{}).first;
            found->second.line = line();
            found->second.from_receipts = receipts_;
        }
        return found->second;
    }
    bool refuse(std::string what, std::string advice = {})
    {
        table_.refuse(std::move(what), std::move(advice));
        return false;
    }
    std::optional<Instant> time_in(const std::string& column, std::string_view text)
    {
        constexpr std::size_t date_chars = 10;
        const bool date = text.size() == date_chars;
        const auto read =
            parse_instant(date ? std::string{text} + "T00:00:00Z" : std::string{text});
        if (!read) {
            refuse(column + ": " + read.error().what, time_advice);
            return std::nullopt;
        }
        const Instant at =
            date ? input_.clock.start_of(std::chrono::floor<std::chrono::days>(*read)) : *read;
        if (at < earliest) {
            refuse(column + " lies before 1990", "is the clock of that register right?");
            return std::nullopt;
        }
        if (at > input_.now) {
            refuse(column + " lies in the future", "what has not happened is no history");
            return std::nullopt;
        }
        return at;
    }
    bool fits(std::initializer_list<std::pair<const char*, std::size_t>> columns,
              std::size_t bytes_max)
    {
        for (const auto& [column, place] : columns)
            if (table_.field(place).size() > bytes_max)
                return refuse(std::string{column} + " is longer than " + std::to_string(bytes_max)
                              + " bytes");
        return true;
    }
    std::optional<Money> money_in(const char* column, std::size_t place)
    {
        const auto read = Money::parse(table_.field(place));
        if (!read)
            refuse(std::string{column} + ": " + read.error().what, read.error().advice);
        else if (*read > money_max || -*read > money_max)
            refuse(std::string{column} + " is more than " + money_max.text());
        else
            return *read;
        return std::nullopt;
    }
    std::string_view field(std::size_t place) const { return table_.field(place); }
    std::uint32_t text(std::size_t place) { return book_.texts.number_of(table_.field(place)); }
    std::uint32_t line() const { return static_cast<std::uint32_t>(table_.line()); }

 private:
    const BookInput& input_;
    ShopBook& book_;
    bool receipts_;
    CsvTable table_;
};

std::optional<ReceiptKind> kind_named(std::string_view name)
{
    if (name.empty() || name == "sale") return ReceiptKind::sale;
    if (name == "refund") return ReceiptKind::refund;
    if (name == "void") return ReceiptKind::void_;
    return std::nullopt;
}

enum Column : std::size_t {
    total = 2,
    number,
    kind,
    pos,
    currency,
    refers_to,
    sku,
    name,
    quantity,
    amount,
    category
};

/// The goods of a row, if it tells of any; nothing, with the row refused, where they are wrong.
std::optional<std::vector<BookedLine>> lines_in(Rows& rows)
{
    std::vector<BookedLine> lines;
    if (rows.field(sku).empty() && rows.field(name).empty() && rows.field(category).empty())
        return lines;
    BookedLine line;
    line.quantity = Money::from_units(1);
    const auto money = [&](const char* column, std::size_t place, Money& into) {
        if (rows.field(place).empty()) return true;
        const auto read = rows.money_in(column, place);
        if (read) into = *read;
        return read.has_value();
    };
    if (!money("quantity", quantity, line.quantity) || !money("amount", amount, line.amount))
        return std::nullopt;
    line.sku = rows.text(sku);
    line.name = rows.text(name);
    line.category = rows.text(category);
    lines.push_back(line);
    return lines;
}

/// Nothing, with the row refused, where it is wrong.
std::optional<BookedReceipt> receipt_in(Rows& rows, const BookInput& input, Instant at)
{
    const auto which = kind_named(rows.field(kind));
    if (!which) {
        rows.refuse("kind is neither sale nor refund nor void");
        return std::nullopt;
    }
    const auto money = rows.money_in("total", total);
    if (!money) return std::nullopt;
    const auto in = rows.field(currency);
    if (!in.empty() && in != input.currency) {
        rows.refuse(
            "is in " + std::string{in.substr(0, 8)} + ", but the store counts in " + input.currency,
            "convert the file, or correct [store] currency");
        return std::nullopt;
    }
    if (!rows.fits({{"number", number}, {"pos", pos}, {"refers_to", refers_to}}, name_bytes_max)
        || !rows.fits({{"sku", sku}, {"name", name}, {"category", category}}, text_bytes_max))
        return std::nullopt;
    auto lines = lines_in(rows);
    if (!lines) return std::nullopt;

    BookedReceipt receipt;
    receipt.at = at;
    receipt.kind = *which;
    receipt.total = *money;
    if (receipt.total < Money{}) {
        receipt.total = -receipt.total;
        if (receipt.kind == ReceiptKind::sale) receipt.kind = ReceiptKind::refund;
    }
    receipt.number = rows.field(number);
    receipt.pos = rows.text(pos);
    receipt.refers_to = rows.text(refers_to);
    receipt.line = rows.line();
    receipt.day = static_cast<std::int32_t>(input.clock.day_of(at).time_since_epoch().count());
    receipt.lines = std::move(*lines);
    return receipt;
}

/// The receipt whose lines go on in this one: mostly the one before, else looked for.
BookedReceipt* same_in(std::vector<BookedReceipt>& receipts, const BookedReceipt& receipt)
{
    if (receipt.number.empty()) return nullptr;
    const auto same = [&](const BookedReceipt& other) {
        return other.day == receipt.day && other.kind == receipt.kind && other.pos == receipt.pos
               && other.number == receipt.number;
    };
    const auto found = std::find_if(receipts.rbegin(), receipts.rend(), same);
    return found == receipts.rend() ? nullptr : &*found;
}

bool join(Rows& rows, BookedReceipt& receipt, BookedReceipt&& more)
{
    if (receipt.total != more.total)
        return rows.refuse("its total differs from that of line " + std::to_string(receipt.line)
                               + ", which has the same number",
                           "every row of a receipt tells the receipt's total");
    if (receipt.lines.size() == receipt_lines_max)
        return rows.refuse("is more than the " + std::to_string(receipt_lines_max)
                           + " lines of one receipt");
    receipt.lines.insert(receipt.lines.end(), more.lines.begin(), more.lines.end());
    receipt.at = std::min(receipt.at, more.at);
    return true;
}

}  // namespace

Result<void> book_visits_of(const BookInput& input, ShopBook& book)
{
    enum : std::size_t { left_at = 2, zone };
    Rows rows{input, book, false, {"member", "at"}, {"left_at", "zone"}};
    return rows.each([&](Instant at, std::string_view name) {
        BookedVisit visit;
        visit.opened_at = visit.left_at = at;
        if (const auto text = rows.field(left_at); !text.empty()) {
            const auto left = rows.time_in("left_at", text);
            if (!left) return false;
            if (*left < at) return rows.refuse("left_at is before at");
            if (*left - at > input.rules.max_visit)
                return rows.refuse("is longer than a visit can be", "[visits] max_visit");
            visit.left_at = *left;
            visit.passive = true;
        }
        if (!rows.fits({{"zone", zone}}, name_bytes_max)) return false;
        auto& member = rows.member(name);
        if (member.visits.size() == rows_of_member_max)
            return rows.refuse("is one visit too many of this member",
                               "at most " + std::to_string(rows_of_member_max));
        visit.zone = rows.text(zone);
        member.visits.push_back(visit);
        return true;
    });
}

Result<void> book_receipts_of(const BookInput& input, ShopBook& book)
{
    Rows rows{input,
              book,
              true,
              {"member", "at", "total"},
              {"number", "kind", "pos", "currency", "refers_to", "sku", "name", "quantity",
               "amount", "category"}};
    return rows.each([&](Instant at, std::string_view name) {
        auto receipt = receipt_in(rows, input, at);
        if (!receipt) return false;
        auto& member = rows.member(name);
        if (auto* same = same_in(member.receipts, *receipt))
            return join(rows, *same, std::move(*receipt));
        if (member.receipts.size() == rows_of_member_max)
            return rows.refuse("is one receipt too many of this member",
                               "at most " + std::to_string(rows_of_member_max));
        member.receipts.push_back(std::move(*receipt));
        return true;
    });
}

}  // namespace raiten::app::ctl

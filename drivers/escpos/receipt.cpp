#include "drivers/escpos/receipt.hpp"

#include "daemon/base/hex.hpp"
#include "drivers/escpos/amount.hpp"
#include "drivers/escpos/fold.hpp"
#include "drivers/escpos/pattern_list.hpp"
#include "drivers/escpos/utf8.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace raiten::drivers::escpos {
namespace {

using Lines = std::vector<ScannedLine>;

Lines folded(const std::vector<std::string>& lines)
{
    Lines result;
    result.reserve(lines.size());
    for (const auto& line : lines) result.push_back({fold_width(line)});
    return result;
}

Lines unfolded(const std::vector<std::string>& texts)
{
    Lines result;
    for (const auto& text : texts) result.push_back({text});
    return result;
}

/// FNV-1a, 64 bits (Fowler, Noll, Vo): needs to be stable over versions, not secret.
class Fingerprint {
 public:
    void add(std::string_view text)
    {
        for (const char c : text) mix(static_cast<std::uint8_t>(c));
        mix('\n');
    }
    std::string text() const
    {
        std::array<std::byte, 8> bytes{};
        for (std::size_t n = 0; n < bytes.size(); ++n)
            bytes[n] = static_cast<std::byte>(hash_ >> (56 - 8 * n) & 0xFFU);
        return "#" + to_hex(bytes);
    }

 private:
    void mix(std::uint8_t byte)
    {
        hash_ ^= byte;
        hash_ *= 0x0000'0100'0000'01B3U;
    }
    std::uint64_t hash_{0xCBF2'9CE4'8422'2325U};
};

std::string number_from_content(const Lines& lines, const std::vector<std::string>& barcodes)
{
    Fingerprint fingerprint;
    for (const auto& line : lines)
        if (!line.text.empty()) fingerprint.add(line.text);
    for (const auto& barcode : barcodes) fingerprint.add(barcode);
    return fingerprint.text();
}

struct Total {
    PrintedAmount amount;
    std::size_t line;
};

/// U+3041 to U+30FF, but for the dot and the long mark that others use too.
bool has_kana(std::string_view text)
{
    for (std::size_t at = text.find('\xE3'); at != std::string_view::npos;
         at = text.find('\xE3', at + 1)) {
        const auto point = next_utf8(text, at).point;
        if (point >= 0x3041 && point <= 0x30FA) return true;
    }
    return false;
}

/// Each line without digits with the line below it: a label may stand above its amount.
Lines with_line_below(const Lines& lines)
{
    Lines pairs(lines.size());
    for (std::size_t n = 0; n + 1 < lines.size(); ++n) {
        const auto& label = lines[n].text;
        if (label.empty() || label.find_first_of("0123456789") != std::string::npos) continue;
        pairs[n].text = label + " " + lines[n + 1].text;
    }
    return pairs;
}

std::optional<Total> find_total(const PatternList& patterns, const Lines& lines, const Lines& pairs)
{
    for (std::size_t pattern = 0; pattern < patterns.size(); ++pattern) {
        for (std::size_t n = 0; n < lines.size(); ++n) {
            auto found = patterns.capture_by(pattern, lines[n]);
            if (!found) found = patterns.capture_by(pattern, pairs[n]);
            if (!found) continue;
            if (const auto amount = parse_amount(*found)) return Total{*amount, n};
        }
    }
    return std::nullopt;
}

/// ¥ is the sign of two currencies: simplified characters without kana make it yuan.
std::string_view currency_of(const PrintedAmount& amount, const Lines& lines)
{
    constexpr std::string_view simplified[] = {"计", "总", "单", "应", "实",
                                               "额", "谢", "价", "订"};
    if (amount.currency != "JPY") return amount.currency;
    bool chinese = false;
    for (const auto& line : lines) {
        if (line.text.find("円") != std::string::npos || has_kana(line.text)) return "JPY";
        for (const auto character : simplified)
            chinese = chinese || line.text.find(character) != std::string::npos;
    }
    return chinese ? "CNY" : "JPY";
}

}  // namespace

struct ReceiptJudge::Compiled {
    PatternList total, number, member, member_barcode, date, refers_to, void_, refund, reprint,
        not_a_receipt, line, not_an_item;
    PatternScan scan;
    std::string member_prefix;
    std::string currency;

    std::string token(const Lines& lines, const std::vector<std::string>& barcodes) const
    {
        auto codes = unfolded(barcodes);
        scan.look(codes);
        auto found = member_barcode.first_capture(codes);
        if (!found) found = member.first_capture(lines);
        return found ? member_prefix + *found : std::string{};
    }

    ReceiptKind kind(const Lines& lines, const PrintedAmount& amount) const
    {
        if (void_.matches_any(lines)) return ReceiptKind::void_;
        if (amount.negative || refund.matches_any(lines)) return ReceiptKind::refund;
        return ReceiptKind::sale;
    }

    std::vector<ReceiptLine> items(std::span<const ScannedLine> lines) const
    {
        std::vector<ReceiptLine> items;
        for (const auto& each : lines) {
            if (items.size() == receipt_lines_max) break;
            if (not_an_item.matches(each)) continue;
            if (auto found = read_item(each)) items.push_back(std::move(*found));
        }
        return items;
    }

    std::optional<ReceiptLine> read_item(const ScannedLine& printed) const
    {
        auto found = line.item(printed);
        if (!found) return std::nullopt;
        const auto amount = parse_amount(found->amount);
        if (!amount) return std::nullopt;
        const auto quantity = parse_amount(found->quantity);
        ReceiptLine item;
        item.sku = std::move(found->sku);
        item.name = std::move(found->name);
        item.quantity = quantity ? quantity->value : Money::from_units(1);
        item.amount = amount->negative ? -amount->value : amount->value;
        return item;
    }
};

ReceiptJudge::ReceiptJudge(std::shared_ptr<const Compiled> compiled)
    : compiled_{std::move(compiled)}
{
}

Result<ReceiptJudge> ReceiptJudge::make(const ReceiptPatterns& patterns)
{
    static const auto common = ReceiptPatterns::common();
    if (patterns != common) return compile(patterns);
    static const auto judge = compile(common);
    return judge;
}

Result<ReceiptJudge> ReceiptJudge::compile(const ReceiptPatterns& patterns)
{
    auto compiled = std::make_shared<Compiled>();
    using Shape = PatternList::Shape;
    struct Row {
        std::string_view key;
        const std::vector<std::string>& patterns;
        PatternList& list;
        Shape shape;
    };
    const Row rows[] = {
        {"total", patterns.total, compiled->total, Shape::capture},
        {"number", patterns.number, compiled->number, Shape::capture},
        {"member", patterns.member, compiled->member, Shape::capture},
        {"member_barcode", patterns.member_barcode, compiled->member_barcode, Shape::capture},
        {"date", patterns.date, compiled->date, Shape::capture},
        {"refers_to", patterns.refers_to, compiled->refers_to, Shape::capture},
        {"void", patterns.void_, compiled->void_, Shape::flag},
        {"refund", patterns.refund, compiled->refund, Shape::flag},
        {"reprint", patterns.reprint, compiled->reprint, Shape::flag},
        {"not_a_receipt", patterns.not_a_receipt, compiled->not_a_receipt, Shape::flag},
        {"line", patterns.line, compiled->line, Shape::item},
        {"not_an_item", patterns.not_an_item, compiled->not_an_item, Shape::flag},
    };
    static_assert(std::size(rows) <= pattern_lists_max);
    std::size_t number = 0;
    for (const auto& row : rows) {
        auto list = PatternList::compile(row.key, row.patterns, row.shape);
        if (!list) return list.error();
        row.list = std::move(*list);
        row.list.join(compiled->scan, number++);
    }
    compiled->scan.compile();
    compiled->member_prefix = patterns.member_prefix;
    compiled->currency = patterns.currency;
    return ReceiptJudge{std::move(compiled)};
}

Judgement ReceiptJudge::judge(const Slip& slip) const
{
    const Compiled& store = *compiled_;
    if (slip.lines.empty()) return NotAReceipt{"slip without text"};
    if (slip.truncated) return NotAReceipt{"slip longer than a receipt can be"};

    Lines lines = folded(slip.lines);
    store.scan.look(lines);
    if (store.not_a_receipt.matches_any(lines))
        return NotAReceipt{"kitchen, card or other slip", true};
    if (store.reprint.matches_any(lines)) return NotAReceipt{"copy of a receipt", true};
    Lines pairs = with_line_below(lines);
    store.scan.look(pairs);
    const auto total = find_total(store.total, lines, pairs);
    if (!total) return NotAReceipt{"slip without a total"};

    ReceiptRead receipt;
    receipt.kind = store.kind(lines, total->amount);
    receipt.total = total->amount.value;
    receipt.currency =
        store.currency.empty() ? std::string{currency_of(total->amount, lines)} : store.currency;
    receipt.token = store.token(lines, slip.barcodes);
    receipt.refers_to = store.refers_to.first_capture(lines).value_or("");
    receipt.printed_at = store.date.first_capture(lines).value_or("");
    receipt.lines = store.items(std::span{lines}.first(total->line));
    const auto number = store.number.first_capture(lines, &store.refers_to);
    receipt.number = number ? *number : number_from_content(lines, slip.barcodes);
    return receipt;
}

}  // namespace raiten::drivers::escpos

#include "drivers/pos/transaction.hpp"

#include "drivers/escpos/utf8.hpp"

#include <string_view>
#include <utility>

namespace raiten::drivers::pos {
namespace {

std::optional<ReceiptKind> receipt_kind(Kind kind)
{
    switch (kind) {
        case Kind::sale:
            return ReceiptKind::sale;
        case Kind::refund:
            return ReceiptKind::refund;
        case Kind::void_:
            return ReceiptKind::void_;
        default:
            return std::nullopt;
    }
}

/// A number that is not all digits is no card's: it is the service's own name for the member.
std::string token_of(std::string_view kind, const std::string& member)
{
    const bool digits = member.find_first_not_of("0123456789") == std::string::npos;
    return std::string{kind == "card" && !digits ? "app" : kind} + ":" + member;
}

/// What a source wrote, as it may be shown and kept: no control characters, no broken UTF-8, at
/// most text_bytes_max.
std::string clean(std::string_view text)
{
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const auto next = escpos::next_utf8(text, at);
        const bool control = next.point < 0x20 || (next.point >= 0x7f && next.point < 0xa0);
        const auto part = next.valid && !control ? text.substr(at, next.bytes) : " ";
        if (out.size() + part.size() > text_bytes_max) break;
        out += part;
        at += next.bytes;
    }
    return out;
}

/// A literal for each kind that is no receipt.
std::string_view why_none(Kind kind)
{
    switch (kind) {
        case Kind::order:
            return "an order, not a sale";
        case Kind::payment:
            return "a payment that is told elsewhere";
        case Kind::loyalty:
            return "about a loyalty account";
        case Kind::control:
            return "the register's own doings";
        default:
            return "a notice without contents";
    }
}

class Receipts final : public Translator {
 public:
    Receipts(std::unique_ptr<TransactionReader> reader, Options options)
        : reader_{std::move(reader)}, options_{std::move(options)}
    {
    }

    void feed(std::span<const std::byte> bytes, const Tell& tell) override
    {
        reader_->feed(bytes, judging(tell), [&](const Garbled& garbled) { tell(garbled); });
    }
    void finish(const Tell& tell) override
    {
        reader_->finish(judging(tell), [&](const Garbled& garbled) { tell(garbled); });
    }

 private:
    TransactionReader::Hear judging(const Tell& tell) const
    {
        return [this, &tell](const Transaction& transaction) {
            auto judgement = judge(transaction, options_);
            if (judgement.receipt) return tell(*std::move(judgement.receipt));
            tell(Garbled{judgement.why_not, 0});
        };
    }

    std::unique_ptr<TransactionReader> reader_;
    Options options_;
};

}  // namespace

std::string_view text(Kind kind)
{
    switch (kind) {
        case Kind::sale:
            return "sale";
        case Kind::refund:
            return "refund";
        case Kind::void_:
            return "void";
        case Kind::order:
            return "order";
        case Kind::payment:
            return "payment";
        case Kind::loyalty:
            return "loyalty";
        case Kind::control:
            return "control";
        case Kind::notice:
            return "notice";
    }
    return "";
}

Judgement judge(const Transaction& transaction, const Options& options)
{
    const auto kind = receipt_kind(transaction.kind);
    if (!transaction.not_here.empty()) return {{}, transaction.not_here};
    if (!kind) return {{}, why_none(transaction.kind)};
    if (!options.store.empty() && !transaction.store.empty() && transaction.store != options.store)
        return {{}, "another store's"};
    if (transaction.number.empty()) return {{}, "a transaction without a number"};

    ReceiptRead receipt;
    receipt.number = clean(transaction.number);
    receipt.kind = *kind;
    if (!transaction.members.empty())
        receipt.token = token_of(options.member_kind, clean(transaction.members.front()));
    receipt.total = transaction.total;
    receipt.currency =
        transaction.currency.empty() ? options.currency : clean(transaction.currency);
    receipt.refers_to = clean(transaction.refers_to);
    for (const auto& line : transaction.lines)
        receipt.lines.push_back(
            {clean(line.sku), clean(line.name), line.quantity, line.amount, clean(line.category)});
    receipt.told_at = transaction.at;
    return {std::move(receipt), {}};
}

std::unique_ptr<Translator> make_receipts(std::unique_ptr<TransactionReader> reader,
                                          const Options& options)
{
    return std::make_unique<Receipts>(std::move(reader), options);
}

}  // namespace raiten::drivers::pos

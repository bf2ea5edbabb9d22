#pragma once

#include "daemon/model/reading.hpp"
#include "drivers/options.hpp"
#include "drivers/translator.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace raiten::drivers::pos {

/// What a register's log or a POS service calls one record.
enum class Kind : std::uint8_t {
    sale,
    refund,
    void_,
    order,    ///< ordered, not (or not yet) sold here
    payment,  ///< money for an order that is told elsewhere
    loyalty,  ///< about a member's account
    control,  ///< the register's own doings: sign-on, open drawer, end of day
    notice    ///< says that something happened, without its contents
};
std::string_view text(Kind kind);  ///< "sale", "refund", "void", "order", …

/// One source transaction of a register's log or a POS service, before it is judged.
struct Transaction {
    Kind kind{Kind::sale};
    std::string number;  ///< as the source numbers it; one of a kind within a register's day
    std::string register_name{};  ///< workstation or terminal, as the source names it
    std::string store{};
    std::string business_day{};  ///< "2017-10-01" as the source says, or empty
    std::optional<ToldTime> at{};
    std::string currency{};  ///< ISO 4217, or empty
    Money total{};           ///< never negative
    std::vector<ReceiptLine> lines{};
    std::vector<std::string> members{};  ///< loyalty numbers, in order of trust
    std::string refers_to{};             ///< refund or void: number of what it undoes, if said
    /// Why this is no purchase, refund or void in this store, in words ("training mode",
    /// "ordered online", "payment is not completed"); a literal; empty: it is one.
    std::string_view not_here{};
};

constexpr std::size_t lines_max = 500;  ///< items of one transaction; more are left out
constexpr std::size_t text_bytes_max = 256;

/// A source of transactions: bytes cut anywhere go in, whole records come out.
class TransactionReader {
 public:
    using Hear = std::function<void(Transaction)>;
    using Refuse = std::function<void(const Garbled&)>;

    virtual ~TransactionReader() = default;
    virtual void feed(std::span<const std::byte> bytes, const Hear& hear, const Refuse& refuse) = 0;
    virtual void finish(const Hear& hear, const Refuse& refuse) = 0;
};

/// The receipt that this transaction is, or why it is none (a literal). Its token is of the kind
/// that the options name; where that is "card" and the member's number is not all digits, "app".
struct Judgement {
    std::optional<ReceiptRead> receipt;
    std::string_view why_not;
};
Judgement judge(const Transaction& transaction, const Options& options);

/// Tells the receipts among a reader's transactions; the others are told as Garbled with the
/// reason and no bytes.
std::unique_ptr<Translator> make_receipts(std::unique_ptr<TransactionReader> reader,
                                          const Options& options);

}  // namespace raiten::drivers::pos

#pragma once

#include "daemon/engine/engine.hpp"

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace raiten {

/// The receipts of the last two days, so that each counts once and a void finds its sale.
class ReceiptBook {
 public:
    struct Entry {
        std::uint64_t content{};
        Instant at;
        Money total;
        Money undone;  ///< by voids and refunds
        std::optional<MemberId> member;
        std::optional<VisitId> visit;     ///< once settled
        std::optional<MemberId> buyer{};  ///< whom the receipt names

        template <class Archive>
        void archive(Archive& a)
        {
            a(content, at, total, undone, member, visit, buyer);
        }
    };
    /// Business day last: a register may start its numbers again each day.
    using Key = std::tuple<std::string, std::string, ReceiptKind, std::chrono::sys_days>;

    enum class Told : std::uint8_t { first, same, other };
    Told tell(const Key& key, Entry entry);

    Entry* find(const Key& key);
    /// A void or refund of the newest sale with this number at this register: that sale, with
    /// what is undone of it now, or nothing if it is not known. In that case it waits for the
    /// sale: registers are not always polled in order.
    Entry* undo(const std::string& pos, const std::string& number, ReceiptKind kind, Money amount);

    /// How many sales were told of [at − around, at + around].
    std::size_t sales(Instant at, Millis around) const;

    void forget_before(Instant at);
    template <class Archive>
    void archive(Archive& a)
    {
        a(entries_, waiting_, order_, sales_);
    }

    static constexpr std::size_t entries_max = 200'000;

 private:
    Entry* newest_sale(const std::string& pos, const std::string& number);

    struct Waiting {
        ReceiptKind kind{};
        Money amount;
        template <class Archive>
        void archive(Archive& a)
        {
            a(kind, amount);
        }
    };
    void forget_oldest();
    static void undo(Entry& sale, ReceiptKind kind, Money amount);

    std::map<Key, Entry> entries_;
    std::map<std::pair<std::string, std::string>, std::vector<Waiting>> waiting_;
    std::deque<std::pair<Instant, Key>> order_;
    std::multiset<Instant> sales_;
};

}  // namespace raiten

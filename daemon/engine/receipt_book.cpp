#include "daemon/engine/receipt_book.hpp"

#include <algorithm>
#include <iterator>

namespace raiten {

ReceiptBook::Told ReceiptBook::tell(const Key& key, Entry entry)
{
    const Instant at = entry.at;
    const auto content = entry.content;
    const auto [found, is_new] = entries_.try_emplace(key, std::move(entry));
    if (!is_new) return found->second.content == content ? Told::same : Told::other;
    const auto& [pos, number, kind, day] = key;
    if (const auto early = waiting_.find({pos, number});
        early != waiting_.end() && kind == ReceiptKind::sale) {
        for (const auto& each : early->second) undo(found->second, each.kind, each.amount);
        waiting_.erase(early);
    }
    order_.emplace_back(at, key);
    if (kind == ReceiptKind::sale) sales_.insert(at);
    if (order_.size() > entries_max) forget_oldest();
    return Told::first;
}

void ReceiptBook::forget_oldest()
{
    const auto& [pos, number, kind, day] = order_.front().second;
    waiting_.erase({pos, number});
    if (kind == ReceiptKind::sale) sales_.erase(sales_.find(order_.front().first));
    entries_.erase(order_.front().second);
    order_.pop_front();
}

std::size_t ReceiptBook::sales(Instant at, Millis around) const
{
    return static_cast<std::size_t>(
        std::distance(sales_.lower_bound(at - around), sales_.upper_bound(at + around)));
}

void ReceiptBook::undo(Entry& sale, ReceiptKind kind, Money amount)
{
    const Money more = kind == ReceiptKind::void_ ? sale.total : amount;
    sale.undone = std::min(sale.total, sale.undone + more);
}

ReceiptBook::Entry* ReceiptBook::find(const Key& key)
{
    const auto found = entries_.find(key);
    return found == entries_.end() ? nullptr : &found->second;
}

ReceiptBook::Entry* ReceiptBook::newest_sale(const std::string& pos, const std::string& number)
{
    auto after =
        entries_.upper_bound({pos, number, ReceiptKind::sale, std::chrono::sys_days::max()});
    if (after == entries_.begin()) return nullptr;
    --after;
    const auto& [its_pos, its_number, kind, day] = after->first;
    const bool is_it = its_pos == pos && its_number == number && kind == ReceiptKind::sale;
    return is_it ? &after->second : nullptr;
}

ReceiptBook::Entry* ReceiptBook::undo(const std::string& pos, const std::string& number,
                                      ReceiptKind kind, Money amount)
{
    Entry* sale = newest_sale(pos, number);
    if (sale) {
        undo(*sale, kind, amount);
    } else {
        waiting_[{pos, number}].push_back({kind, amount});
    }
    return sale;
}

void ReceiptBook::forget_before(Instant at)
{
    while (!order_.empty() && order_.front().first < at) forget_oldest();
}

}  // namespace raiten

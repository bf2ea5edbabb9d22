#include "daemon/app/ctl/shop_history.hpp"

#include <algorithm>
#include <tuple>

namespace raiten::app::ctl {
namespace {

using Kind = PastReceipt::Kind;

bool same_receipt(const PastReceipt& one, const PastReceipt& other)
{
    return one.number != 0 && one.number == other.number && one.kind == other.kind
           && one.day == other.day;
}

/// One row for each receipt, ascending by day.
void unite_lines(std::vector<PastReceipt>& receipts)
{
    std::sort(receipts.begin(), receipts.end(), [](const auto& one, const auto& other) {
        return std::tie(one.day, one.number, one.kind, one.line)
               < std::tie(other.day, other.number, other.kind, other.line);
    });
    receipts.erase(std::unique(receipts.begin(), receipts.end(), same_receipt), receipts.end());
}

bool is_voided(const PastReceipt& sale, const std::vector<std::uint64_t>& voided)
{
    return sale.number != 0 && std::binary_search(voided.begin(), voided.end(), sale.number);
}

}  // namespace

MemberDays days_of(std::vector<PastReceipt> receipts)
{
    unite_lines(receipts);
    std::vector<std::uint64_t> voided;
    for (const auto& receipt : receipts)
        if (receipt.kind == Kind::void_) voided.push_back(receipt.number);
    std::sort(voided.begin(), voided.end());

    MemberDays days;
    for (std::size_t i = 0; i < receipts.size();) {
        const auto day = receipts[i].day;
        Money sold, returned;
        bool any = false;
        for (; i < receipts.size() && receipts[i].day == day; ++i) {
            const auto& receipt = receipts[i];
            if (receipt.kind == Kind::refund) returned += receipt.total;
            if (receipt.kind != Kind::sale || is_voided(receipt, voided)) continue;
            sold += receipt.total;
            any = true;
        }
        const bool undone = any && returned > Money{} && returned >= sold;
        if (any && !undone)
            days.bought.push_back({day, (sold - returned).units()});
        else if (returned > Money{})
            days.refunded.emplace_back(day, undone ? returned - sold : returned);
    }
    return days;
}

}  // namespace raiten::app::ctl

#include "daemon/app/ctl/book_visits.hpp"

#include "daemon/engine/chain.hpp"

#include <algorithm>
#include <optional>
#include <tuple>

namespace raiten::app::ctl {
namespace {

using Visits = std::vector<BookedVisit>;
using Receipts = std::vector<BookedReceipt>;

/// How long after the last that is known of it a visit still goes on.
Millis patience(const BookedVisit& visit, const VisitRules& rules)
{
    return visit.passive ? rules.settle_grace : std::max(rules.settle_grace, rules.checkin_stay);
}

void unite(Visits& visits, const VisitRules& rules)
{
    std::sort(visits.begin(), visits.end(), [](const auto& a, const auto& b) {
        return std::tie(a.opened_at, a.left_at) < std::tie(b.opened_at, b.left_at);
    });
    Visits united;
    for (const auto& visit : visits) {
        if (!united.empty()) {
            auto& last = united.back();
            const auto left = std::max(last.left_at, visit.left_at);
            if (visit.opened_at <= last.left_at + patience(last, rules)
                && left - last.opened_at <= rules.max_visit) {
                last.left_at = left;
                last.passive |= visit.passive;
                if (last.zone == 0) last.zone = visit.zone;
                continue;
            }
        }
        united.push_back(visit);
    }
    visits = std::move(united);
}

/// Whether a sale belongs to the visit, which did not open after it.
bool covers(const BookedVisit& visit, Instant at, const VisitRules& rules)
{
    const auto longer = std::max(rules.receipt_slack, patience(visit, rules));
    return at <= visit.left_at + longer && at - visit.opened_at <= rules.max_visit;
}

/// Gives each sale its visit, by its place in `visits`; adds visits for those that have none.
void give_sales(Visits& visits, Receipts& receipts, std::size_t sales, const VisitRules& rules)
{
    const auto rows = visits.size();
    std::size_t next = 0;              // the first row's visit that opens after the sale
    std::optional<std::size_t> alone;  // the visit that sales made, if no row's came since
    for (std::size_t i = 0; i < sales; ++i) {
        auto& sale = receipts[i];
        while (next < rows && visits[next].opened_at <= sale.at) {
            alone.reset();
            ++next;
        }
        std::optional<std::size_t> place = alone;
        if (!place && next > 0) place = next - 1;
        if (!place || !covers(visits[*place], sale.at, rules)) {
            if (next < rows && sale.at >= visits[next].opened_at - rules.receipt_slack) {
                sale.visit = static_cast<std::uint32_t>(next);
                continue;
            }
            BookedVisit visit;
            visit.opened_at = visit.left_at = sale.at;
            place = alone = visits.size();
            visits.push_back(visit);
        }
        auto& visit = visits[*place];
        visit.left_at = std::max(visit.left_at, sale.at);
        sale.visit = static_cast<std::uint32_t>(*place);
    }
}

/// The visits by time, and the sales by their visits.
void put_in_order(Visits& visits, Receipts& receipts, std::size_t sales)
{
    std::vector<std::uint32_t> order(visits.size());
    for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(), [&](auto a, auto b) {
        return std::tie(visits[a].opened_at, a) < std::tie(visits[b].opened_at, b);
    });
    std::vector<std::uint32_t> place(order.size());
    Visits sorted;
    sorted.reserve(visits.size());
    for (std::uint32_t i = 0; i < order.size(); ++i) {
        place[order[i]] = i;
        sorted.push_back(visits[order[i]]);
    }
    visits = std::move(sorted);
    const auto end = receipts.begin() + static_cast<std::ptrdiff_t>(sales);
    for (auto sale = receipts.begin(); sale != end; ++sale) sale->visit = place[sale->visit];
    std::stable_sort(receipts.begin(), end,
                     [](const auto& a, const auto& b) { return a.visit < b.visit; });
    for (std::size_t i = 0; i < sales; ++i) {
        auto& visit = visits[receipts[i].visit];
        if (visit.sales++ == 0) visit.first_sale = static_cast<std::uint32_t>(i);
    }
}

/// The newest sale with that number at that register up to the undoing; else the first one of the
/// same day, since registers are not always read in order.
BookedReceipt* sale_undone_by(const BookedReceipt& undoing, Receipts& receipts, std::size_t sales,
                              std::string_view number)
{
    BookedReceipt* found = nullptr;
    if (number.empty()) return found;
    for (std::size_t i = 0; i < sales; ++i) {
        auto& sale = receipts[i];
        if (sale.number != number || sale.pos != undoing.pos) continue;
        if (sale.at <= undoing.at || (!found && sale.day == undoing.day)) found = &sale;
    }
    return found;
}

}  // namespace

void find_visits(BookedMember& member, const TextPool& texts, const VisitRules& rules)
{
    auto& [visits, receipts, line, from_receipts, returned, unmatched] = member;
    unite(visits, rules);
    std::sort(receipts.begin(), receipts.end(), [](const auto& a, const auto& b) {
        return std::tuple{a.kind != ReceiptKind::sale, a.at, a.line}
               < std::tuple{b.kind != ReceiptKind::sale, b.at, b.line};
    });
    std::size_t sales = 0;
    while (sales < receipts.size() && receipts[sales].kind == ReceiptKind::sale) ++sales;
    give_sales(visits, receipts, sales, rules);
    put_in_order(visits, receipts, sales);

    for (std::size_t i = sales; i < receipts.size(); ++i) {
        const auto& undoing = receipts[i];
        const std::string_view number =
            undoing.refers_to == 0 ? undoing.number : texts.text(undoing.refers_to);
        auto* sale = sale_undone_by(undoing, receipts, sales, number);
        if (!sale) {
            ++unmatched;
            continue;
        }
        const Money back = undoing.kind == ReceiptKind::void_ ? sale->total : undoing.total;
        if (undoing.at - visits[sale->visit].left_at > rules.late_receipt)
            returned += back;
        else
            sale->undone = std::min(sale->total, sale->undone + back);
    }

    std::optional<MemberRecord::Link> previous;
    for (auto& visit : visits) {
        for (auto i = visit.first_sale; i < visit.first_sale + visit.sales; ++i)
            visit.purchase |= receipts[i].undone < receipts[i].total;
        visit.streak = streak_after(previous, visit.opened_at, rules.return_window);
        previous.emplace();
        previous->left_at = visit.left_at;
        previous->streak = visit.streak;
        previous->outcome = visit.purchase ? VisitOutcome::purchase : VisitOutcome::no_purchase;
    }
}

}  // namespace raiten::app::ctl

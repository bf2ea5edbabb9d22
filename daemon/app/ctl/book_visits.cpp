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

/// Goes through rows and sales as they happened; each sale is given its place in the visits.
class Sweep {
 public:
    explicit Sweep(const VisitRules& rules) : rules_{rules} {}

    void observe(const BookedVisit& row)
    {
        auto& visit = visit_for(row.opened_at, row.left_at);
        visit.left_at = std::max(visit.left_at, row.left_at);
        visit.passive |= row.passive;
        if (visit.zone == 0) visit.zone = row.zone;
    }
    void observe(BookedReceipt& sale, std::size_t place)
    {
        auto& visit = visit_for(sale.at, sale.at);
        visit.left_at = std::max(visit.left_at, sale.at);
        sale.visit = static_cast<std::uint32_t>(visits_.size() - 1);
        if (visit.sales++ == 0) visit.first_sale = static_cast<std::uint32_t>(place);
    }
    Visits take() { return std::move(visits_); }

 private:
    BookedVisit& visit_for(Instant at, Instant until)
    {
        if (!visits_.empty()) {
            auto& last = visits_.back();
            if (at <= last.left_at + patience(last, rules_)
                && std::max(last.left_at, until) - last.opened_at <= rules_.max_visit)
                return last;
        }
        BookedVisit visit;
        visit.opened_at = visit.left_at = at;
        visits_.push_back(visit);
        return visits_.back();
    }

    const VisitRules& rules_;
    Visits visits_;
};

/// `sales`: how many of the receipts, by time, are some.
Visits swept(Visits rows, Receipts& receipts, std::size_t sales, const VisitRules& rules)
{
    std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
        return std::tie(a.opened_at, a.left_at) < std::tie(b.opened_at, b.left_at);
    });
    Sweep sweep{rules};
    std::size_t next = 0;
    for (const auto& row : rows) {
        for (; next < sales && receipts[next].at < row.opened_at; ++next)
            sweep.observe(receipts[next], next);
        sweep.observe(row);
    }
    for (; next < sales; ++next) sweep.observe(receipts[next], next);
    return sweep.take();
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
    std::sort(receipts.begin(), receipts.end(), [](const auto& a, const auto& b) {
        return std::tuple{a.kind != ReceiptKind::sale, a.at, a.line}
               < std::tuple{b.kind != ReceiptKind::sale, b.at, b.line};
    });
    std::size_t sales = 0;
    while (sales < receipts.size() && receipts[sales].kind == ReceiptKind::sale) ++sales;
    visits = swept(std::move(visits), receipts, sales, rules);

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

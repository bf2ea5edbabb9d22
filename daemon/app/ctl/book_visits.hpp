#pragma once

#include "daemon/app/ctl/shop_book.hpp"
#include "daemon/model/rules.hpp"

namespace raiten::app::ctl {

/// Makes of a member's rows the settled visits that the box would have found, ascending, with their
/// sales, outcomes and streaks; the receipts then lie sale by sale in the order of the visits,
/// and voids and refunds after them by time.
///
///  - A row of the visits and a sale are observations, in the order in which they happened. One
///    that comes up to settle_grace (checkin_stay, while it is not said when the member left) after
///    the last belongs to the same visit, up to max_visit; so a sale makes a visit of its own where
///    there is none.
///  - A void or refund undoes the newest sale with the number that it refers to (or bears) at the
///    same register. Within late_receipt of the visit's end it changes the outcome, later it is
///    counted in `returned`; where no such sale is known, in `unmatched`.
void find_visits(BookedMember& member, const TextPool& texts, const VisitRules& rules);

}  // namespace raiten::app::ctl

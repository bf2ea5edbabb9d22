#pragma once

#include "daemon/app/ctl/shop_book.hpp"
#include "daemon/model/rules.hpp"

namespace raiten::app::ctl {

/// Makes of a member's rows the settled visits that the box would have found, ascending, with their
/// sales, outcomes and streaks; the receipts then lie sale by sale in the order of the visits,
/// and voids and refunds after them by time.
///
///  - Rows of visits that overlap, or follow within settle_grace (checkin_stay where it is not said
///    when the member left), are one visit, up to max_visit.
///  - A sale from receipt_slack before a visit until as long after its last observation belongs to
///    it, and is an observation itself. Other sales are visits of their own: those within
///    checkin_stay of each other, one.
///  - A void or refund undoes the newest sale with the number that it refers to (or bears) at the
///    same register. Within late_receipt of the visit's end it changes the outcome, later it is
///    counted in `returned`; where no such sale is known, in `unmatched`.
void find_visits(BookedMember& member, const TextPool& texts, const VisitRules& rules);

}  // namespace raiten::app::ctl

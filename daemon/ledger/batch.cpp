#include "daemon/ledger/batch.hpp"

#include "daemon/ledger/coupon_table.hpp"
#include "daemon/ledger/exit_table.hpp"
#include "daemon/ledger/history_tables.hpp"
#include "daemon/ledger/member_table.hpp"
#include "daemon/ledger/meta.hpp"
#include "daemon/ledger/outbox_table.hpp"
#include "daemon/ledger/score_table.hpp"
#include "daemon/ledger/standing_table.hpp"
#include "daemon/ledger/state_table.hpp"
#include "daemon/ledger/summary_table.hpp"
#include "daemon/ledger/visit_table.hpp"

#include <algorithm>

namespace raiten::ledger {

void put_batch(Database& database, const Batch& batch)
{
    const auto before = engine_time_of(database);
    const auto now = std::max(before, batch.engine_time.value_or(before));
    if (now > before) put_meta(database, "engine_time", now.time_since_epoch().count());

    for (const auto& member : batch.members) put_history(database, member);
    for (const auto& visit : batch.visits) put_visit(database, visit, now);
    for (const auto& receipt : batch.receipts) put_receipt(database, receipt, now);
    for (const auto& coupon : batch.coupons) put_coupon(database, coupon, now);
    for (const auto& lease : batch.leases) put_lease(database, lease);
    if (batch.campaigns_learned)
        put_meta(database, campaigns_learned_key, *batch.campaigns_learned);
    for (const auto& checkin : batch.checkins) put_checkin(database, checkin, now);
    for (const auto& state : batch.readers) put_reader_state(database, state, now);
    for (const auto& model : batch.exits) put_exit_model(database, model);
    for (const auto& survey : batch.surveys) put_survey(database, survey, now);
    for (const auto& row : batch.scores) put_score(database, row);
    for (const auto member : batch.unscored) drop_score(database, member);
    for (const auto& row : batch.models) put_model(database, row);
    if (batch.scored_day) put_scored_day(database, *batch.scored_day);
    for (const auto& summary : batch.summaries) put_summary(database, summary);
    for (const auto& entry : batch.journal) put_journal(database, entry, now);
    for (const auto& row : batch.stream) put_stream(database, row, now);
    for (const auto& entry : batch.outbox) put_outbox(database, entry);
    put_engine_state(database, batch.engine_state);
}

}  // namespace raiten::ledger

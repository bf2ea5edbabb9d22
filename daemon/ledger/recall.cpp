#include "daemon/ledger/recall.hpp"

#include "daemon/ledger/coupon_table.hpp"
#include "daemon/ledger/exit_table.hpp"
#include "daemon/ledger/history_tables.hpp"
#include "daemon/ledger/meta.hpp"
#include "daemon/ledger/score_table.hpp"
#include "daemon/ledger/standing_table.hpp"
#include "daemon/ledger/summary_table.hpp"
#include "daemon/ledger/visit_table.hpp"

#include <algorithm>

namespace raiten::ledger {
namespace {

using namespace std::chrono_literals;

constexpr Millis longest_bucket = 26h;
constexpr Millis keys_longer = 24h;
constexpr std::size_t summaries_max = 1000;

/// Rows lie in order of arrival; what came late stands too far back.
template <class Rows>
void by_time(Rows& rows)
{
    std::stable_sort(rows.begin(), rows.end(),
                     [](const auto& a, const auto& b) { return a.at < b.at; });
}

}  // namespace

Remembered recall(Database& database, const Horizon& horizon)
{
    Remembered out;
    out.engine_time = engine_time_of(database);
    const auto since = out.engine_time - horizon.amendable - longest_bucket;
    out.unsettled = unsettled_visits(database);
    out.settled = settled_since(database, since);
    for (const auto bucket : {Summary::Bucket::hour, Summary::Bucket::day}) {
        auto found = summaries_between(database, bucket, since, Instant::max(), summaries_max);
        out.summaries.insert(out.summaries.end(), found.begin(), found.end());
    }
    const auto keys_since = out.engine_time - horizon.amendable - keys_longer;
    out.receipts = receipt_keys_since(database, keys_since);
    out.checkins = checkins_since(database, keys_since);
    for (auto& each : reader_changes_since(database, keys_since))
        out.readers.push_back({std::move(each.name), each.passive, each.at, each.up});
    by_time(out.receipts);
    by_time(out.checkins);
    by_time(out.readers);
    out.standings = standings(database, out.engine_time);
    out.campaigns_learned = meta_text(database, campaigns_learned_key).value_or("");
    out.forecasts = forecasts_after(database, out.engine_time);
    out.exits = exit_models(database);
    out.unexpired = unexpired_coupons(database);
    out.coupons = coupons_since(database, since);
    return out;
}

}  // namespace raiten::ledger

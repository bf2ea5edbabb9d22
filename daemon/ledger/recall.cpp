#include "daemon/ledger/recall.hpp"

#include "daemon/ledger/coupon_table.hpp"
#include "daemon/ledger/history_tables.hpp"
#include "daemon/ledger/meta.hpp"
#include "daemon/ledger/visit_table.hpp"

namespace raiten::ledger {
namespace {

using namespace std::chrono_literals;

constexpr Millis longest_bucket = 26h;
constexpr Millis keys_longer = 24h;
constexpr std::size_t summaries_max = 1000;

}  // namespace

Remembered recall(Database& database, const Horizon& horizon, const ReaderOf& reader_of)
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
    for (auto& checkin : checkins_since(database, keys_since)) {
        const auto reader = reader_of(checkin.reader);
        if (!reader) continue;
        checkin.key.reader = *reader;
        out.checkins.push_back(std::move(checkin.key));
    }
    out.spent = all_spent(database);
    out.unexpired = unexpired_coupons(database);
    return out;
}

}  // namespace raiten::ledger

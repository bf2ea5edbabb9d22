#include "daemon/app/outbox.hpp"

#include "daemon/app/log.hpp"

namespace raiten::app {
namespace {

constexpr std::size_t fetch_bytes_max = 4 * 1024 * 1024;

void tell(const Result<void>& how)
{
    if (!how) log::problem(log::Level::error, "outbox.failed", how.error());
}

}  // namespace

void Outbox::fetch(Lane lane, std::uint64_t after, std::size_t rows_max,
                   std::function<void(Rows)> answer)
{
    auto entries = ledger_.outbox_after(lane, after, rows_max, fetch_bytes_max);
    if (!entries) return answer(entries.error());
    std::vector<sync::OutboxRow> rows;
    for (auto& entry : entries.value()) {
        sync::OutboxRow row{lane, entry.sequence, std::move(entry.type), std::move(entry.payload),
                            entry.expires_at};
        if (entry.gap_from) {
            row.type = "raiten.gap.v1";
            row.payload =
                gap_envelope(sender_, {lane, entry.sequence}, *entry.gap_from, row.payload);
        }
        rows.push_back(std::move(row));
    }
    answer(std::move(rows));
}

void Outbox::settled(Lane lane, std::uint64_t through)
{
    ledger_.outbox_settle(lane, through, &tell);
}

void Outbox::dropped(Lane lane, std::uint64_t from, std::uint64_t through, std::string reason)
{
    log::warning(
        "outbox.dropped",
        {{"lane", text_of(lane)}, {"from", from}, {"through", through}, {"reason", reason}});
    ledger_.outbox_drop(lane, from, through, std::move(reason), &tell);
}

std::uint64_t Outbox::head(Lane lane) const
{
    const auto head = ledger_.lane_head(lane);
    return head ? head.value().next - 1 : 0;
}

}  // namespace raiten::app

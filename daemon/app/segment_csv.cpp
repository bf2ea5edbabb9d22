#include "daemon/app/segment_csv.hpp"

#include "daemon/base/iso8601.hpp"

namespace raiten::app {
namespace {

void put_rank(std::string& out, const std::optional<std::uint8_t>& rank)
{
    if (rank) out += std::to_string(*rank);
    out += ',';
}

}  // namespace

Result<SegmentCsv> segment_csv(ledger::Histories& past, const std::string& where, Instant at,
                               MemberId after, std::size_t limit, const StoreClock& clock,
                               const std::atomic<bool>& cancelled)
{
    SegmentCsv out;
    out.text = "member,stage,rfm_r,rfm_f,rfm_m,next_visit_at\n";
    std::size_t members = 0;
    MemberId last = after;
    const auto read = past.each_in_segment(
        where, at, after,
        [&](const ledger::InSegment& each) {
            if (members == limit) {
                out.next = last;
                return false;
            }
            ++members;
            last = each.id;
            out.text += each.name + ',';
            if (each.stage) out.text += text_of(*each.stage);
            out.text += ',';
            put_rank(out.text, each.rfm_r);
            put_rank(out.text, each.rfm_f);
            put_rank(out.text, each.rfm_m);
            if (each.next_visit_at)
                out.text +=
                    format_instant(*each.next_visit_at, clock.offset_at(*each.next_visit_at));
            out.text += '\n';
            return true;
        },
        cancelled);
    if (!read) return read.error();
    return out;
}

}  // namespace raiten::app

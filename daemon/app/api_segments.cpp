#include "daemon/app/api_handlers.hpp"
#include "daemon/app/api_text.hpp"
#include "daemon/app/await.hpp"
#include "daemon/app/member_desk.hpp"

#include <limits>

/// Who is in a campaign's segment, over the whole ledger.
namespace raiten::app {
namespace {

std::string next_page(const http::Request& request, const SegmentCsv& piece, std::size_t limit)
{
    return "<" + request.path + "?cursor=" + std::to_string(piece.next->value())
           + "&limit=" + std::to_string(limit) + ">; rel=\"next\"";
}

}  // namespace

Reply get_segment(Parts parts, http::Request request)
{
    const auto campaign = parts->campaigns.find(request.parameter("name"));
    if (campaign == parts->campaigns.end())
        co_return http::problem(404, "", "no campaign has that name");
    constexpr auto cursor_max = static_cast<std::size_t>(std::numeric_limits<std::int64_t>::max());
    const auto cursor = number_in(request, "cursor", 0, cursor_max);
    const auto limit = number_in(request, "limit", segment_members_max, segment_members_max);
    if (!cursor || !limit)
        co_return http::problem(400, "",
                                "limit is a number from 1 to " + std::to_string(segment_members_max)
                                    + ", cursor that of the last answer's Link");
    const std::string where = campaign->second.where;
    std::function<void(std::function<void(Result<SegmentCsv>)>)> start =
        [parts, where, after = MemberId{*cursor},
         limit](std::function<void(Result<SegmentCsv>)> done) {
            parts->members.ask_segment({where, parts->now(), after, *limit}, std::move(done));
        };
    auto pending = answer_of<Result<SegmentCsv>>(parts->executor, std::move(start));
    const auto piece = co_await std::move(pending);
    if (!piece) co_return ledger_trouble(piece.error());
    http::Response answer;
    answer.content_type = "text/csv; charset=utf-8; header=present";
    answer.body = piece->text;
    if (piece->next) answer.headers.emplace_back("Link", next_page(request, *piece, *limit));
    co_return answer;
}

}  // namespace raiten::app

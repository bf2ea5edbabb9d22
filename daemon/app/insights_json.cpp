#include "daemon/app/insights.hpp"
#include "daemon/base/iso8601.hpp"

#include <nlohmann/json.hpp>

namespace raiten::app {
namespace {

using Json = nlohmann::ordered_json;

Json group_json(const scoring::Group& group)
{
    return {{"members", group.members},
            {"came_again", group.kept},
            {"rate", group.members == 0 ? Json() : Json(group.rate())}};
}

Json difference_json(const scoring::Difference& difference)
{
    return {{"value", difference.value},
            {"lower", difference.lower},
            {"upper", difference.upper},
            {"p", difference.p},
            {"q", difference.q}};
}

Json experience_json(const scoring::Experience& one)
{
    return {{"behaviour", one.behaviour},
            {"zone", one.zone.empty() ? Json() : Json(one.zone)},
            {"did", group_json(one.groups.did)},
            {"did_not", group_json(one.groups.did_not)},
            {"difference", difference_json(one.raw)},
            {"with_equal_visits", one.adjusted ? difference_json(*one.adjusted) : Json()}};
}

}  // namespace

std::string insights_json(const Insights& insights, const StoreClock& clock)
{
    const auto& found = insights.found;
    Json members = group_json(found.members);
    members["too_recent"] = found.too_recent;
    members["incomplete"] = found.incomplete;
    Json list = Json::array();
    for (const auto& one : found.list) list.push_back(experience_json(one));
    const Json out{
        {"as_of", format_instant(insights.as_of, clock.offset_at(insights.as_of))},
        {"window_days", insights.window.count()},
        {"retention_days", insights.retention.count()},
        {"k_anonymity", insights.k_anonymity},
        {"members", std::move(members)},
        {"median_first_visit_min", found.median_stay ? Json(found.median_stay->count()) : Json()},
        {"hidden", found.hidden},
        {"experiences", std::move(list)}};
    return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace raiten::app

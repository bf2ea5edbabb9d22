#include "sync/topics.hpp"

#include <algorithm>
#include <utility>

namespace raiten::sync {

bool is_topic_name(std::string_view name)
{
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
               || c == '-' || c == '_';
    };
    return !name.empty() && name.size() <= topic_name_bytes_max
           && std::all_of(name.begin(), name.end(), allowed);
}

Result<Topics> Topics::make(std::string_view tenant, std::string_view store,
                            std::string_view device)
{
    std::string prefix = "raiten/v1/";
    for (const auto& [part, value] :
         {std::pair{"tenant", tenant}, {"store", store}, {"device", device}}) {
        if (!is_topic_name(value)) {
            return Problem{"\"" + std::string{value.substr(0, 80)} + "\" cannot be part of a topic",
                           part, "1 to 64 letters, digits, - and _"};
        }
        prefix.append(value).push_back('/');
    }
    return Topics{std::move(prefix)};
}

std::string Topics::of(const OutboxRow& row) const
{
    if (row.lane != Lane::summary) return prefix_ + std::string{text_of(row.lane)};
    return prefix_
           + (row.type.starts_with("raiten.summary.daily.") ? "summary/daily" : "summary/hourly");
}

}  // namespace raiten::sync

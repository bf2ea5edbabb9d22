#include "daemon/app/campaign_files.hpp"

#include "daemon/app/files.hpp"

namespace raiten::app {

CampaignFolder load_campaigns(const std::string& folder, const WhereChecker& check)
{
    CampaignFolder found;
    const auto files = list_files(folder, ".json", campaign_files_max);
    if (!files) {
        found.problems.push_back(files.error());
        return found;
    }
    std::map<std::string, std::string> file_of_id;
    for (const auto& file : *files) {
        const auto text = read_file(file, campaign_bytes_max);
        if (!text) {
            found.problems.push_back(text.error());
            continue;
        }
        auto read = parse_campaign(*text, check);
        for (auto& problem : read.problems) {
            problem.where = problem.where.empty() ? file : file + ": " + problem.where;
            found.problems.push_back(std::move(problem));
        }
        if (!read.campaign) continue;
        const auto [first, is_new] = file_of_id.emplace(read.campaign->id, file);
        if (is_new)
            found.campaigns.push_back(std::move(*read.campaign));
        else
            found.problems.push_back({"the id '" + read.campaign->id + "' is already taken",
                                      file + ": /id", "by " + first->second});
    }
    return found;
}

}  // namespace raiten::app

#include "daemon/app/campaign_files.hpp"

#include "daemon/app/campaign_check.hpp"
#include "daemon/app/files.hpp"

namespace raiten::app {
namespace {

class Folder {
 public:
    Folder(const CampaignGround& ground, const GoodCampaigns& before)
        : ground_{ground}, now_{ground.now}, before_{before}
    {
        // One that has ended is no mistake here: it is left out, and that is told.
        ground_.now.reset();
    }

    CampaignFolder load(const std::string& folder)
    {
        const auto files = list_files(folder, ".json", campaigns_max);
        if (files) {
            for (const auto& file : *files)
                if (!take(file)) bad_.push_back(file);
        } else {
            out_.problems.push_back(files.error());
            for (const auto& [file, campaign] : before_) bad_.push_back(file);
        }
        for (const auto& file : bad_) keep(file);
        for (const auto& [file, campaign] : out_.good) out_.campaigns.push_back(campaign);
        return std::move(out_);
    }

 private:
    /// True if nothing is wrong with the file.
    bool take(const std::string& file)
    {
        const auto text = read_file(file, campaign_bytes_max);
        if (!text) {
            out_.problems.push_back(text.error());
            return false;
        }
        auto read = parse_campaign(*text, ground_);
        tell(file, read.problems, out_.problems);
        tell(file, read.warnings, out_.warnings);
        return read.campaign && run(file, std::move(*read.campaign));
    }

    void keep(const std::string& file)
    {
        const auto last = before_.find(file);
        if (last != before_.end() && run(file, last->second)
            && out_.good.find(file) != out_.good.end())
            out_.kept.push_back(file);
    }

    /// False if its id is taken.
    bool run(const std::string& file, Campaign campaign)
    {
        if (now_)
            if (const auto ended = over(campaign, *now_)) {
                tell(file, {*ended}, out_.warnings);
                return true;
            }
        const auto [first, is_new] = file_of_id_.emplace(campaign.id, file);
        if (is_new)
            out_.good.emplace(file, std::move(campaign));
        else
            out_.problems.push_back({"the id '" + campaign.id + "' is already taken",
                                     file + ": /id",
                                     "by " + first->second + "; a campaign's id is its own"});
        return is_new;
    }

    static void tell(const std::string& file, const std::vector<Problem>& found,
                     std::vector<Problem>& into)
    {
        for (const auto& each : found)
            into.push_back(
                {each.what, each.where.empty() ? file : file + ": " + each.where, each.advice});
    }

    CampaignGround ground_;
    std::optional<Instant> now_;
    const GoodCampaigns& before_;
    std::vector<std::string> bad_;
    std::map<std::string, std::string> file_of_id_;
    CampaignFolder out_;
};

}  // namespace

CampaignFolder load_campaigns(const std::string& folder, const CampaignGround& ground,
                              const GoodCampaigns& before)
{
    return Folder{ground, before}.load(folder);
}

}  // namespace raiten::app

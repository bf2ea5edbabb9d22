#include "daemon/app/campaign_json.hpp"
#include "daemon/app/ctl/command_line.hpp"
#include "daemon/app/ctl/commands.hpp"
#include "daemon/app/ctl/console.hpp"
#include "daemon/app/files.hpp"
#include "daemon/ledger/segments.hpp"

#include <CLI/CLI.hpp>

#include <map>

namespace raiten::app::ctl {
namespace {

struct Checked {
    std::string id;
    std::vector<Problem> problems;
};

Checked check(const std::string& file, ledger::SegmentMatcher& segments)
{
    const auto text = read_file(file, campaign_bytes_max);
    if (!text) return {{}, {{text.error().what, "", text.error().advice}}};
    auto read =
        parse_campaign(*text, [&](const std::string& where) { return segments.check(where); });
    return {read.campaign ? read.campaign->id : std::string{}, std::move(read.problems)};
}

void show(const std::string& file, const Checked& checked, bool json)
{
    if (!json) {
        if (checked.problems.empty()) print(file + ": good");
        for (const auto& problem : checked.problems) print(file + ": " + plain(problem.text()));
        return;
    }
    std::string list;
    for (const auto& problem : checked.problems) {
        if (!list.empty()) list += ',';
        list += R"({"where":)" + json_text(problem.where) + R"(,"what":)" + json_text(problem.what)
                + R"(,"advice":)" + json_text(problem.advice) + "}";
    }
    print(R"({"file":)" + json_text(file) + R"(,"good":)"
          + (checked.problems.empty() ? "true" : "false") + R"(,"problems":[)" + list + "]}");
}

int lint(const std::vector<std::string>& files, bool json)
{
    ledger::SegmentMatcher segments;
    std::map<std::string, std::string> ids;  ///< by which file
    bool good = true;
    for (const auto& file : files) {
        auto checked = check(file, segments);
        if (!checked.id.empty()) {
            const auto [first, fresh] = ids.emplace(checked.id, file);
            if (!fresh)
                checked.problems.push_back(
                    {"the id '" + checked.id + "' is also that of " + first->second, "/id",
                     "a campaign's id is its own"});
        }
        show(file, checked, json);
        good = good && checked.problems.empty();
    }
    return good ? exit_code::good : exit_code::bad_data;
}

}  // namespace

void add_campaigns(CLI::App& app, int& code)
{
    struct Asked {
        std::vector<std::string> files;
        bool json{};
    };
    auto* campaigns =
        add_command(app, "campaigns", "Check campaigns, and look at the running ones.",
                    "raitenctl campaigns list\n"
                    "raitenctl campaigns lint /etc/raiten/campaigns/*.json");
    campaigns->require_subcommand(1);
    add_campaign_figures(*campaigns, code);
    auto asked = std::make_shared<Asked>();
    auto* command =
        add_command(*campaigns, "lint", "Say everything that is wrong with campaign files.",
                    "raitenctl campaigns lint came-back.json\n"
                    "raitenctl campaigns lint --json /etc/raiten/campaigns/*.json");
    command->add_option("FILE", asked->files, "Campaigns, as config/campaign.schema.json has them.")
        ->required()
        ->type_name("");
    add_json(*command, asked->json, "One JSON object a file.");
    command->callback([asked, &code] { code = lint(asked->files, asked->json); });
}

}  // namespace raiten::app::ctl

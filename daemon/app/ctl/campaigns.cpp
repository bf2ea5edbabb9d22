#include "daemon/app/campaign_json.hpp"
#include "daemon/app/clock.hpp"
#include "daemon/app/ctl/command_line.hpp"
#include "daemon/app/ctl/commands.hpp"
#include "daemon/app/ctl/console.hpp"
#include "daemon/app/files.hpp"
#include "daemon/app/settings.hpp"
#include "daemon/base/iso8601.hpp"
#include "daemon/ledger/segment_compiler.hpp"
#include "daemon/ledger/segments.hpp"

#include <CLI/CLI.hpp>

#include <map>

namespace raiten::app::ctl {
namespace {

struct Asked {
    std::vector<std::string> files;
    std::string config;  ///< or ""
    std::string at;      ///< or "": now
    bool json{};
};

struct Checked {
    std::string id;
    std::vector<Problem> errors;
    std::vector<Problem> warnings;
};

Checked check(const std::string& file, const CampaignGround& ground)
{
    const auto text = read_file(file, campaign_bytes_max);
    if (!text) return {{}, {{text.error().what, "", text.error().advice}}, {}};
    auto read = parse_campaign(*text, ground);
    if (read.campaign)
        for (auto& warning : ledger::segment_warnings(read.campaign->where))
            read.warnings.push_back({warning.what, "/where: " + warning.where, warning.advice});
    return {read.campaign ? read.campaign->id : std::string{}, std::move(read.problems),
            std::move(read.warnings)};
}

std::string list_of(const std::vector<Problem>& problems)
{
    std::string list;
    for (const auto& problem : problems) {
        if (!list.empty()) list += ',';
        list += R"({"where":)" + json_text(problem.where) + R"(,"what":)" + json_text(problem.what)
                + R"(,"advice":)" + json_text(problem.advice) + "}";
    }
    return "[" + list + "]";
}

void show(const std::string& file, const Checked& checked, bool json)
{
    const bool good = checked.errors.empty();
    if (json)
        return print(R"({"file":)" + json_text(file) + R"(,"good":)" + (good ? "true" : "false")
                     + R"(,"problems":)" + list_of(checked.errors) + R"(,"warnings":)"
                     + list_of(checked.warnings) + "}");
    for (const auto& problem : checked.errors) print(file + ": " + plain(problem.text()));
    for (const auto& warning : checked.warnings)
        print(file + ": warning: " + plain(warning.text()));
    if (good) print(file + ": good");
}

/// What the files are held against; a Problem names the option that is wrong.
Result<CampaignGround> ground_of(const Asked& asked)
{
    CampaignGround ground;
    ground.now = wall_now();
    if (!asked.at.empty()) {
        const auto at = parse_instant(asked.at);
        if (!at) return Problem{at.error().what, "--at", "such as 2026-11-22T00:00:00+09:00"};
        ground.now = *at;
    }
    if (!asked.config.empty()) {
        const auto settings = load_settings(asked.config);
        if (!settings.problems.empty()) return settings.problems.front();
        ground.currency = settings.settings.store.currency;
    }
    return ground;
}

int lint(const Asked& asked)
{
    auto ground = ground_of(asked);
    if (!ground) return complain(ground.error(), exit_code::configuration);
    ledger::SegmentMatcher segments;
    ground->where = [&](const std::string& where) { return segments.check(where); };
    std::map<std::string, std::string> ids;  ///< by which file
    bool good = true;
    for (const auto& file : asked.files) {
        auto checked = check(file, *ground);
        if (!checked.id.empty()) {
            const auto [first, fresh] = ids.emplace(checked.id, file);
            if (!fresh)
                checked.errors.push_back(
                    {"the id '" + checked.id + "' is also that of " + first->second, "/id",
                     "a campaign's id is its own"});
        }
        show(file, checked, asked.json);
        good = good && checked.errors.empty();
    }
    return good ? exit_code::good : exit_code::bad_data;
}

}  // namespace

void add_campaigns(CLI::App& app, int& code)
{
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
                    "raitenctl campaigns lint --config /etc/raiten/raiten.toml came-back.json\n"
                    "raitenctl campaigns lint --json /etc/raiten/campaigns/*.json");
    command->add_option("FILE", asked->files, "Campaigns, as config/campaign.schema.json has them.")
        ->required()
        ->type_name("");
    add_config(*command, asked->config, "Of the store: then money is checked by its currency.");
    command->add_option("--at", asked->at, "As of this time, not now: what has ended is refused.")
        ->type_name("TIME");
    add_json(*command, asked->json, "One JSON object a file, with problems and warnings.");
    command->callback([asked, &code] { code = lint(*asked); });
    add_segment_columns(*campaigns, code);
}

}  // namespace raiten::app::ctl

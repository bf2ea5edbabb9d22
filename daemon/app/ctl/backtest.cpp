#include "daemon/app/ctl/backtest_report.hpp"

#include "daemon/app/campaign_json.hpp"
#include "daemon/app/ctl/answer.hpp"
#include "daemon/app/ctl/command_line.hpp"
#include "daemon/app/ctl/commands.hpp"
#include "daemon/app/ctl/console.hpp"
#include "daemon/app/ctl/table.hpp"
#include "daemon/app/files.hpp"
#include "daemon/base/iso8601.hpp"
#include "daemon/ledger/histories.hpp"
#include "daemon/ledger/segments.hpp"

#include <nlohmann/json.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>

/// What another way of choosing arms and control would have brought, from a ledger's decisions.
namespace raiten::app::ctl {
namespace {

struct Asked {
    std::string campaign, db;
    bool json{};
};

constexpr const char* what_is_told =
    "Told is what the file's control and offers, drawn uniformly, would have brought at the "
    "occasions that were decided about; its moment, where and limits are not played again. BOUGHT: "
    "decisions after which the member bought something while the coupon was, or would have been, "
    "valid. DR is doubly robust, SNIPS and IPS weigh what was done by how often the file would "
    "have done it; in brackets 95 % intervals, a member's decisions taken as one.";

void say(const std::string& text)
{
    print(wrapped(text, Table::columns_max));
}

std::string text_of(const char* format, double number)
{
    char text[64];
    std::snprintf(text, sizeof text, format, number);
    return text;
}

/// Values lie from 0, shares up to 1: an interval that says more knows less.
Estimate within(Estimate estimate, double most)
{
    estimate.lower = std::clamp(estimate.lower, 0.0, most);
    estimate.upper = std::clamp(estimate.upper, 0.0, most);
    return estimate;
}
constexpr std::chrono::minutes utc{0};
constexpr double share_max = 1;
constexpr double spend_max = 1e15;

std::string shown(const Estimate& estimate, const char* format, double scale)
{
    return text_of(format, estimate.value * scale) + " (" + text_of(format, estimate.lower * scale)
           + " " + text_of(format, estimate.upper * scale) + ")";
}

void show_values(const Backtest& told)
{
    Table table{{"POLICY", "BOUGHT, %", "SPEND A DECISION"}};
    const auto add = [&](const char* name, const auto& pick, bool gain) {
        const auto share = pick(*told.bought);
        std::string spend = "-";
        if (told.spend) {
            const auto money = pick(*told.spend);
            spend = gain ? shown(money, "%+.4g", 1) : shown(within(money, spend_max), "%.4g", 1);
        }
        table.add({name,
                   gain ? shown(share, "%+.2f", 100) : shown(within(share, share_max), "%.2f", 100),
                   spend});
    };
    add(
        "as it was done", [](const PolicyValue& v) { return v.logged; }, false);
    add(
        "the file, DR", [](const PolicyValue& v) { return *v.doubly_robust; }, false);
    add(
        "the file, SNIPS", [](const PolicyValue& v) { return v.snips; }, false);
    add(
        "the file, IPS", [](const PolicyValue& v) { return v.ips; }, false);
    add(
        "more by the file, DR", [](const PolicyValue& v) { return v.gain; }, true);
    std::fputs(table.text().c_str(), stdout);
    print("");
    const auto& value = *told.bought;
    say("Effective sample: " + text_of("%.0f", value.effective_sample_size) + " of "
        + std::to_string(told.decisions) + " decisions, " + text_of("%.0f", value.effective_members)
        + " of " + std::to_string(told.members) + " members; largest weight "
        + text_of("%.3g", value.max_weight) + ", mean " + text_of("%.3g", value.mean_weight) + ".");
    if (value.unsupported > 0)
        say(text_of("%.2g", 100 * value.unsupported)
            + " % of the file's decisions are for offers that were never given: nothing is known "
              "of what they bring.");
    if (told.doubtful_weights)
        say("The weights' mean should be 1 and is not: it was decided by other probabilities than "
            "those that were kept, for a while at least. Do not trust the figures.");
    say(what_is_told);
}

std::string day_of(Instant at)
{
    return format_instant(at, utc).substr(0, 10);
}

void show(const Backtest& told)
{
    std::string head = told.campaign + ": " + std::to_string(told.decisions) + " decisions about "
                       + std::to_string(told.members) + " members";
    if (told.from) head += ", " + day_of(*told.from) + " to " + day_of(*told.to);
    std::string unused;
    const auto also = [&](std::size_t count, const char* what) {
        if (count > 0) unused += (unused.empty() ? "" : ", ") + std::to_string(count) + " " + what;
    };
    also(told.not_over, "not over yet");
    also(told.uncertain, "with a purchase that may be somebody else's");
    also(told.not_agreed, "of staff or members who have not agreed");
    also(told.no_probability, "whose probability was not kept");
    head += unused.empty() ? "." : ". Not used: " + unused + ".";
    say(head);
    print("");
    Table table{{"OFFER", "DONE, %", "FILE, %", "DECISIONS", "BOUGHT, %"}};
    for (const auto& action : told.actions) {
        const auto count = static_cast<double>(action.decisions);
        const auto all = static_cast<double>(std::max<std::size_t>(told.decisions, 1));
        table.add({action.offer.empty() ? "(withheld)" : action.offer,
                   text_of("%.1f", 100 * count / all), text_of("%.1f", 100 * action.asked),
                   std::to_string(action.decisions),
                   action.decisions == 0
                       ? "-"
                       : text_of("%.2f", 100 * static_cast<double>(action.bought) / count)});
    }
    std::fputs(table.text().c_str(), stdout);
    print("");
    if (told.bought) show_values(told);
}

Json json_of(const Estimate& estimate)
{
    return {{"value", estimate.value}, {"lower", estimate.lower}, {"upper", estimate.upper}};
}

Json json_of(const PolicyValue& value, double most)
{
    Json out;
    out["logged"] = json_of(within(value.logged, most));
    out["ips"] = json_of(within(value.ips, most));
    out["snips"] = json_of(within(value.snips, most));
    out["direct"] = *value.direct;
    out["doubly_robust"] = json_of(within(*value.doubly_robust, most));
    out["gain"] = json_of(value.gain);
    return out;
}

std::string json_of(const Backtest& told)
{
    Json out;
    out["campaign"] = told.campaign;
    out["from"] = told.from ? Json(format_instant(*told.from, utc)) : Json();
    out["to"] = told.to ? Json(format_instant(*told.to, utc)) : Json();
    out["decisions"] = told.decisions;
    out["members"] = told.members;
    out["left_out"] = {{"not_over", told.not_over},
                       {"uncertain", told.uncertain},
                       {"not_agreed", told.not_agreed},
                       {"no_probability", told.no_probability}};
    out["actions"] = Json::array();
    for (const auto& action : told.actions)
        out["actions"].push_back({{"offer", action.offer.empty() ? Json() : Json(action.offer)},
                                  {"decisions", action.decisions},
                                  {"bought", action.bought},
                                  {"policy", action.asked}});
    out["bought"] = told.bought ? json_of(*told.bought, share_max) : Json();
    out["spend"] = told.spend ? json_of(*told.spend, spend_max) : Json();
    if (told.bought) {
        out["effective_sample_size"] = told.bought->effective_sample_size;
        out["effective_members"] = told.bought->effective_members;
        out["max_weight"] = told.bought->max_weight;
        out["mean_weight"] = told.bought->mean_weight;
        out["unsupported"] = told.bought->unsupported;
        out["doubtful_weights"] = told.doubtful_weights;
    }
    if (told.refused)
        out["refused"] = {{"what", told.refused->what}, {"advice", told.refused->advice}};
    return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// The campaign, or the exit code after complaints.
std::optional<Campaign> campaign_in(const std::string& file, int& code)
{
    const auto text = read_file(file, campaign_bytes_max);
    if (!text) {
        code = complain(text.error(), exit_code::no_input);
        return std::nullopt;
    }
    ledger::SegmentMatcher segments;
    CampaignGround ground;
    ground.where = [&](const std::string& where) { return segments.check(where); };
    auto read = parse_campaign(*text, ground);
    for (const auto& problem : read.problems)
        complain(Problem{problem.what, file + ": " + problem.where, problem.advice},
                 exit_code::bad_data);
    code = exit_code::bad_data;
    if (!read.problems.empty()) return std::nullopt;
    return std::move(read.campaign);
}

int run_backtest(const Asked& asked)
{
    int code = exit_code::good;
    const auto campaign = campaign_in(asked.campaign, code);
    if (!campaign) return code;
    std::error_code unreadable;
    if (!std::filesystem::is_regular_file(asked.db, unreadable))
        return complain(Problem{"there is no such file", asked.db, "--db names a ledger"},
                        exit_code::no_input);
    auto past = ledger::Histories::open(asked.db);
    if (!past) return complain(past.error(), exit_code::bad_data);
    const auto now = past->engine_time();
    if (!now) return complain(now.error(), exit_code::bad_data);
    const auto outcomes = past->outcomes(campaign->id);
    if (!outcomes) return complain(outcomes.error(), exit_code::bad_data);
    if (outcomes->empty())
        return complain(Problem{"nothing was decided for campaign '" + campaign->id + "'", asked.db,
                                "the file's id is that of the campaign whose decisions are asked"},
                        exit_code::bad_data);
    const auto told = backtest(*campaign, *outcomes, *now);
    if (asked.json)
        print(json_of(told));
    else
        show(told);
    return told.refused ? complain(*told.refused, exit_code::bad_data) : exit_code::good;
}

}  // namespace

void add_backtest(CLI::App& app, int& code)
{
    auto asked = std::make_shared<Asked>();
    auto* command = add_command(
        app, "backtest",
        "What a campaign with other offers or another control share would have done, from the "
        "decisions that a ledger holds of the campaign of that id, with intervals. Where they "
        "tell too little (an effective sample below 100), no value is given; the exit code then "
        "is 65.",
        "raitenctl backtest --campaign other.json --db /var/lib/raiten/ledger.sqlite\n"
        "raitenctl backtest --campaign bolder.json --db ledger.sqlite --json");
    command
        ->add_option("--campaign", asked->campaign,
                     "The campaign as it would have been, as config/campaign.schema.json has it.")
        ->required()
        ->type_name("FILE");
    command->add_option("--db", asked->db, "A ledger's file; it is only read.")
        ->required()
        ->type_name("FILE");
    add_json(*command, asked->json, "Print the figures as JSON.");
    command->callback([asked, &code] { code = run_backtest(*asked); });
}

}  // namespace raiten::app::ctl

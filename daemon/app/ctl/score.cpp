#include "daemon/app/card_csv.hpp"
#include "daemon/app/ctl/command_line.hpp"
#include "daemon/app/ctl/commands.hpp"
#include "daemon/app/ctl/console.hpp"
#include "daemon/app/ctl/history_csv.hpp"
#include "daemon/app/ctl/score_files.hpp"
#include "daemon/app/files.hpp"
#include "daemon/app/model_json.hpp"
#include "daemon/base/iso8601.hpp"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <fstream>
#include <iostream>

namespace raiten::app::ctl {
namespace {

constexpr double horizon_days_max = 3'650;

struct Asked {
    std::string receipts, visits, as_of, out, report, params;
    std::string unit{"days"};
    std::string model{"auto"};
    double horizon{365};
    double discount{0.1};
    int rfm_window{};  ///< 0: all
    bool json{};
    bool reasons{};
};

using Reader = Result<void> (*)(const HistoryInput&, ShopHistory&);

/// An exit code.
int read_file_with(Reader read, const std::string& name, const Asked& asked, ShopHistory& shop,
                   Refusals& refusals)
{
    std::ifstream file;
    if (name != "-") {
        std::error_code ignored;
        file.open(name, std::ios::binary);
        if (!file || std::filesystem::is_directory(name, ignored))
            return complain(Problem{"cannot be opened", name}, exit_code::no_input);
    }
    Progress progress{"reading", "rows", std::nullopt};
    const auto refuse = [&](const Problem& problem) { refusals.take(problem); };
    const auto show = [&](std::uint64_t rows) { progress.show(rows); };
    const HistoryInput input{name == "-" ? std::cin : file, name, *parse_instant(asked.as_of),
                             offset_of(asked.as_of),        show, refuse};
    const auto how = read(input, shop);
    return how ? exit_code::good : complain(how.error(), exit_code::bad_data);
}

Result<ScoreRules> rules_of(const Asked& asked)
{
    ScoreRules rules;
    auto& cards = rules.training.cards;
    cards.unit_days = asked.unit == "weeks" ? 7 : 1;
    cards.horizon_days = asked.horizon;
    cards.discount = asked.discount;
    rules.rfm_all = asked.rfm_window == 0;
    if (!rules.rfm_all) cards.rfm_window = asked.rfm_window;
    if (asked.model != "auto") rules.training.kind = scoring::model_named(asked.model);
    if (asked.params.empty()) return rules;
    constexpr std::size_t params_bytes_max = 1U << 20U;
    const auto text = read_file(asked.params, params_bytes_max);
    if (!text) return text.error();
    const auto given = read_model(*text, asked.unit);
    if (!given)
        return Problem{given.error().what, asked.params + ": " + given.error().where,
                       given.error().advice};
    if (rules.training.kind && *rules.training.kind != given->purchases.kind)
        return Problem{"holds another model than --model asks for", asked.params};
    rules.training.given = *given;
    return rules;
}

bool write_file(const std::string& name, const std::string& text)
{
    std::ofstream file{name, std::ios::binary | std::ios::trunc};
    file << text;
    file.close();
    if (!file) complain("cannot be written: " + name);
    return file.good();
}

std::string written(const ScoredShop& scored, std::chrono::minutes ahead, const Asked& asked)
{
    const auto& models = scored.trained.models;
    std::string text = asked.json ? "" : card_header(asked.reasons) + "\n";
    for (const auto& card : scored.cards)
        text += (asked.json ? card_line(card, ahead, models)
                            : card_row(card, ahead, asked.reasons ? &models : nullptr))
                + "\n";
    return text;
}

int score(const Asked& asked)
{
    const auto as_of = parse_instant(asked.as_of);
    if (!as_of)
        return complain(Problem{as_of.error().what, "--as-of", "such as 2026-11-22T00:00:00+09:00"},
                        exit_code::usage);
    const auto rules = rules_of(asked);
    if (!rules) return complain(rules.error(), exit_code::no_input);

    ShopHistory shop;
    const auto day = std::chrono::floor<std::chrono::days>(*as_of + offset_of(asked.as_of));
    shop.today = static_cast<std::int32_t>(day.time_since_epoch().count());
    shop.last_day = shop.today;
    shop.ahead = offset_of(asked.as_of);
    const auto minute = std::chrono::floor<std::chrono::minutes>(*as_of + shop.ahead);
    shop.minute = static_cast<std::int32_t>(minute.time_since_epoch().count());
    Refusals refusals;
    int code = read_file_with(read_receipts, asked.receipts, asked, shop, refusals);
    if (code == exit_code::good && !asked.visits.empty())
        code = read_file_with(read_visits, asked.visits, asked, shop, refusals);
    if (code != exit_code::good) return code;

    ScoredShop scored;
    {
        Progress progress{"scoring", "members", shop.members.size()};
        scored = score_shop(shop, *rules, [&](std::uint64_t done) { progress.show(done); });
    }
    const auto& trained = scored.trained;
    if (!trained.models.purchases)
        complain("no model of buying: " + trained.purchases.reason);
    else if (!trained.models.spend)
        complain("no model of spend: " + trained.spend.reason);
    const auto text = written(scored, shop.ahead, asked);
    if (asked.out.empty())
        std::fwrite(text.data(), 1, text.size(), stdout);
    else if (!write_file(asked.out, text))
        return exit_code::cannot_create;
    const ReportAbout about{asked.as_of, asked.unit, asked.model,
                            rules->training.given.has_value()};
    if (!asked.report.empty()
        && !write_file(asked.report, report_json(shop, scored, *rules, about) + "\n"))
        return exit_code::cannot_create;
    if (scored.cards.empty()) complain("no member was known at that time");
    return refusals.count() > 0 || scored.cards.empty() ? exit_code::bad_data : exit_code::good;
}

void add_model_options(CLI::App& command, Asked& asked)
{
    command.add_option("--unit", asked.unit, "What time is counted in: days or weeks.")
        ->check(CLI::IsMember({"days", "weeks"}))
        ->type_name("UNIT");
    command
        .add_option("--model", asked.model,
                    "auto (mbg_nbd, or mbg_cnbd_k where members buy regularly), bg_nbd, mbg_nbd, "
                    "mbg_cnbd_k or pareto_nbd.")
        ->check(CLI::IsMember({"auto", "bg_nbd", "mbg_nbd", "mbg_cnbd_k", "pareto_nbd"}))
        ->type_name("NAME");
    command
        .add_option("--params", asked.params,
                    "Use these parameters instead of a fit: a report, or its parts model, unit, "
                    "parameters, k and spend.")
        ->type_name("FILE");
    command
        .add_option("--discount", asked.discount,
                    "What money loses in a year, for the lifetime value; 0.1 if not said.")
        ->check(CLI::Range(0.0, 1.0))
        ->type_name("SHARE");
    command
        .add_option("--rfm-window", asked.rfm_window,
                    "Frequency and monetary value over so many days; all of the file if not said.")
        ->check(CLI::Range(1, 36'500))
        ->type_name("DAYS");
}

}  // namespace

void add_score(CLI::App& app, int& code)
{
    auto asked = std::make_shared<Asked>();
    auto* command = add_command(
        app, "score",
        "Score cards for a history in files: recency, frequency and monetary ranks, stage, "
        "probability of still buying, expected purchases and spend, lifetime value. Wrong rows are "
        "named and left out; the exit code then is 65.",
        "raitenctl score --receipts receipts.csv --as-of 2026-11-22T00:00:00+09:00\n"
        "raitenctl score --receipts r.csv --visits v.csv --as-of 2026-11-22T00:00:00Z \\\n"
        "    --horizon 90 --out cards.csv --report report.json");
    command->footer(
        command->get_footer()
        + "\n\nReceipts: member,at,total[,number,kind,...]; rows with one number are the lines\n"
          "of one receipt. Visits: member,at[,left_at,zone]. A purchase is a day with a\n"
          "sale, by the wall of --as-of. Receipts after --as-of change no card: the report\n"
          "tells how well they were foretold. "
          "A day with a sale counts as a visit too.");
    command->add_option("--receipts", asked->receipts, "CSV; - is standard input.")
        ->required()
        ->type_name("FILE");
    command->add_option("--visits", asked->visits, "CSV.")->type_name("FILE");
    command->add_option("--as-of", asked->as_of, "The moment for which members are scored.")
        ->required()
        ->type_name("TIME");
    command
        ->add_option("--horizon", asked->horizon,
                     "Purchases and value of so many days to come; 365 if not said.")
        ->check(CLI::Range(1.0, horizon_days_max))
        ->type_name("DAYS");
    command->add_option("--out", asked->out, "The cards go there, else to standard output.")
        ->type_name("FILE");
    command->add_option("--report", asked->report, "Parameters, likelihoods, calibration: JSON.")
        ->type_name("FILE");
    command->add_flag("--reasons", asked->reasons,
                      "One column more: which rule or model each score came from, and what from.");
    add_model_options(*command, *asked);
    add_json(*command, asked->json, "The cards with their reasons as JSON, one a line.");
    command->callback([asked, &code] { code = score(*asked); });
}

}  // namespace raiten::app::ctl

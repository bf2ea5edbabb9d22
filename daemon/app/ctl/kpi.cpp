#include "daemon/app/ctl/answer.hpp"
#include "daemon/app/ctl/api_client.hpp"
#include "daemon/app/ctl/command_line.hpp"
#include "daemon/app/ctl/commands.hpp"
#include "daemon/app/ctl/console.hpp"
#include "daemon/app/ctl/store.hpp"
#include "daemon/app/ctl/table.hpp"

#include <nlohmann/json.hpp>

#include <CLI/CLI.hpp>

#include <cmath>
#include <cstdio>

/// The store's key figures, over raitend's unix socket.
namespace raiten::app::ctl {
namespace {

struct Asked {
    std::string config{default_config};
    std::string socket;
    bool json{};
    bool members{};
    std::string from, to, bucket{"day"}, cursor;
    std::uint32_t limit{100};
};

std::string percent(const Json& figures)
{
    const auto& conversion = at(figures, "conversion");
    if (!conversion.is_number()) return "-";
    return std::to_string(std::lround(conversion.get<double>() * 100.0)) + " %";
}

std::string minutes(const Json& figures)
{
    const auto& median = at(at(figures, "dwell_s"), "p50");
    if (!median.is_number()) return "-";
    return std::to_string(std::lround(median.get<double>() / 60.0)) + " min";
}

std::vector<std::string> row_of(const std::string& name, const Json& figures)
{
    return {name,
            shown(figures, "visits"),
            shown(figures, "members"),
            shown(figures, "new_members"),
            shown(figures, "passers_by"),
            minutes(figures),
            percent(figures),
            shown(figures, "non_purchase_returns"),
            shown(figures, "returns_with_purchase"),
            shown(figures, "revenue"),
            shown(figures, "average_transaction")};
}

/// "11-22 10:00", of a day "11-22".
std::string period_of(const Json& figures, bool hours)
{
    if (hours) return short_time(text_at(figures, "from")).substr(0, 11);
    const auto day = text_at(figures, "day");
    return day.size() == 10 ? day.substr(5) : day;
}

void show(const Json& answer)
{
    const bool hours = text_at(answer, "bucket") == "hour";
    Table table{{hours ? "HOUR" : "DAY", "VISITS", "MEMB", "NEW", "PASSED", "DWELL", "CONV", "BACK",
                 "BOUGHT", "REVENUE", "AVG"}};
    for (const auto& each : at(answer, "summaries"))
        table.add(row_of(period_of(each, hours), each));
    if (table.empty()) return print("no figures");
    const auto& total = at(answer, "total");
    table.add(row_of("total", total));
    std::fputs(table.text().c_str(), stdout);

    const auto& took = at(total, "visits_to_purchase");
    Table histogram{{"VISITS TO PURCHASE", "VISITS", "SPEND", "MEAN"}};
    for (const auto* step : {"1", "2", "3", "4", "5+"})
        histogram.add({step, shown(at(took, step), "visits"), shown(at(took, step), "spend"),
                       shown(at(took, step), "mean_spend")});
    print("");
    std::fputs(histogram.text().c_str(), stdout);
    Table zones{{"ZONE", "VISITS", "BOUGHT", "DWELL"}};
    for (const auto& [name, zone] : at(total, "zones").items())
        zones.add({name, shown(zone, "visits"), shown(zone, "purchase_visits"),
                   span_shown(zone, "dwell_s")});
    if (!zones.empty()) {
        print("");
        std::fputs(zones.text().c_str(), stdout);
    }
    const auto& receipts = at(total, "receipts");
    print("");
    print("observed        " + shown(total, "observed_minutes") + " min, partly blind visits "
          + shown(total, "partly_blind"));
    print("receipts        " + shown(receipts, "matched") + " matched, "
          + shown(receipts, "inferred") + " inferred, " + shown(receipts, "ambiguous")
          + " ambiguous, " + shown(receipts, "unmatched") + " unmatched, "
          + shown(receipts, "foreign") + " foreign");
    const auto& coupons = at(total, "coupons");
    print("coupons         " + shown(coupons, "triggered") + " triggered, "
          + shown(coupons, "withheld") + " withheld, " + shown(coupons, "redeemed") + " redeemed");
    const auto cursor = text_at(answer, "cursor");
    if (!cursor.empty()) print("more: --cursor " + plain(cursor));
}

std::string share(const Json& figures, const char* part, const char* whole)
{
    const auto& rate = at(figures, "rate");
    if (!rate.is_number()) return "- (nobody yet)";
    return std::to_string(std::lround(rate.get<double>() * 100.0)) + " % (" + shown(figures, part)
           + " of " + shown(figures, whole) + ")";
}

void show_members(const Json& members)
{
    print("");
    print("members         " + shown(members, "members"));
    for (const auto& each : at(members, "retention"))
        print("retention " + shown(each, "days") + " d  " + share(each, "came_again", "cohort"));
    print("churn           " + share(at(members, "churn"), "lost", "at_start"));
    print("repeat visits   " + share(at(members, "repeat_visits"), "twice_or_more", "members"));
    print("repeat buyers   " + share(at(members, "repeat_purchases"), "twice_or_more", "members"));
    const auto& nps = at(members, "nps");
    const auto& score = at(nps, "net_promoter_score");
    print("NPS             "
          + (score.is_number() ? std::to_string(std::lround(score.get<double>())) : "-") + " ("
          + shown(nps, "answers") + " answers)");
    Table idle{{"VISITS WITHOUT PURCHASE, 90 d", "MEMBERS"}};
    for (const auto& [visits, count] : at(members, "visits_of_non_purchasers").items())
        idle.add({visits, plain(count.dump())});
    print("");
    std::fputs(idle.text().c_str(), stdout);
    Table stages{{"STAGE", "AT START", "AT END"}};
    const auto& all = at(members, "stages");
    for (const auto& [stage, count] : at(all, "at_end").items())
        stages.add({stage, shown(at(all, "at_start"), stage.c_str()), plain(count.dump())});
    print("");
    std::fputs(stages.text().c_str(), stdout);
}

int ask(const Asked& asked)
{
    auto target = "/api/v1/kpi?bucket=" + asked.bucket + "&limit=" + std::to_string(asked.limit)
                  + "&members=" + (asked.members ? "true" : "false");
    const std::pair<const char*, const std::string*> parts[]{
        {"from", &asked.from}, {"to", &asked.to}, {"cursor", &asked.cursor}};
    for (const auto& [key, value] : parts)
        if (!value->empty()) target += "&" + std::string{key} + "=" + url_encoded(*value);
    const auto reply = ApiClient{socket_path(asked.socket, asked.config)}.get(target);
    return show_answer(reply, asked.json, [&](const Json& answer) {
        show(answer);
        if (asked.members) show_members(at(answer, "members"));
    });
}

}  // namespace

void add_kpi(CLI::App& app, int& code)
{
    auto asked = std::make_shared<Asked>();
    auto* command =
        add_command(app, "kpi", "The store's key figures by day or hour, with their total.",
                    "raitenctl kpi\nraitenctl kpi --bucket hour --from 2026-11-22T00:00:00+09:00");
    command->add_option("--bucket", asked->bucket, "hour or day; else day.")
        ->check(CLI::IsMember({"hour", "day"}))
        ->type_name("BUCKET");
    command
        ->add_option("--from", asked->from,
                     "Periods that begin at or after, ISO 8601; else the last seven days, or of "
                     "hours those of today.")
        ->type_name("TIME");
    command->add_option("--to", asked->to, "Periods that begin before; else now.")
        ->type_name("TIME");
    command->add_flag("--members", asked->members,
                      "Also retention, churn, stages, NPS: over the whole days of the period.");
    command->add_option("--limit", asked->limit, "At most so many, the oldest first; else 100.")
        ->check(CLI::Range(1, 1000))
        ->type_name("N");
    command->add_option("--cursor", asked->cursor, "Go on where the last page ended.")
        ->type_name("TEXT");
    command->add_option("--socket", asked->socket, "raitend's unix socket; else as configured.")
        ->type_name("PATH");
    add_config(*command, asked->config, "Where the settings name the socket.");
    add_json(*command, asked->json, "Print raitend's answer as it is.");
    command->callback([asked, &code] { code = ask(*asked); });
}

}  // namespace raiten::app::ctl

#include "daemon/app/clock.hpp"
#include "daemon/app/ctl/answer.hpp"
#include "daemon/app/ctl/api_client.hpp"
#include "daemon/app/ctl/command_line.hpp"
#include "daemon/app/ctl/commands.hpp"
#include "daemon/app/ctl/console.hpp"
#include "daemon/app/ctl/member_card.hpp"
#include "daemon/app/ctl/store.hpp"
#include "daemon/app/ctl/table.hpp"
#include "daemon/base/iso8601.hpp"

#include <nlohmann/json.hpp>

#include <CLI/CLI.hpp>

#include <cstdio>
#include <functional>
#include <sstream>

/// What raitend knows at this moment, over its unix socket.
namespace raiten::app::ctl {
namespace {

struct Asked {
    std::string config{default_config};
    std::string socket;
    bool json{};
    bool why{};
    std::string name, token;           ///< of a member
    std::string consent, equipment;    ///< what is decided about one
    std::string state, since, cursor;  ///< of lists
    std::uint32_t limit{50};
};

std::string list_target(const std::string& path, const Asked& asked)
{
    auto target = path + "?limit=" + std::to_string(asked.limit);
    const std::pair<const char*, const std::string*> parts[]{{"state", &asked.state},
                                                             {"since", &asked.since},
                                                             {"cursor", &asked.cursor},
                                                             {"member", &asked.name}};
    for (const auto& [key, value] : parts)
        if (!value->empty()) target += "&" + std::string{key} + "=" + url_encoded(*value);
    return target;
}

void show_table(const Table& table, const char* nothing)
{
    if (table.empty())
        print(nothing);
    else
        std::fputs(table.text().c_str(), stdout);
}

void show_more(const Json& answer)
{
    const auto cursor = text_at(answer, "cursor");
    if (!cursor.empty()) print("more: --cursor " + plain(cursor));
}

void show_visits(const Json& answer)
{
    Table table{{"OPENED", "MEMBER", "STATE", "ZONE", "DWELL", "OUTCOME", "SPEND", "STREAK"}};
    for (const auto& v : at(answer, "visits"))
        table.add({time_shown(v, "opened_at"), shown(v, "member"), shown(v, "state"),
                   shown(v, "zone"), span_shown(v, "dwell_s"), shown(v, "outcome"),
                   money_shown(v, "spend"), shown(v, "streak")});
    show_table(table, "no visits");
    show_more(answer);
}

void show_returns(const Json& answer)
{
    Table table{{"OPENED", "MEMBER", "STREAK", "STATE", "ZONE", "OUTCOME", "COUPON"}};
    for (const auto& v : at(answer, "returns")) {
        const auto& coupons = at(v, "coupons");
        table.add({time_shown(v, "opened_at"), shown(v, "member"), shown(v, "streak"),
                   shown(v, "state"), shown(v, "zone"), shown(v, "outcome"),
                   coupons.empty() ? "-" : shown(coupons[0], "offer")});
    }
    show_table(table, "nobody has come back empty-handed");
    show_more(answer);
}

/// The table, with lines below each row that say more of its item.
void show_with_more(const Table& table, const Json& items,
                    const std::function<std::vector<std::string>(const Json&)>& more)
{
    constexpr std::string_view indent{"    "};
    const auto text = table.text();
    std::istringstream rows{text};
    std::string row;
    std::getline(rows, row);
    print(row);
    for (const auto& item : items) {
        std::getline(rows, row);
        print(row);
        for (const auto& each : more(item)) {
            std::istringstream lines{wrapped(plain(each), Table::columns_max - indent.size())};
            for (std::string line; std::getline(lines, line);) print(std::string{indent} + line);
        }
    }
}

/// Why a coupon was decided, and how it ended.
std::vector<std::string> reasons_of(const Json& coupon)
{
    std::vector<std::string> out;
    for (const auto& reason : at(coupon, "reasons"))
        if (reason.is_string()) out.push_back(reason.get<std::string>());
    const auto where = text_at(coupon, "where");
    if (!where.empty())
        out.push_back(text_at(coupon, "state") + " " + time_shown(coupon, "closed_at") + ": "
                      + where);
    return out;
}

void show_coupons(const Json& answer, bool why)
{
    Table table{{"DECIDED", "COUPON", "MEMBER", "CAMPAIGN", "OFFER", "STATE", "EXPIRES"}};
    for (const auto& c : at(answer, "coupons"))
        table.add({time_shown(c, "decided_at"), shown(c, "coupon"), shown(c, "member"),
                   shown(c, "campaign"), shown(c, "offer"), shown(c, "state"),
                   time_shown(c, "expires_at")});
    if (table.empty() || !why)
        show_table(table, "no coupons");
    else
        show_with_more(table, at(answer, "coupons"), reasons_of);
    show_more(answer);
}

void show_member(const Json& m, bool why)
{
    print("member          " + plain(shown(m, "member")));
    const bool staff = text_at(m, "staff") == "true";
    const bool agreed = text_at(m, "consent") == "true";
    const auto equipment = text_at(m, "equipment");
    print(std::string{"tracked         "}
          + (staff                      ? "no, staff"
             : equipment == "suspected" ? "no, suspected to be staff or furniture"
             : equipment == "confirmed" ? "no, staff or furniture"
             : agreed                   ? "yes, agreed"
                                        : "no, has not agreed"));
    std::string channels;
    for (const auto& channel : at(m, "channels"))
        if (channel.is_string())
            channels += (channels.empty() ? "" : ", ") + channel.get<std::string>();
    print("reached by      " + (channels.empty() ? "nothing" : plain(channels)));
    print("visits          " + shown(m, "visits") + ", purchases " + shown(m, "purchases")
          + ", spend " + plain(money_shown(m, "spend")));
    print("first visit     " + plain(time_shown(m, "first_visit_at")));
    print("last purchase   " + plain(time_shown(m, "last_purchase_at")));
    print("streak          " + shown(m, "streak"));
    std::fputs(card_text(m, why).c_str(), stdout);
    Json visits;
    visits["visits"] = at(m, "latest_visits");
    print("");
    show_visits(visits);
    Json coupons;
    coupons["coupons"] = at(m, "coupons");
    print("");
    show_coupons(coupons, why);
}

void show_targets(const Json& answer)
{
    Table table{{"MEMBER", "SINCE", "ZONE", "COUPON", "OFFER"}};
    for (const auto& t : at(answer, "targets")) {
        const auto since = text_at(t, "opened_at");
        table.add({shown(t, "member"), since.empty() ? "-" : clock_time(since), shown(t, "zone"),
                   shown(at(t, "coupon"), "coupon"), shown(at(t, "coupon"), "offer")});
    }
    if (table.empty()) return print("nobody here to approach first");
    show_with_more(table, at(answer, "targets"), [](const Json& target) {
        std::vector<std::string> out;
        for (const auto& reason : at(target, "reasons")) out.push_back(text_at(reason, "words"));
        return out;
    });
}

void show_outbox(const Json& answer)
{
    Table lanes{{"LANE", "WAITING", "SETTLED", "NEXT"}};
    for (const auto& [name, lane] : at(answer, "lanes").items())
        lanes.add({name, shown(lane, "waiting"), shown(lane, "settled"), shown(lane, "next")});
    show_table(lanes, "no lanes");
    Table entries{{"LANE", "SEQUENCE", "TYPE", "EXPIRES"}};
    for (const auto& e : at(answer, "entries"))
        entries.add({shown(e, "lane"), shown(e, "sequence"), shown(e, "type"),
                     time_shown(e, "expires_at")});
    print("");
    show_table(entries, "nothing waits");
}

void show_readers(const Json& answer)
{
    Table table{{"READER", "ZONE", "DRIVER", "STATE", "READINGS", "GARBLED", "LAST", "REASON"}};
    for (const auto& r : at(answer, "readers")) {
        std::uint64_t garbled = 0;
        for (const auto& count : at(r, "garbled"))
            if (count.is_number_unsigned()) garbled += count.get<std::uint64_t>();
        const auto last = text_at(r, "last_at");
        table.add({shown(r, "name"), shown(r, "zone"), shown(r, "driver"), shown(r, "state"),
                   shown(r, "readings"), std::to_string(garbled),
                   last.empty() ? "-" : clock_time(last), text_at(r, "reason")});
    }
    show_table(table, "no readers");
}

void show_sync(const Json& sync)
{
    if (sync.is_null()) return print("sync    no head office is configured");
    const auto reason = text_at(sync, "reason");
    print("sync    " + plain(shown(sync, "phase")) + " at " + plain(shown(sync, "broker"))
          + (reason.empty() ? "" : ": " + plain(reason)));
    for (const auto& [name, lane] : at(sync, "lanes").items())
        print("        " + plain(name) + ": " + shown(lane, "waiting")
              + " waiting, settled through " + shown(lane, "settled"));
}

void show_status(const Json& s)
{
    print("raiten " + plain(shown(s, "version")) + "  store " + plain(shown(s, "store"))
          + "  device " + plain(shown(s, "device")));
    const auto started = parse_instant(text_at(s, "started_at"));
    if (started)
        print("up      "
              + span_text(std::chrono::floor<std::chrono::seconds>(wall_now() - *started).count())
              + ", since " + time_shown(s, "started_at"));
    print("engine  " + time_shown(s, "engine_time") + ", clock: " + plain(shown(s, "clock")));
    const auto& ledger = at(s, "ledger");
    const bool healthy = text_at(ledger, "healthy") == "true";
    print("ledger  " + std::string{healthy ? "healthy" : "in trouble"} + ", "
          + shown(ledger, "queued") + " queued, " + shown(ledger, "commits") + " commits, "
          + shown(ledger, "bytes_written") + " bytes written");
    if (!healthy) print("        " + plain(text_at(ledger, "reason")));
    show_sync(at(s, "sync"));
    print("");
    show_readers(s);
}

/// A member by name, or by a token whose owner is looked up first.
int ask_member(const ApiClient& client, const Asked& asked)
{
    auto name = asked.name;
    if (!asked.token.empty()) {
        const auto found =
            client.post("/api/v1/members/lookup", R"({"token":)" + json_text(asked.token) + "}");
        if (!found) return complain(found.error(), exit_code::unavailable);
        if (found->status / 100 != 2) return complain(refusal_of(*found), exit_code::failed);
        name = text_at(Json::parse(found->body, nullptr, false), "member");
    }
    const auto target = "/api/v1/members/" + url_encoded(name);
    const std::pair<const char*, std::string> changes[]{
        {"consent", asked.consent.empty()    ? ""
                    : asked.consent == "yes" ? "true"
                                             : "false"},
        {"equipment", asked.equipment.empty() ? "" : json_text(asked.equipment)}};
    for (const auto& [what, value] : changes) {
        if (value.empty()) continue;
        const auto changed =
            client.put(target + "/" + what, "{" + json_text(what) + ":" + value + "}");
        if (!changed) return complain(changed.error(), exit_code::unavailable);
        if (changed->status != 200) return complain(refusal_of(*changed), exit_code::failed);
    }
    return show_answer(client.get(target), asked.json,
                       [&](const Json& m) { show_member(m, asked.why); });
}

CLI::App* add(CLI::App& app, const std::string& name, const std::string& what,
              const std::string& examples, const std::shared_ptr<Asked>& asked)
{
    auto* command = add_command(app, name, what, examples);
    command->add_option("--socket", asked->socket, "raitend's unix socket; else as configured.")
        ->type_name("PATH");
    add_config(*command, asked->config, "Where the settings name the socket.");
    add_json(*command, asked->json, "Print raitend's answer as it is.");
    return command;
}

void add_list(CLI::App& app, int& code, const std::string& name, const std::string& what,
              const std::string& examples, const Show& show)
{
    auto asked = std::make_shared<Asked>();
    auto* command = add(app, name, what, examples, asked);
    command->add_option("--limit", asked->limit, "At most so many, the newest first; else 50.")
        ->check(CLI::Range(1, 1000))
        ->type_name("N");
    command->add_option("--cursor", asked->cursor, "Go on where the last page ended.")
        ->type_name("TEXT");
    if (name == "coupons") {
        command->add_option("--member", asked->name, "Of one member only.")->type_name("NAME");
    } else {
        command->add_option("--since", asked->since, "Opened at or after, ISO 8601.")
            ->type_name("TIME");
    }
    if (name == "coupons")
        command
            ->add_option("--state", asked->state,
                         "open (can still be used), triggered, withheld, delivered, redeemed, "
                         "expired or revoked.")
            ->check(CLI::IsMember(
                {"open", "triggered", "withheld", "delivered", "redeemed", "expired", "revoked"}))
            ->type_name("STATE");
    if (name == "visits")
        command->add_option("--state", asked->state, "open, ended or settled.")
            ->check(CLI::IsMember({"open", "ended", "settled"}))
            ->type_name("STATE");
    command->callback([asked, name, show, &code] {
        const ApiClient client{socket_path(asked->socket, asked->config)};
        code = show_answer(client.get(list_target("/api/v1/" + name, *asked)), asked->json, show);
    });
}

void add_single(CLI::App& app, int& code, const std::string& name, const std::string& what,
                const std::string& examples, const Show& show)
{
    auto asked = std::make_shared<Asked>();
    auto* command = add(app, name, what, examples, asked);
    command->callback([asked, name, show, &code] {
        const ApiClient client{socket_path(asked->socket, asked->config)};
        code = show_answer(client.get("/api/v1/" + name), asked->json, show);
    });
}

void add_member(CLI::App& app, int& code, const std::string& name, const std::string& what,
                const std::string& examples, bool by_token)
{
    auto asked = std::make_shared<Asked>();
    auto* command = add(app, name, what, examples, asked);
    command->add_flag("--why", asked->why,
                      "Also which rule or model each score came from, and what from.");
    auto* by_name = command->add_option("MEMBER", asked->name, "The member's name.")->type_name("");
    if (by_token)
        command
            ->add_option("--token", asked->token,
                         "Whose token this is, such as card:2900000000018.")
            ->type_name("TOKEN")
            ->excludes(by_name);
    else
        by_name->required();
    if (!by_token) {
        command->add_option("--consent", asked->consent, "yes or no: may this member be tracked?")
            ->check(CLI::IsMember({"yes", "no"}))
            ->type_name("ANSWER");
        command
            ->add_option("--equipment", asked->equipment,
                         "confirmed: staff or furniture, left out; rejected: a customer.")
            ->check(CLI::IsMember({"confirmed", "rejected"}))
            ->type_name("VERDICT");
    }
    command->callback([asked, &code] {
        if (asked->name.empty() && asked->token.empty())
            throw CLI::RequiredError("a member's name or --token");
        code = ask_member(ApiClient{socket_path(asked->socket, asked->config)}, *asked);
    });
}

}  // namespace

void add_look(CLI::App& app, int& code)
{
    add_single(app, code, "status", "What is running, how far readers, ledger and sync are.",
               "raitenctl status\nraitenctl status --json", show_status);
    add_list(app, code, "visits", "Who is and was in the store.",
             "raitenctl visits --state open\nraitenctl visits --since 2026-11-22T00:00:00+09:00",
             show_visits);
    add_single(app, code, "targets", "Who is in the store and worth approaching first, and why.",
               "raitenctl targets\nraitenctl targets --json", show_targets);
    add_list(app, code, "returns", "Who came back after leaving without buying.",
             "raitenctl returns --limit 10", show_returns);
    add_list(app, code, "coupons", "Which coupons were decided, and why.",
             "raitenctl coupons --member m-0042\nraitenctl coupons --state redeemed",
             [](const Json& answer) { show_coupons(answer, true); });
    add_member(app, code, "members", "Find a member by name or token.",
               "raitenctl members m-0042\nraitenctl members --token card:2900000000018", true);
    add_member(app, code, "member", "All that is known of a member; and what is decided about one.",
               "raitenctl member m-0042\nraitenctl member m-0042 --why\nraitenctl member m-0042 "
               "--consent no\n"
               "raitenctl member m-0042 --equipment confirmed",
               false);
    add_single(app, code, "outbox", "What waits for head office.", "raitenctl outbox", show_outbox);
}

}  // namespace raiten::app::ctl

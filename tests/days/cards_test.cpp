#include "tests/days/contract.hpp"
#include "tests/days/past_look.hpp"
#include "tests/support/dice.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <map>

/// A shop's past, one night over it, and what people see of the scores.
using namespace raiten::test;
using Json = nlohmann::json;

namespace {

constexpr int members = 60;

std::string card_token(int member)
{
    return "card:29000000" + std::to_string(10'000 + member);
}

std::string name_of(int member)
{
    return "m" + std::to_string(member);
}

/// "2026-05-01T17:20:00+09:00", days after 2026-02-01.
std::string moment(int day, int hour, int minute)
{
    const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::year{2026} / 2 / 1}
                                           + std::chrono::days{day}};
    std::array<char, 40> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:00+09:00",
                  static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                  static_cast<unsigned>(date.day()), hour, minute);
    return text.data();
}

/// Who buys every few days until some day before 2026-11-22.
std::string receipts_csv()
{
    raiten::stage::Dice dice{5};
    std::string csv{"member,at,total,number,kind\n"};
    int number = 0;
    for (int member = 0; member < members; ++member) {
        const auto gap = 4 + dice.below(40);
        const int last = 60 + static_cast<int>(dice.below(230));
        for (int day = static_cast<int>(dice.below(60)); day <= last;
             day += 1 + static_cast<int>(dice.below(gap)))
            csv += name_of(member) + "," + moment(day, 15 + static_cast<int>(dice.below(4)), 20)
                   + "," + std::to_string(100 + 10 * dice.below(300)) + ","
                   + std::to_string(++number) + ",sale\n";
    }
    return csv;
}

std::string tick(const std::string& at)
{
    return R"({"type":"tick","at":")" + at + "\"}\n";
}

/// A store with a past, and the nights that come between these moments.
struct ScoredStore {
    Store store;

    ScoredStore()
    {
        std::string list{"member,tokens,consent,staff\n"};
        for (int i = 0; i < members; ++i) list += name_of(i) + "," + card_token(i) + ",yes,no\n";
        list += "new," + card_token(members) + ",yes,no\n";
        store.file("members.csv", list);
        REQUIRE(store.import_members().code == 0);
        const auto ran = import_past(store, "receipts", store.file("r.csv", receipts_csv()));
        INFO(ran.err);
        REQUIRE(ran.code == 0);
    }
    std::string cards() const { return store.path("cards.csv"); }
    void live(const std::string& from, const std::string& to) const
    {
        const auto ran = store.replay(tick(from) + tick(to),
                                      {"--db", store.path("raiten.db"), "--cards", cards()});
        INFO(ran.err);
        REQUIRE(ran.code == 0);
    }
};

/// The fields of a line as RFC 4180 has them.
std::vector<std::string> fields_of(const std::string& line)
{
    std::vector<std::string> fields{""};
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"')
            fields.back() += line[i++];
        else if (line[i] == '"')
            quoted = !quoted;
        else if (line[i] == ',' && !quoted)
            fields.emplace_back();
        else
            fields.back() += line[i];
    }
    return fields;
}

std::map<std::string, std::map<std::string, std::string>> cards_in(const std::string& file)
{
    const auto lines = lines_of(Scratch::content(file));
    REQUIRE(!lines.empty());
    const auto names = fields_of(lines[0]);
    CHECK(names.back() == "reasons");
    std::map<std::string, std::map<std::string, std::string>> cards;
    for (std::size_t i = 1; i < lines.size(); ++i) {
        const auto fields = fields_of(lines[i]);
        REQUIRE(fields.size() == names.size());
        for (std::size_t k = 0; k < names.size(); ++k) cards[fields[0]][names[k]] = fields[k];
    }
    return cards;
}

Json openapi()
{
    return Json::parse(
        Scratch::content(std::string{RAITEN_SOURCE_DIR} + "/daemon/app/openapi.json"));
}

}  // namespace

TEST_CASE("cards: the counter, the file and the operator's screen show the same card",
          "[days][cards]")
{
    const ScoredStore shop;
    const auto& store = shop.store;
    shop.live("2026-11-22T20:00:00+09:00", "2026-11-23T10:00:00+09:00");
    const auto cards = cards_in(shop.cards());
    CHECK(cards.size() == members);

    const auto made = raitenctl({"token", "new", "pos", "--config", store.config()});
    REQUIRE(made.code == 0);
    const auto doc = openapi();
    const Service service{store};
    Contract api{doc, service.door()};
    const auto member = [&](const std::string& name) {
        const auto heard = api.ask("GET", "/api/v1/members/{member}", "/api/v1/members/" + name);
        REQUIRE(heard.status == 200);
        return Json::parse(heard.body);
    };
    std::map<std::string, int> stages;
    for (const auto& [name, row] : cards) {
        INFO(name);
        const auto score = member(name).at("score");
        REQUIRE(score.is_object());
        ++stages[score.at("stage").get<std::string>()];
        CHECK(score.at("stage") == row.at("stage"));
        CHECK(std::to_string(score.at("rfm_r").get<int>()) == row.at("rfm_r"));
        CHECK(score.at("p_alive").get<double>() == Approx(std::stod(row.at("p_alive"))));
        CHECK(score.at("next_visit_at") == row.at("next_visit_at"));
        CHECK(score.at("ltv").is_string());
        CHECK(std::stod(score.at("ltv").get<std::string>())
              == Approx(std::stod(row.at("ltv"))).margin(0.51));
        for (const auto& [key, value] : score.items()) CHECK_FALSE(value.is_null());
        // The file tells why in the same words.
        const auto why = Json::parse(row.at("reasons"));
        REQUIRE(why.size() == score.at("reasons").size());
        for (std::size_t i = 0; i < why.size(); ++i) {
            CHECK(why[i].at("score") == score.at("reasons")[i].at("score"));
            CHECK(why[i].value("rule", "") == score.at("reasons")[i].value("rule", ""));
            CHECK(why[i].contains("rule") != why[i].contains("model"));
        }
    }
    CHECK(stages.size() > 1);
    CHECK(member("new").at("score").is_null());

    // A register is told who stands there, and nothing of what they are worth.
    const auto at_register = service.loopback().ask(
        "GET", "/api/v1/members/m7", "", {{"Authorization", "Bearer " + made.lines().at(0)}});
    REQUIRE(at_register.status == 200);
    const auto told = Json::parse(at_register.body).at("score");
    CHECK(told.at("stage") == cards.at("m7").at("stage"));
    for (const auto* money : {"spend", "monetary", "expected_spend", "ltv", "mean_spend"})
        CHECK(told.dump().find("\"" + std::string{money} + "\"") == std::string::npos);

    const auto screen = raitenctl({"member", "m7", "--why", "--config", store.config()});
    INFO(screen.out << screen.err);
    CHECK(screen.code == 0);
    for (const auto& line : screen.lines()) CHECK(line.size() <= 80);
    CHECK(screen.out.find("stage           " + cards.at("m7").at("stage")) != std::string::npos);
    CHECK(screen.out.find("next visit      ") != std::string::npos);
    CHECK(screen.out.find("p_alive         model mbg_") != std::string::npos);
    CHECK(raitenctl({"member", "new", "--config", store.config()}).out.find("none yet")
          != std::string::npos);

    const auto models = raitenctl({"models", "--config", store.config()});
    INFO(models.out << models.err);
    CHECK(models.code == 0);
    const auto columns = [](const std::string& line) {  // of UTF-8
        return std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xc0) != 0x80; });
    };
    for (const auto& line : models.lines()) CHECK(columns(line) <= 80);
    CHECK(models.out.find("log_likelihood") != std::string::npos);
    const auto rows = Json::parse(api.ask("GET", "/api/v1/models", "/api/v1/models").body);
    std::map<std::string, Json> newest;
    for (const auto& row : rows.at("models")) newest.emplace(row.at("kind"), row);
    for (const auto* kind : {"buying", "spend", "rhythm", "rfm"}) CHECK(newest.contains(kind));
    CHECK(newest.at("buying").at("source") == "fit");
    CHECK(newest.at("buying").at("parameters").at("parameters").contains("alpha"));
}

TEST_CASE("cards: parameters that are given hold from the next night until they are withdrawn",
          "[days][cards]")
{
    const ScoredStore shop;
    const auto doc = openapi();
    const char* target = "/api/v1/models/buying";
    const auto buying = [&](Contract& api) {
        const auto all = Json::parse(api.ask("GET", "/api/v1/models", "/api/v1/models").body);
        for (const auto& row : all.at("models"))
            if (row.at("kind") == "buying") return row;
        return Json{};
    };
    shop.live("2026-11-22T20:00:00+09:00", "2026-11-23T10:00:00+09:00");
    Json fitted;
    {
        Service service{shop.store};
        Contract api{doc, service.door()};
        fitted = buying(api);
        const auto before = api.ask("GET", "/api/v1/models", "/api/v1/models").body;
        const std::string good = R"("parameters":{"r":0.7,"alpha":40,"a":0.8,"b":3})";
        const std::pair<std::string, const char*> wrong[]{
            {R"({"model":"mbg_nbd","unit":"weeks",)" + good + "}", "unit"},
            {R"({"model":"guess","unit":"days",)" + good + "}", "model"},
            {R"({"model":"mbg_nbd","unit":"days","parameters":{"r":0.7}})", "alpha"},
            {R"({"model":"mbg_nbd","unit":"days","parameters":{"r":-1,"alpha":4,"a":1,"b":3}})",
             "r"},
            {R"({"model":"mbg_nbd","unit":"days",)" + good + R"(,"spend":{"p":0,"q":1,"v":1}})",
             "p"},
            {"nonsense", "JSON"}};
        for (const auto& [body, word] : wrong) {
            const auto heard =
                service.door().ask("PUT", target, body, {{"Content-Type", "application/json"}});
            INFO(body << heard.body);
            CHECK(heard.status == 400);
            CHECK(heard.body.find(word) != std::string::npos);
        }
        CHECK(api.ask("GET", "/api/v1/models", "/api/v1/models").body == before);

        const auto taken =
            api.ask("PUT", target, target, R"({"model":"mbg_nbd","unit":"days",)" + good + "}");
        REQUIRE(taken.status == 200);
        const auto said = Json::parse(taken.body);
        CHECK(said.at("takes_effect_at") == "2026-11-24T03:30:00.000+09:00");
        CHECK(buying(api) == fitted);  // not before the night
        CHECK(service.stop() == 0);
    }
    shop.live("2026-11-23T20:00:00+09:00", "2026-11-24T10:00:00+09:00");
    {
        Service service{shop.store};
        Contract api{doc, service.door()};
        const auto given = buying(api);
        CHECK(given.at("source") == "given");
        CHECK(given.at("accepted") == true);
        CHECK(given.at("parameters").at("parameters").at("alpha") == 40);
        const auto member =
            Json::parse(service.door().ask("GET", "/api/v1/members/m7").body).at("score");
        const auto& reasons = member.at("reasons");
        CHECK(std::any_of(reasons.begin(), reasons.end(), [](const Json& reason) {
            return reason.at("score") == "p_alive" && reason.at("model") == "mbg_nbd";
        }));
        CHECK(api.ask("DELETE", target, target).status == 204);
        CHECK(api.ask("DELETE", target, target).status == 404);
        CHECK(service.stop() == 0);
    }
    shop.live("2026-11-24T20:00:00+09:00", "2026-11-25T10:00:00+09:00");
    const Service service{shop.store};
    Contract api{doc, service.door()};
    CHECK(buying(api).at("source") == "fit");
}

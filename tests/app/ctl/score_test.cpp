#include "tests/app/ctl/tool.hpp"
#include "tests/drivers/ble/shared_data.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <random>
#include <sstream>

using namespace raiten;
using namespace raiten::test;
using Rows = std::vector<std::map<std::string, std::string>>;

namespace {

constexpr const char* columns =
    "member,recency_days,frequency,monetary,rfm_r,rfm_f,rfm_m,stage,x,t_x,T,p_alive,"
    "expected_purchases,expected_spend,ltv,next_visit_at,next_visit_lo,next_visit_hi,p_visit_7d,"
    "visit_hour_from,visit_hour_to";

std::string date_of(int day)
{
    const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{day}}};
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
    return text.data();
}

constexpr int first_day = 20'000;  // 2024-10-04
constexpr int today = first_day + 200;

/// Rows of receipts of a little shop: who comes often, now and then, or once.
std::vector<std::string> shop_rows(unsigned seed)
{
    std::mt19937 dice{seed};
    std::vector<std::string> rows;
    int number = 0;
    for (int member = 0; member < 60; ++member) {
        const int gap = 3 + static_cast<int>(dice() % 60);
        const int stop = first_day + 45 + static_cast<int>(dice() % 155);
        for (int day = first_day + static_cast<int>(dice() % 40); day <= stop;
             day += 1 + static_cast<int>(dice() % static_cast<unsigned>(gap)))
            rows.push_back("m" + std::to_string(member) + "," + date_of(day) + "T12:00:00Z,"
                           + std::to_string(100 + dice() % 900) + ",n" + std::to_string(++number)
                           + ",sale");
    }
    return rows;
}

std::string csv_of(const std::vector<std::string>& rows)
{
    std::string text = "member,at,total,number,kind\n";
    for (const auto& row : rows) text += row + "\n";
    return text;
}

struct Scored {
    Ran ran;
    std::map<std::string, std::map<std::string, std::string>> cards;
};

Scored scored(const std::string& receipts, std::vector<std::string> more = {},
              const std::string& as_of = date_of(today) + "T23:59:59Z")
{
    const Scratch scratch;
    std::vector<std::string> words{"score", "--receipts", scratch.file("r.csv", receipts),
                                   "--as-of", as_of};
    words.insert(words.end(), more.begin(), more.end());
    Scored result{raitenctl(words), {}};
    for (auto& row : read_csv(result.ran.out))
        if (row.count("member") != 0) result.cards[row.at("member")] = row;
    return result;
}

double number(const std::map<std::string, std::string>& card, const char* column)
{
    CAPTURE(column);
    REQUIRE_FALSE(card.at(column).empty());
    return std::strtod(card.at(column).c_str(), nullptr);
}

}  // namespace

TEST_CASE("score: a card for each member, with the columns that were agreed", "[tool][score]")
{
    const auto result = scored(csv_of(shop_rows(1)));
    CHECK(result.ran.code == 0);
    CHECK(result.ran.err.empty());
    REQUIRE(result.ran.lines().size() == 61);
    CHECK(result.ran.lines()[0] == columns);
    for (const auto& [member, card] : result.cards) {
        CAPTURE(member);
        CHECK((number(card, "p_alive") >= 0 && number(card, "p_alive") <= 1));
        CHECK(number(card, "expected_purchases") >= 0);
        CHECK(number(card, "expected_spend") > 0);
        CHECK(number(card, "ltv")
              <= number(card, "expected_purchases") * number(card, "expected_spend"));
        CHECK(number(card, "x") == number(card, "frequency") - 1);
        CHECK(number(card, "t_x") <= number(card, "T"));
        CHECK(number(card, "T") - number(card, "t_x") == number(card, "recency_days"));
        // A day with a sale is a visit, and the next one lies ahead.
        CHECK(card.at("next_visit_lo") <= card.at("next_visit_at"));
        CHECK(card.at("next_visit_at") <= card.at("next_visit_hi"));
        CHECK((number(card, "p_visit_7d") >= 0 && number(card, "p_visit_7d") <= 1));
        CHECK(number(card, "visit_hour_from") < number(card, "visit_hour_to"));
    }
}

TEST_CASE("score: lines are one receipt, days are one purchase, refunds lower the money",
          "[tool][score]")
{
    auto rows = shop_rows(2);
    const auto day = [](int n) { return date_of(first_day + n); };
    for (const auto& row :
         {"lines," + day(10) + "T09:00:00Z,50,A1,sale",
          "lines," + day(10) + "T09:00:00Z,50,A1,sale",
          "lines," + day(10) + "T15:00:00Z,7.50,A2,sale", "lines," + day(60) + "T09:00:00Z,30,A3,",
          "lines," + day(70) + "T09:00:00Z,20,A4,refund",
          "lines," + day(80) + "T09:00:00Z,99,A5,sale",
          "lines," + day(81) + "T09:00:00Z,99,A5,void",
          "whole," + day(10) + "T09:00:00Z,40,B1,sale",
          "whole," + day(10) + "T10:00:00Z,40,B2,refund",
          "minus," + day(10) + "T09:00:00Z,40,C1,sale",
          "minus," + day(30) + "T09:00:00Z,-500,C2,sale",
          "free," + day(10) + "T09:00:00Z,0,D1,sale", "later," + day(201) + "T09:00:00Z,40,E1,sale",
          std::string{","} + day(10) + "T09:00:00Z,40,F1,sale"})
        rows.push_back(row);
    const auto result = scored(csv_of(rows));
    CHECK(result.ran.code == 0);
    const auto& lines = result.cards.at("lines");
    CHECK(lines.at("frequency") == "2");
    CHECK(lines.at("monetary") == "67.5");
    CHECK(lines.at("t_x") == "50");
    CHECK(lines.at("T") == "190");
    CHECK(result.cards.at("whole").at("frequency") == "0");
    CHECK(result.cards.at("whole").at("monetary").empty());
    CHECK(result.cards.at("minus").at("monetary") == "-460");
    CHECK(result.cards.at("minus").at("frequency") == "1");
    CHECK(result.cards.at("free").at("monetary") == "0");
    CHECK(result.cards.count("later") == 0);
    CHECK(result.cards.count("") == 0);
}

TEST_CASE("score: the order of rows changes nothing", "[tool][score]")
{
    auto rows = shop_rows(3);
    const auto before = scored(csv_of(rows));
    std::mt19937 dice{7};
    std::shuffle(rows.begin(), rows.end(), dice);
    CHECK(scored(csv_of(rows)).ran.out == before.ran.out);
}

TEST_CASE("score: what comes later changes no card, and is how the report judges", "[tool][score]")
{
    const Scratch scratch;
    auto rows = shop_rows(4);
    const auto before = scored(csv_of(rows));
    for (int member = 0; member < 20; ++member)
        rows.push_back("m" + std::to_string(member) + "," + date_of(today + 5 + member)
                       + "T12:00:00Z,100,later" + std::to_string(member) + ",sale");
    const auto report = scratch.path("report.json");
    const auto after = scored(csv_of(rows), {"--report", report});
    CHECK(after.ran.out == before.ran.out);
    const auto told = nlohmann::json::parse(Scratch::content(report));
    CHECK(told.at("calibration").at("came") == 20);
    CHECK(told.at("calibration").at("days") == 24);
    CHECK(told.at("calibration").at("refitted") == false);
    CHECK(told.at("members") == 60);
    CHECK(told.at("log_likelihood").is_number());
    CHECK(told.at("log_likelihoods").at("mbg_nbd") <= told.at("log_likelihoods").at("mbg_cnbd_k"));
    CHECK(told.at("spend").at("members").is_number());
}

TEST_CASE("score: a report's parameters score like the fit they came from", "[tool][score]")
{
    const Scratch scratch;
    const auto receipts = csv_of(shop_rows(5));
    for (const auto* model : {"auto", "bg_nbd", "mbg_nbd", "mbg_cnbd_k", "pareto_nbd"})
        for (const auto* unit : {"days", "weeks"}) {
            CAPTURE(model, unit);
            const auto report = scratch.path("report.json");
            const auto fitted =
                scored(receipts, {"--model", model, "--unit", unit, "--report", report});
            CHECK(fitted.ran.code == 0);
            const auto given = scored(receipts, {"--params", report, "--unit", unit});
            CHECK(given.ran.code == 0);
            CHECK(given.ran.out == fitted.ran.out);
            const auto other = unit == std::string{"days"} ? "weeks" : "days";
            const auto refused = scored(receipts, {"--params", report, "--unit", other});
            CHECK(refused.ran.code == 66);
            CHECK(refused.ran.err.find("unit") != std::string::npos);
        }
}

TEST_CASE("score: weeks and days foretell the same", "[tool][score]")
{
    const auto receipts = csv_of(shop_rows(6));
    const auto days = scored(receipts, {"--model", "mbg_nbd"});
    const auto weeks = scored(receipts, {"--model", "mbg_nbd", "--unit", "weeks"});
    for (const auto& [member, card] : days.cards) {
        const auto& other = weeks.cards.at(member);
        CHECK(number(other, "T") == Approx(number(card, "T") / 7));
        CHECK(number(other, "p_alive") == Approx(number(card, "p_alive")).margin(1e-3));
        CHECK(number(other, "ltv") == Approx(number(card, "ltv")).epsilon(1e-2).margin(1e-2));
    }
}

TEST_CASE("score: visitors who never bought have a card too", "[tool][score]")
{
    const Scratch scratch;
    const auto visits = scratch.file(
        "v.csv", "at,member,zone,left_at\n" + date_of(today - 3) + "T10:00:00Z,looker,floor,\n"
                     + date_of(today - 100) + "T10:00:00Z,gone,floor," + date_of(today - 100)
                     + "T10:20:00Z\n" + date_of(today) + "T10:00:00Z,m1,floor,\n");
    const auto result = scored(csv_of(shop_rows(7)), {"--visits", visits});
    CHECK(result.ran.code == 0);
    const auto& looker = result.cards.at("looker");
    CHECK(looker.at("recency_days") == "3");
    CHECK(looker.at("monetary").empty());
    CHECK(looker.at("rfm_f") == "1");
    CHECK(looker.at("stage") == "new");
    CHECK(looker.at("p_alive").empty());
    CHECK(result.cards.at("gone").at("stage") == "dormant");
}

TEST_CASE("score: wrong rows are named by line and left out", "[tool][score]")
{
    auto rows = shop_rows(8);
    const auto good = scored(csv_of(rows));
    rows.insert(rows.begin(),
                {"m1,yesterday,5,x,sale", "m1," + date_of(today) + "T10:00:00Z,a lot,y,sale",
                 "m 1," + date_of(today) + ",5,z,sale", "m1," + date_of(today) + ",5,z,gift",
                 "m1," + date_of(today)});
    const auto result = scored(csv_of(rows));
    CHECK(result.ran.code == 65);
    CHECK(result.ran.out == good.ran.out);
    for (const auto* line : {"line 2: at:", "line 3: total:", "line 4: has a member",
                             "line 5: kind", "line 6: has 2 fields"})
        CHECK(result.ran.err.find(line) != std::string::npos);

    CHECK(scored("who,when\n").ran.err.find("has no column member") != std::string::npos);
    CHECK(scored("").ran.code == 65);
    CHECK(raitenctl({"score", "--receipts", "nowhere.csv", "--as-of", "2026-01-01T00:00:00Z"}).code
          == 66);
    CHECK(scored(csv_of(rows), {}, "today").ran.code == 64);
    CHECK(scored(csv_of(rows), {"--model", "magic"}).ran.code == 64);
}

TEST_CASE("score: a shop too small for a fit still gets ranks and stages", "[tool][score]")
{
    const auto result = scored("member,at,total\na," + date_of(today - 5) + ",10\nb,"
                               + date_of(today - 50) + ",20\n");
    CHECK(result.ran.code == 0);
    CHECK(result.ran.err.find("too few histories") != std::string::npos);
    CHECK(result.cards.at("a").at("stage") == "new");
    CHECK(result.cards.at("b").at("p_alive").empty());
    CHECK(result.cards.at("b").at("rfm_r") == "1");
}

TEST_CASE("score: days are those of the wall that --as-of names", "[tool][score]")
{
    const auto rows = csv_of(shop_rows(9)) + "late,2025-01-10T16:30:00Z,10,n,sale\n";
    CHECK(scored(rows, {}, "2025-04-20T12:00:00Z").cards.at("late").at("recency_days") == "100");
    CHECK(scored(rows, {}, "2025-04-20T21:00:00+09:00").cards.at("late").at("recency_days")
          == "99");
}

TEST_CASE("score: with its reasons, in a last column that is JSON", "[tool][score]")
{
    const auto result = scored(csv_of(shop_rows(10)), {"--reasons"});
    REQUIRE(result.ran.lines().size() == 61);
    CHECK(result.ran.lines()[0] == std::string{columns} + ",reasons");
    for (const auto& line : result.ran.lines()) {
        if (line == result.ran.lines()[0]) continue;
        const auto begin = line.find(",\"[");
        REQUIRE(begin != std::string::npos);
        REQUIRE(line.ends_with("]\""));
        auto json = line.substr(begin + 2, line.size() - begin - 3);
        for (auto at = json.find("\"\""); at != std::string::npos; at = json.find("\"\"", at + 1))
            json.erase(at, 1);
        const auto reasons = nlohmann::json::parse(json);
        CHECK(reasons.at(0).at("score") == "stage");
        CHECK(std::any_of(reasons.begin(), reasons.end(), [](const auto& each) {
            return each.at("score") == "ltv" && each.at("from").at("horizon_days") == 365;
        }));
    }
    // The other columns stay as they are.
    const auto plain = scored(csv_of(shop_rows(10)));
    CHECK(result.ran.lines()[7].starts_with(plain.ran.lines()[7] + ","));
}

TEST_CASE("score: as JSON, one card a line", "[tool][score]")
{
    const auto result = scored(csv_of(shop_rows(10)), {"--json"});
    REQUIRE(result.ran.lines().size() == 60);
    const auto card = nlohmann::json::parse(result.ran.lines()[0]);
    CHECK(card.at("p_alive").is_number());
    CHECK(card.at("reasons").at(0).at("score") == "stage");
    CHECK(card.at("p_visit_7d").is_number());
}

TEST_CASE("score: CDNOW from its receipts", "[tool][score][shared]")
{
    const auto folder = shared_folder("data/history/cdnow");
    if (!folder) return;
    std::string receipts = "member,at,total\n";
    for (const auto& row : read_csv(read_gz(*folder / "cdnow_sample.csv.gz")))
        receipts +=
            row.at("sample_id") + "," + row.at("date") + "T00:00:00Z," + row.at("amount") + "\n";

    const Scratch scratch;
    const auto report = scratch.path("report.json");
    const auto early = scored(
        receipts, {"--unit", "weeks", "--model", "mbg_nbd", "--horizon", "273", "--report", report},
        "1997-09-30T23:59:59Z");
    CHECK(early.ran.code == 0);
    CHECK(early.cards.size() == 2'357);
    CHECK(number(early.cards.at("1"), "x") == 2);
    CHECK(number(early.cards.at("1"), "t_x") == Approx(30.43).margin(0.005));
    CHECK(number(early.cards.at("1"), "T") == Approx(38.86).margin(0.005));
    CHECK(number(early.cards.at("1"), "expected_purchases") == Approx(1.2627).epsilon(1e-3));
    const auto told = nlohmann::json::parse(Scratch::content(report));
    CHECK(std::abs(told.at("log_likelihood").get<double>() - -9582.13) < 0.05);
    CHECK(told.at("calibration").at("mean_absolute_error") <= 0.765);
    CHECK(told.at("calibration").at("came") == 1'882);

    const auto late = scored(receipts, {}, "1998-07-01T00:00:00Z");
    std::size_t equal = 0;
    const auto ranks = read_csv(read_gz(*folder / "cdnow_rfm_R.csv.gz"));
    for (const auto& row : ranks) {
        const auto& card = late.cards.at(row.at("customer_id"));
        CAPTURE(row.at("customer_id"));
        CHECK(card.at("recency_days") == row.at("recency_days"));
        CHECK(card.at("frequency") == row.at("transaction_count"));
        CHECK(card.at("rfm_r") + card.at("rfm_f") + card.at("rfm_m") == row.at("rfm_score"));
        ++equal;
    }
    CHECK(equal == 2'357);
}

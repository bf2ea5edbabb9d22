#include "daemon/app/campaign_check.hpp"
#include "daemon/app/campaign_columns.hpp"
#include "daemon/app/files.hpp"
#include "daemon/base/iso8601.hpp"
#include "daemon/model/score_card.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <fstream>

/// What campaigns say against themselves, as their author is told it.
using namespace raiten;
using namespace raiten::app;
using Json = nlohmann::json;

namespace {

/// A campaign with nothing to say against it, and what a test changes.
CampaignRead with(const char* patch, const CampaignGround& ground = {})
{
    auto json = Json::parse(R"({
        "id": "a", "moment": "visit_opened", "control": 0.1,
        "offers": [{"code": "A", "text": {"ja": "い", "en": "a"}, "value": "300", "cost": "300"}],
        "per_member": {"count": 1, "period": "30d"}, "budget": "9000"})");
    json.merge_patch(Json::parse(patch));
    return parse_campaign(json.dump(), ground);
}

std::string all(const std::vector<Problem>& problems)
{
    std::string out;
    for (const auto& each : problems) out += (out.empty() ? "" : "\n") + each.text();
    return out;
}

std::string errors(const char* patch, const CampaignGround& ground = {})
{
    const auto read = with(patch, ground);
    CHECK(read.campaign.has_value() == read.problems.empty());
    for (const auto& each : read.problems) CHECK_FALSE(each.advice.empty());
    return all(read.problems);
}

std::string warnings(const char* patch)
{
    const auto read = with(patch);
    INFO(all(read.problems));
    CHECK(read.campaign.has_value());
    for (const auto& each : read.warnings) CHECK_FALSE(each.advice.empty());
    return all(read.warnings);
}

bool begins(const std::string& text, const std::string& start)
{
    INFO("expected " << start << "\nbut it is " << text);
    CHECK(text.starts_with(start));
    CHECK(text.find('\n') == std::string::npos);
    return text.starts_with(start);
}

}  // namespace

TEST_CASE("campaign checks: limits that contradict each other are errors", "[campaigns]")
{
    CHECK(errors("{}") == "");
    CHECK(begins(errors(R"({"per_day": 30, "stock": {"count": 20, "per": "day"}})"),
                 "/per_day: is more than the stock (20 a day) (write at most 20"));
    CHECK(errors(R"({"per_day": 20, "stock": {"count": 20, "per": "day"}})") == "");
    CHECK(begins(errors(R"({"per_store": {"count": 30, "period": "7d"},
                            "stock": {"count": 20, "per": "campaign"}})"),
                 "/per_store: is more than the stock (20 in all)"));
    CHECK(errors(R"({"per_store": {"count": 30, "period": "7d"},
                     "stock": {"count": 20, "per": "day"}})")
          == "");
    CHECK(begins(errors(R"({"budget": null, "stock": {"count": 9, "per": "day"}, "leased": true})"),
                 "/leased: there is nothing to lease: a stock per day is the store's own"));
    CHECK(begins(errors(R"({"budget": "299"})"),
                 "/budget: is smaller than the cost of one offer ('A', 300)"));
    CHECK(begins(errors(R"({"target": {"top_share": 0.3}, "control": 0})"),
                 "/target: needs a control group"));
    CHECK(begins(errors(R"({"control": 1})"), "/control: is everybody"));
    CHECK(begins(errors(R"({"quiet_hours": {"from": "09:00", "to": "09:00"}})"),
                 "/quiet_hours: cover the whole day"));
    CHECK(begins(errors(R"({"moment": "visit_predicted", "channel": "app", "lead": "8d"})"),
                 "/lead: is longer than 7d (write at most \"7d\")"));
    CHECK(begins(
        errors(
            R"({"moment": "visit_predicted", "channel": "app", "lead": "3h", "valid_for": "2h"})"),
        "/valid_for: is shorter than lead (3h): the coupon would expire before"));
    CHECK(begins(errors(R"({"min_gap": "14d", "starts_at": "2026-11-01T00:00:00+09:00",
                            "ends_at": "2026-11-08T00:00:00+09:00"})"),
                 "/min_gap: is longer than the whole campaign (7d)"));
    CHECK(begins(errors(R"({"starts_at": "2026-11-08T00:00:00+09:00",
                            "ends_at": "2026-11-01T00:00:00+09:00"})"),
                 "/ends_at: is not after starts_at"));
}

TEST_CASE("campaign checks: a limit that can never be reached is named", "[campaigns]")
{
    CHECK(begins(errors(R"({"per_member": {"count": 3, "period": "7d"}, "min_gap": "4d"})"),
                 "/per_member: can never be reached: with min_gap 4d a member gets fewer in 7d"));
    CHECK(errors(R"({"per_member": {"count": 2, "period": "7d"}, "min_gap": "4d"})") == "");
    CHECK(begins(errors(R"({"moment": "first_visit", "per_member": {"count": 2, "period": "7d"}})"),
                 "/per_member: can never be reached: a member has one first visit"));
    CHECK(
        begins(errors(R"({"per_member": {"count": 9, "period": "day"}, "per_day": 5})"),
               "/per_member: can never be reached: the whole store gives at most 5 per business"));
    CHECK(begins(errors(R"({"per_store": [{"count": 50, "period": "7d"},
                                          {"count": 60, "period": "7d"}]})"),
                 "/per_store/1: is never reached: 50 per 7d (/per_store/0) is reached before"));
    CHECK(begins(errors(R"({"per_store": [{"count": 50, "period": "7d"},
                                          {"count": 50, "period": "7d"}]})"),
                 "/per_store/1: is never reached"));
    CHECK(begins(errors(R"({"per_day": 50, "per_store": {"count": 40, "period": "7d"}})"),
                 "/per_day: is never reached: 40 per 7d (/per_store) is reached before"));
    CHECK(begins(errors(R"({"per_day": 50, "per_store": {"count": 60, "period": "day"}})"),
                 "/per_store: is never reached: 50 per business day (/per_day)"));
    CHECK(begins(errors(R"({"per_member": [{"count": 1, "period": "30d"},
                                           {"count": 1, "period": "7d"}]})"),
                 "/per_member/1: is never reached: 1 per 30d"));
    // A rolling day and a business day are not the same: both may be reached.
    CHECK(errors(R"({"per_day": 50, "per_store": {"count": 50, "period": "24h"}})") == "");
    CHECK(errors(R"({"per_member": [{"count": 1, "period": "day"}, {"count": 3, "period": "7d"}]})")
          == "");
}

TEST_CASE("campaign checks: what has ended is refused, as of the time that was given",
          "[campaigns]")
{
    CampaignGround ground;
    const auto* patch = R"({"ends_at": "2026-11-22T00:00:00+09:00"})";
    CHECK(errors(patch) == "");
    ground.now = parse_instant("2026-11-21T23:59:59+09:00").value();
    CHECK(errors(patch, ground) == "");
    ground.now = parse_instant("2026-11-22T00:00:00+09:00").value();
    CHECK(begins(errors(patch, ground), "/ends_at: has ended: 2026-11-21T15:00:00.000+00:00"));
}

TEST_CASE("campaign checks: money has the decimals of the store's currency", "[campaigns]")
{
    CampaignGround yen;
    yen.currency = "JPY";
    CampaignGround dollars;
    dollars.currency = "USD";
    const auto* patch = R"({"budget": "4000.50"})";
    CHECK(errors(patch) == "");
    CHECK(errors(patch, dollars) == "");
    CHECK(begins(errors(patch, yen),
                 "/budget: 4000.5 has more decimals than JPY (0) (write 4000 or 4001)"));
    CHECK(begins(errors(R"({"offers": [{"code": "A", "text": {"ja": "い", "en": "a"},
                                        "value": "1.005", "cost": "1"}]})",
                        dollars),
                 "/offers/0/value: 1.005 has more decimals than USD (2) (write 1.00 or 1.01)"));
}

TEST_CASE("campaign checks: what was perhaps not meant is a warning, and the campaign is good",
          "[campaigns]")
{
    CHECK(warnings("{}") == "");
    CHECK(begins(warnings(R"({"control": 0})"),
                 "/control: is 0: without a control group no effect can be shown"));
    CHECK(begins(warnings(R"({"budget": null, "per_member": null})"),
                 "/per_member: is missing, and so is a budget"));
    CHECK(warnings(R"({"budget": null})") == "");
    CHECK(begins(warnings(R"({"offers": [{"code": "A", "text": {"ja": "い"}, "cost": "1"}]})"),
                 "/offers/0/text: has no text for \"en\""));
    CHECK(begins(
        warnings(R"({"offers": [{"code": "A", "text": {"ja": "い", "en": "a"}, "value": "1"}]})"),
        "/offers/0/cost: is missing: the budget never shrinks"));
    CHECK(begins(warnings(R"({"moment": "went_dormant"})"),
                 "/channel: is the kiosk, but at this moment the member is not in the store"));
}

TEST_CASE("campaign checks: a column that is not known at the moment is a warning", "[campaigns]")
{
    CHECK(begins(warnings(R"({"where": "basket LIKE '%|tea|%'"})"),
                 "/where: uses basket, which is not known at the moment visit_opened"));
    CHECK(warnings(R"({"where": "basket LIKE '%|tea|%'", "moment": "purchased"})") == "");
    CHECK(begins(warnings(R"({"where": "visits > 2 AND Survey_Score < 5"})"),
                 "/where: uses survey_score, which"));
    // Words between quotes are no columns.
    CHECK(warnings(R"({"where": "zone = 'basket'"})") == "");
    CHECK(columns_used("x1 + 'x' || \"x\" AND T_X>t_x") == std::vector<std::string>{"x", "t_x"});
    CHECK(columns_used("'never closed") == std::vector<std::string>{});
}

TEST_CASE("campaign checks: config/CAMPAIGNS.md lists the columns of the score card", "[campaigns]")
{
    const auto path = std::string{RAITEN_SOURCE_DIR} + "/config/CAMPAIGNS.md";
    auto page = read_file(path, 1 << 20).value();
    const auto from = page.find(columns_begin);
    const auto to = page.find(columns_end);
    REQUIRE(from != std::string::npos);
    REQUIRE(to != std::string::npos);
    const auto length = to + columns_end.size() - from;
    if (std::getenv("RAITEN_UPDATE") != nullptr) {
        page.replace(from, length, columns_reference());
        std::ofstream{path} << page;
        return;
    }
    INFO("RAITEN_UPDATE=1 test_app_base '[campaigns]' writes it anew");
    CHECK(page.substr(from, length) == columns_reference());
    for (std::size_t at = 0, end = 0; at < page.size(); at = end + 1) {
        end = std::min(page.find('\n', at), page.size());
        const auto line = page.substr(at, end - at);
        INFO(line);
        CHECK(std::count_if(line.begin(), line.end(),
                            [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; })
              <= 100);
    }
    for (const auto& key : campaign_keys()) {
        INFO(key);
        CHECK(page.find("`" + key + "`") != std::string::npos);
    }
    for (std::size_t i = 0; i < moment_count; ++i)
        CHECK(page.find("`" + std::string{text_of(static_cast<Moment>(i))} + "`")
              != std::string::npos);
    for (const auto& column : card_columns()) {
        INFO(column.name);
        CHECK_FALSE(moments_of(column.name).empty());
    }
}

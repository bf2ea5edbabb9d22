#include "daemon/ledger/histories.hpp"
#include "tests/days/story.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <array>
#include <numeric>
#include <optional>

using namespace raiten::test;
using Json = nlohmann::json;

namespace {

const std::string ann_card = "card:2900000000011";

/// The store with its members, and the operator's door.
struct Counter {
    Counter()
    {
        const auto imported = store.import_members();
        INFO(imported.err);
        REQUIRE(imported.code == 0);
    }
    Json get(const std::string& target) const
    {
        const auto heard = service->door().ask("GET", target);
        INFO(target << " " << heard.body);
        REQUIRE(heard.status == 200);
        return Json::parse(heard.body);
    }
    unsigned put(const std::string& target, const std::string& body) const
    {
        return service->door()
            .ask("PUT", target, body, {{"Content-Type", "application/json"}})
            .status;
    }
    void events(const std::string& lines) const
    {
        const auto heard = service->door().ask("POST", "/api/v1/events", lines,
                                               {{"Content-Type", "application/x-ndjson"}});
        INFO(heard.body);
        REQUIRE(heard.status == 200);
    }
    void check_in(const std::string& at) const
    {
        events(R"({"type":"checkin","at":")" + at + R"(","reader":"desk","token":")" + ann_card
               + "\"}\n");
    }
    std::size_t open_visits() const { return get("/api/v1/visits?state=open").at("visits").size(); }
    std::size_t open_coupons() const
    {
        return get("/api/v1/coupons?member=ann&state=open").at("coupons").size();
    }
    std::string ann(const char* key) const { return get("/api/v1/members/ann").at(key).dump(); }
    void restart()
    {
        CHECK(service->stop() == 0);
        service.reset();
        service.emplace(store);
    }

    Store store;
    std::optional<Service> service{store};
};

/// Two visits without a purchase: she is here, came back empty-handed, and has a coupon.
void come_back(const Counter& counter)
{
    const auto day = day_file("return-after-5-days.ndjson");
    const auto lines = lines_of(day);
    std::string morning;
    for (std::size_t i = 0; i < 7; ++i) morning += lines[i] + "\n";
    counter.events(morning);
    REQUIRE(counter.open_visits() == 1);
    REQUIRE(counter.open_coupons() == 1);
}

}  // namespace

TEST_CASE("days: who withdraws consent is gone at once, and stays so", "[days][consent]")
{
    Counter counter;
    come_back(counter);
    REQUIRE(counter.put("/api/v1/members/ann/consent", R"({"consent":false})") == 200);
    CHECK(counter.open_visits() == 0);
    CHECK(counter.open_coupons() == 0);
    CHECK(counter.ann("consent") == "false");
    const auto coupon = counter.get("/api/v1/coupons?member=ann").at("coupons").at(0);
    CHECK(coupon.at("state") == "revoked");
    const auto visit = counter.get("/api/v1/members/ann").at("latest_visits").at(0);
    CHECK(visit.at("close_reason") == "consent_withdrawn");

    // A token that is heard from now on is nobody's.
    counter.check_in("2026-11-07T10:07:00+09:00");
    CHECK(counter.open_visits() == 0);
    counter.restart();
    CHECK(counter.ann("consent") == "false");
    counter.check_in("2026-11-07T10:08:00+09:00");
    CHECK(counter.open_visits() == 0);

    // Twice is once; and she may think better of it.
    CHECK(counter.put("/api/v1/members/ann/consent", R"({"consent":false})") == 200);
    CHECK(counter.put("/api/v1/members/ann/consent", R"({"consent":true})") == 200);
    counter.check_in("2026-11-07T10:09:00+09:00");
    CHECK(counter.open_visits() == 1);
    // Another visit, another return, another coupon: the old one stays revoked.
    CHECK(counter.open_coupons() == 1);
    CHECK(counter.get("/api/v1/coupons?member=ann").at("coupons").at(1).at("state") == "revoked");
}

TEST_CASE("days: who agrees to some channels only is reached by these, from the next decision on",
          "[days][consent]")
{
    Counter counter;
    CHECK(counter.ann("channels") == R"(["kiosk","app","mail","wallet"])");
    const std::string consent{"/api/v1/members/ann/consent"};
    REQUIRE(counter.put(consent, R"({"consent":true,"channels":["app","mail"]})") == 200);
    CHECK(counter.ann("channels") == R"(["app","mail"])");

    // She comes back empty-handed, but the campaign's channel is the kiosk.
    const auto lines = lines_of(day_file("return-after-5-days.ndjson"));
    std::string morning;
    for (std::size_t i = 0; i < 7; ++i) morning += lines[i] + "\n";
    counter.events(morning);
    REQUIRE(counter.open_visits() == 1);
    CHECK(counter.open_coupons() == 0);

    // While she is in the store she thinks better of it: the next visit's coupon reaches her.
    REQUIRE(counter.put(consent, R"({"consent":true,"channels":["kiosk"]})") == 200);
    counter.check_in("2026-11-08T10:07:00+09:00");
    CHECK(counter.open_coupons() == 1);

    // Consent alone changes no channel; it survives a restart; none at all is allowed.
    REQUIRE(counter.put(consent, R"({"consent":true})") == 200);
    counter.restart();
    CHECK(counter.ann("channels") == R"(["kiosk"])");
    REQUIRE(counter.put(consent, R"({"consent":true,"channels":[]})") == 200);
    CHECK(counter.ann("channels") == "[]");
    for (const auto* wrong :
         {R"({"consent":true,"channels":"app"})", R"({"consent":true,"channels":["fax"]})",
          R"({"consent":true,"channels":[1]})"})
        CHECK(counter.put(consent, wrong) == 400);
    CHECK(counter.ann("channels") == "[]");
    const auto coupons = [&] {
        return counter.get("/api/v1/coupons?member=ann").at("coupons").size();
    };
    counter.check_in("2026-11-09T10:07:00+09:00");
    CHECK(coupons() == 1);

    // Enrolled anew while she is there, as a member list does: that holds at once too.
    const auto enrolled = counter.service->door().ask(
        "POST", "/api/v1/members", R"({"member":"ann","tokens":[],"channels":["kiosk"]})",
        {{"Content-Type", "application/json"}});
    CHECK(enrolled.status == 201);
    counter.check_in("2026-11-10T10:07:00+09:00");
    CHECK(coupons() == 2);
}

TEST_CASE("days: a device that never goes home waits for somebody to look", "[days][equipment]")
{
    Counter counter;
    std::string week;
    for (const char* date : {"02", "03", "04", "05"})
        for (int minute = 9 * 60; minute <= 15 * 60; minute += 5) {
            std::array<char, 200> line{};
            std::snprintf(line.data(), line.size(),
                          R"({"type":"sighting","at":"2026-11-%sT%02d:%02d:00+09:00",)"
                          R"("reader":"floor","rssi":-60,"token":)"
                          R"("ibeacon:f7826da6-4fa2-4e98-8024-bc5b71e0893e/1/1"})",
                          date, minute / 60, minute % 60);
            week += std::string{line.data()} + "\n";
            if (minute == 9 * 60) {  // three of them let her in
                std::string again = line.data();
                for (const char* second : {"10", "20"}) {
                    again.replace(again.find("+09:00") - 2, 2, second);
                    week += again + "\n";
                }
            }
        }
    counter.events(week + R"({"type":"tick","at":"2026-11-05T23:00:00+09:00"})" + "\n");
    CHECK(counter.ann("equipment") == "\"suspected\"");
    const auto status = counter.get("/api/v1/status");
    CHECK(status.at("suspected") == Json({{"count", 1}, {"members", {"ann"}}}));
    counter.check_in("2026-11-06T10:00:00+09:00");
    CHECK(counter.open_visits() == 0);

    const auto doctor = raitenctl({"doctor", "--config", counter.store.config()});
    CHECK(doctor.out.find("1 member is left out") != std::string::npos);
    CHECK(doctor.out.find("raitenctl member NAME --equipment") != std::string::npos);

    const auto looked =
        raitenctl({"member", "ann", "--equipment", "rejected", "--config", counter.store.config()});
    INFO(looked.err);
    CHECK(looked.code == 0);
    CHECK(counter.ann("equipment") == "\"rejected\"");
    CHECK(counter.get("/api/v1/status").at("suspected").at("count") == 0);
    counter.check_in("2026-11-06T10:01:00+09:00");
    CHECK(counter.open_visits() == 1);

    // It was furniture after all: not here any more, at once, and for good.
    CHECK(counter.put("/api/v1/members/ann/equipment", R"({"equipment":"confirmed"})") == 200);
    CHECK(counter.open_visits() == 0);
    counter.restart();
    counter.check_in("2026-11-06T10:02:00+09:00");
    CHECK(counter.open_visits() == 0);
}

TEST_CASE("days: a survey's answer is kept before it is answered, and once", "[days][survey]")
{
    Counter counter;
    const auto answer = [&](const std::string& body, const std::string& key) {
        return counter.service->door()
            .ask("POST", "/api/v1/surveys", body,
                 {{"Content-Type", "application/json"}, {"Idempotency-Key", key}})
            .status;
    };
    CHECK(answer(R"({"score":9})", "one") == 204);
    CHECK(answer(R"({"score":9})", "one") == 204);
    CHECK(answer(R"({"score":0,"member":"ann","visit":"v0000000000000001"})", "two") == 204);
    CHECK(answer(R"({"score":11})", "three") == 400);
    CHECK(answer(R"({"score":"9"})", "four") == 400);
    CHECK(answer(R"({"score":-1})", "five") == 400);
    CHECK(answer(R"({"score":5,"member":"nobody"})", "six") == 404);
    CHECK(answer(R"({"score":5,"visit":"yesterday"})", "seven") == 400);

    auto past = raiten::ledger::Histories::open(counter.store.path("raiten.db"));
    REQUIRE(past.has_value());
    const auto days = past->survey_days(raiten::Instant::min(), raiten::Instant::max());
    REQUIRE(days.has_value());
    REQUIRE(days->size() == 1);
    CHECK(days->front().answers[9] == 1);
    CHECK(days->front().answers[0] == 1);
    CHECK(std::accumulate(days->front().answers.begin(), days->front().answers.end(), 0U) == 2);
}

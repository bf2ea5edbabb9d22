#include "daemon/app/api_tokens.hpp"
#include "tests/app/ctl/tool.hpp"
#include "tests/faults/coupon_books.hpp"
#include "tests/faults/crowd.hpp"
#include "tests/faults/quick_store.hpp"
#include "tests/faults/shop_script.hpp"
#include "tests/support/store_box.hpp"

#include <nlohmann/json.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <map>
#include <set>
#include <string>
#include <vector>

/// One decision for each member, campaign and occasion, and one use of each coupon, however many
/// ask for it at once, again, or after a kill.
using namespace raiten;
using namespace raiten::test;
using namespace std::chrono_literals;
using Json = nlohmann::json;

namespace {

constexpr std::size_t kiosks = 64;
constexpr std::size_t tries = 10'000;
constexpr int shoppers = 48;

std::string card(int number)
{
    return "card:29000000000" + std::to_string(10 + number);
}

std::string campaign(const std::string& id, const std::string& moment, const std::string& more)
{
    return R"({"id":")" + id + R"(","moment":")" + moment
           + R"(","offers":[{"code":"B100","text":{"en":"100 off"},"value":"100","cost":"100"}],)"
             R"("control":0,)"
           + more + "}";
}

std::string checkin(int who, Instant at)
{
    return R"({"type":"checkin","at":")" + script_time(at) + R"(","reader":"desk","token":")"
           + card(who) + R"(","id":"tap-)" + std::to_string(who) + R"("})";
}

std::string sale(int who, int number, Instant at)
{
    return R"({"type":"receipt","at":")" + script_time(at) + R"(","pos":"reg-1","number":")"
           + std::to_string(number) + R"(","kind":"sale","token":")" + card(who)
           + R"(","total":"500","currency":"JPY","lines":[]})";
}

Json parsed(const std::string& text)
{
    return Json::parse(text, nullptr, false);
}

class Store {
 public:
    Store() : box{StoreBox::Clock::events, settings()}
    {
        const auto made = app::add_api_token(box.file("api-tokens"), "admin", "crowd");
        REQUIRE(made.has_value());
        token_ = made->token;
    }
    void start()
    {
        box.start();
        const auto log = box.log();
        const auto newest = log.rfind("http.listening");
        REQUIRE(newest != log.npos);
        const auto address = address_in(log.substr(newest), "http.listening");
        port_ = std::atoi(address.substr(address.rfind(':') + 1).c_str());
    }
    void kill_and_start()
    {
        box.kill();
        start();
    }
    std::vector<Crowd::Told> ask(const std::vector<Crowd::Wish>& wishes) const
    {
        return Crowd{port_, token_, kiosks}.ask(wishes);
    }
    Crowd::Told ask(const Crowd::Wish& wish) const
    {
        return Crowd{port_, token_, 1}.ask({wish}).front();
    }
    std::vector<std::string> coupons_of(const std::string& campaign_id)
    {
        std::vector<std::string> ids;
        const auto page = parsed(box.get("/api/v1/coupons?limit=1000").body);
        for (const auto& each : page.at("coupons"))
            if (each["campaign"] == campaign_id) ids.push_back(each["coupon"]);
        std::reverse(ids.begin(), ids.end());  // the oldest first
        return ids;
    }
    std::vector<std::string> books() const { return coupon_books(box.file("raiten.db")); }
    Spent spent(const std::string& campaign_id) const
    {
        return spent_by(box.file("raiten.db"), campaign_id);
    }

    StoreBox box;

 private:
    static std::string settings()
    {
        return "[mqtt]\nbrokers = [\"mqtt://127.0.0.1:" + std::to_string(free_port())
               + "\"]\nevents = [\"coupon\", \"summary\"]\n" + script_readers();
    }
    std::string token_;
    int port_{};
};

/// How often each answer came.
std::map<int, std::size_t> statuses(const std::vector<Crowd::Told>& told)
{
    std::map<int, std::size_t> out;
    for (const auto& each : told) ++out[each.status];
    return out;
}

using Counts = std::map<int, std::size_t>;

Crowd::Wish redemption(const std::string& coupon, const std::string& till,
                       const std::string& key = {})
{
    return {"/api/v1/coupons/" + coupon + "/redeem", R"({"where":")" + till + "\"}", key};
}

}  // namespace

TEST_CASE("64 kiosks at once: one decision for each occasion, one use of each coupon",
          "[faults][coupons][slow]")
{
    Store store;
    store.box.write_campaign("come", campaign("come", "visit_opened",
                                              R"("valid_for":"30d","budget":"2000",)"
                                              R"("per_member":{"count":1,"period":"30d"})"));
    store.box.write_campaign("one",
                             campaign("one", "purchased", R"("valid_for":"30d","budget":"100")"));
    store.start();
    for (int who = 0; who < shoppers; ++who) store.box.enrol("m-" + std::to_string(who), card(who));

    // Each shows the card once, and eight kiosks say so; each buys twice, and four registers do.
    const auto at = script_start();
    std::vector<Crowd::Wish> wishes;
    for (int again = 0; again < 8; ++again)
        for (int who = 0; who < shoppers; ++who)
            wishes.push_back({"/api/v1/checkins", checkin(who, at)});
    const auto shown = store.ask(wishes);
    CHECK(statuses(shown) == Counts{{200, 8 * shoppers}});
    CHECK(std::count_if(shown.begin(), shown.end(),
                        [](auto& each) { return parsed(each.body)["result"] == "duplicate"; })
          == 7 * shoppers);
    wishes.clear();
    for (int again = 0; again < 4; ++again)
        for (int number = 0; number < 2 * shoppers; ++number)
            wishes.push_back(
                {"/api/v1/receipts", sale(number % shoppers, number, at + Millis{1000})});
    CHECK(statuses(store.ask(wishes)) == Counts{{200, 6 * shoppers}, {201, 2 * shoppers}});
    const auto come = store.coupons_of("come");
    CHECK(come.size() == 20);
    REQUIRE(store.coupons_of("one").size() == 1);
    const auto one = store.coupons_of("one").front();
    CHECK(store.books().size() == 21);

    wishes.clear();
    for (int again = 0; again < 8; ++again)
        for (const auto& id : come)
            wishes.push_back({"/api/v1/coupons/" + id + "/delivered", R"({"channel":"kiosk"})"});
    CHECK(statuses(store.ask(wishes)) == Counts{{204, wishes.size()}});

    // The one that there is, ten thousand times.
    wishes.clear();
    for (std::size_t i = 0; i < tries; ++i)
        wishes.push_back(redemption(one, "till-" + std::to_string(i % kiosks)));
    const auto began = std::chrono::steady_clock::now();
    const auto told = store.ask(wishes);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    REQUIRE(statuses(told) == Counts{{200, 1}, {409, tries - 1}});
    const auto won = std::find_if(told.begin(), told.end(),
                                  [](const Crowd::Told& each) { return each.status == 200; });
    const auto used = parsed(won->body).at("coupon");
    std::set<std::string> others;
    for (const auto& each : told)
        if (each.status == 409) others.insert(each.body);
    REQUIRE(others.size() == 1);
    CHECK(parsed(*others.begin())["where"] == used["where"]);
    CHECK(parsed(*others.begin())["redeemed_at"] == used["closed_at"]);
    CHECK(wishes[static_cast<std::size_t>(won - told.begin())].json
          == Json{{"where", used["where"]}}.dump());
    std::cout << "coupons: " << tries << " tries by " << kiosks << " kiosks in " << took.count()
              << " s\n";

    // The same key is the same request, whoever waits for its answer.
    wishes.assign(640, redemption(come.at(0), "till-7", "one-and-the-same"));
    const auto same = store.ask(wishes);
    CHECK(statuses(same) == Counts{{200, same.size()}});
    CHECK(std::count_if(same.begin(), same.end(), [](auto& each) { return !each.replayed; }) == 1);
    CHECK(std::all_of(same.begin(), same.end(),
                      [&](auto& each) { return each.body == same.front().body; }));
    const auto other = redemption(come.at(0), "till-8", "another");
    CHECK(statuses(store.ask(std::vector<Crowd::Wish>(64, other))) == Counts{{409, 64}});
    CHECK(store.ask(redemption(come.at(0), "till-8", "one-and-the-same")).status == 422);

    // After a kill the key is forgotten, but not the use: the till knows it as its own.
    store.kill_and_start();
    const auto retried = store.ask(wishes.front());
    CHECK(retried.status == 409);
    CHECK(parsed(retried.body)["where"] == "till-7");
    CHECK(parsed(retried.body)["redeemed_at"] == parsed(same.front().body)["coupon"]["closed_at"]);
    CHECK(store.ask(redemption(one, "till-1")).body == *others.begin());

    // All of a sudden everybody uses what is left.
    wishes.clear();
    for (std::size_t i = 0; i < 4 * come.size(); ++i)
        wishes.push_back(redemption(come[i % come.size()], "till-" + std::to_string(i)));
    CHECK(statuses(store.ask(wishes))
          == Counts{{200, come.size() - 1}, {409, 3 * come.size() + 1}});
    store.box.kill();
    CHECK(store.books().size() == 21);
    CHECK(store.spent("come").used == "2000");
    CHECK(store.spent("come").reserved == "0");
    CHECK(store.spent("one").used == "100");
}

TEST_CASE("more coupons than a member's record holds: the oldest can still be used, once",
          "[faults][coupons][slow]")
{
    constexpr int sales = 300;
    Store store;
    store.box.write_campaign("each", campaign("each", "purchased", R"("valid_for":"400d")"));
    store.start();
    store.box.enrol("m-0", card(0));
    std::string lines;
    for (int number = 0; number < sales; ++number)
        lines += sale(0, number, script_start() + number * 1min) + "\n";
    REQUIRE(store.box.post_lines(lines).status == 200);
    store.kill_and_start();
    const auto all = store.coupons_of("each");
    REQUIRE(all.size() == sales);

    CHECK(store.box.post("/api/v1/coupons/" + all.front() + "/delivered", R"({"channel":"kiosk"})")
              .status
          == 204);
    const auto first = store.ask(redemption(all.front(), "till-1"));
    INFO(first.body);
    REQUIRE(first.status == 200);
    for (int life = 0; life < 2; ++life) {
        const auto again = store.ask(redemption(all.front(), "till-2"));
        INFO(again.body);
        CHECK(again.status == 409);
        CHECK(parsed(again.body)["where"] == "till-1");
        CHECK(parsed(again.body)["redeemed_at"] == parsed(first.body)["coupon"]["closed_at"]);
        store.kill_and_start();
    }

    // A day later, a year later: nothing of it is decided again.
    for (const auto later : {std::chrono::hours{24}, std::chrono::hours{24 * 366}}) {
        const auto tick =
            R"({"type":"tick","at":")" + script_time(script_start() + later) + "\"}\n";
        REQUIRE(store.box.post_lines(tick).status == 200);
        REQUIRE(store.box.post_lines(lines).status == 200);
        store.kill_and_start();
        REQUIRE(store.box.post_lines(lines).status == 200);
        CHECK(store.coupons_of("each").size() == sales);
    }
    // When all are over, nothing is reserved for any of them.
    const auto end = script_start() + std::chrono::hours{24 * 901};
    REQUIRE(store.box.post_lines(R"({"type":"tick","at":")" + script_time(end) + "\"}\n").status
            == 200);
    CHECK(store.ask(redemption(all.back(), "till-2")).status == 410);
    CHECK(store.ask(redemption(all.at(1), "till-2")).status == 410);
    store.kill_and_start();
    CHECK(store.ask(redemption(all.at(1), "till-2")).status == 410);
    store.box.kill();
    CHECK(store.books().size() == sales);
    CHECK(store.spent("each").used == "100");
    CHECK(store.spent("each").reserved == "0");
}

TEST_CASE("a sale that is undone after a kill takes its coupon back", "[faults][coupons]")
{
    Store store;
    store.box.write_campaign("each",
                             campaign("each", "purchased", R"("valid_for":"30d","budget":"100")"));
    store.start();
    store.box.enrol("m-0", card(0));
    const auto at = script_start();
    REQUIRE(store.box.post("/api/v1/receipts", sale(0, 1, at)).status == 201);
    const auto coupon = store.coupons_of("each").at(0);
    store.kill_and_start();
    auto back = parsed(sale(0, 1, at + 60s));
    back["kind"] = "void";
    REQUIRE(store.box.post("/api/v1/receipts", back.dump()).status == 201);
    CHECK(store.ask(redemption(coupon, "till-1")).status == 410);
    store.box.kill();
    CHECK(store.spent("each").reserved == "0");
}

TEST_CASE("a recorded shop told again decides nothing again", "[faults][coupons]")
{
    std::string lines;
    for (const auto& act : shop_script(20'261'123, 60)) {
        if (act.kind == Act::Kind::redeem) continue;
        auto body = act.body;
        if (act.kind == Act::Kind::receipt) body.insert(1, R"("type":"receipt",)");
        lines += body.ends_with('\n') ? body : body + "\n";
    }
    std::string members = "member,tokens,consent\n";
    for (int who = 0; who < script_members; ++who)
        members +=
            script_member(who) + "," + script_token(who) + " " + script_beacon(who) + ",yes\n";
    Store store;
    store.box.write_campaign("back", script_campaign());
    store.box.write_campaign("capped", script_capped_campaign());
    store.box.write_campaign("come", campaign("come", "visit_opened", R"("valid_for":"2h")"));
    store.box.write_campaign("bought", campaign("bought", "purchased", R"("valid_for":"2h")"));
    store.box.write("members.csv", members);
    store.box.write("day.ndjson", lines);

    const auto replay = [&] {
        const auto ran = raitenctl({"replay", "--config", store.box.config(), "--members",
                                    store.box.file("members.csv"), "--db",
                                    store.box.file("raiten.db"), store.box.file("day.ndjson")});
        INFO(ran.err);
        CHECK(ran.code == 0);
        return store.books();
    };
    const auto once = replay();
    REQUIRE(once.size() > 20);
    CHECK(replay() == once);

    // The same ledger under raitend, to which the registers tell it all again.
    store.start();
    REQUIRE(store.box.post_lines(lines).status == 200);
    CHECK(store.books() == once);
    store.kill_and_start();
    REQUIRE(store.box.post_lines(lines).status == 200);
    CHECK(store.box.stop() == 0);
    store.start();
    REQUIRE(store.box.post_lines(lines).status == 200);
    CHECK(store.books() == once);
}

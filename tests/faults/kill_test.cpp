#include "tests/faults/coupon_books.hpp"
#include "tests/faults/shop_script.hpp"
#include "tests/support/dice.hpp"
#include "tests/support/store_box.hpp"

#include <nlohmann/json.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <iostream>
#include <limits>
#include <map>
#include <set>

/// raitend is killed (SIGKILL) at seeded moments while a shop's days are told to it by a client
/// that tells again whatever was not answered, and some of what was. In the end everything must
/// be as if nothing had happened.
///
///     act 1   act 2   act 3 ...    act 3   act 1   act 4
///     ----ok------ok----|          ----ok--double-----ok---
///                    SIGKILL, start
using namespace raiten;
using namespace raiten::test;
using Json = nlohmann::json;

namespace {

constexpr int streams = 6;
constexpr int steps = 40;
constexpr int kills_a_stream = 10;
constexpr std::uint64_t first_seed = 20'261'122;

struct Tally {
    int acts{};
    int kills{};
    int kills_in_flight{};
    int told_again{};
    std::map<std::string, int> redeemed_ok;  ///< coupon -> answers 200
    std::set<std::string> redeemed_unheard;  ///< shown when raitend was killed
};

/// A shop's clients: they know what was answered, and nothing else.
class Clients {
 public:
    Clients(StoreBox& box, std::uint64_t seed, bool kills) : box_{box}, dice_{seed}, kills_{kills}
    {
    }

    void tell(const std::vector<Act>& acts)
    {
        std::set<std::size_t> moments;
        while (kills_ && moments.size() < kills_a_stream) moments.insert(dice_.below(acts.size()));
        for (std::size_t i = 0; i < acts.size(); ++i) {
            ++tally_.acts;
            StoreBox::Fuse fuse;
            if (moments.contains(i)) fuse = std::chrono::microseconds{dice_.below(12'000)};
            const bool answered = tell(acts[i], fuse);
            if (moments.contains(i)) {
                UNSCOPED_INFO("killed at act " << i << ": " << acts[i].body << acts[i].member);
                ++tally_.kills;
                tally_.kills_in_flight += box_.running() ? 0 : 1;
                box_.kill();  // or at the very moment of the answer
                box_.start();
                tell_again(acts, i);
            }
            if (!answered) {
                INFO("act " << i << ": " << acts[i].body << acts[i].member);
                REQUIRE(tell(acts[i], {}));
            }
        }
    }
    const Tally& tally() const { return tally_; }

 private:
    bool tell(const Act& act, StoreBox::Fuse fuse)
    {
        switch (act.kind) {
            case Act::Kind::events:
                return taken(box_.post_lines(act.body, fuse));
            case Act::Kind::checkin:
                return taken(box_.post("/api/v1/checkins", act.body, fuse));
            case Act::Kind::receipt:
                return taken(box_.post("/api/v1/receipts", act.body, fuse));
            case Act::Kind::redeem:
                return redeem(act.member, fuse);
        }
        return false;
    }

    static bool taken(const HttpReply& reply)
    {
        if (reply.status == 0) return false;
        INFO(reply.body);
        REQUIRE((reply.status == 200 || reply.status == 201));
        return true;
    }

    /// Two tills use each open coupon at the same time.
    bool redeem(const std::string& member, StoreBox::Fuse fuse)
    {
        const auto list = box_.get("/api/v1/coupons?member=" + member);
        REQUIRE(list.status == 200);
        const auto coupons = Json::parse(list.body).at("coupons");
        for (const auto& coupon : coupons) {
            if (coupon["state"] != "triggered" && coupon["state"] != "delivered") continue;
            const std::string id = coupon["coupon"];
            const auto target = "/api/v1/coupons/" + id + "/redeem";
            const auto replies = box_.post_at_once(
                {{target, R"({"where":"till-1"})"}, {target, R"({"where":"till-2"})"}}, fuse);
            bool whole = true;
            for (const auto& reply : replies) {
                INFO(reply.body);
                if (reply.status == 200) ++tally_.redeemed_ok[id];
                if (reply.status == 0) whole = false;
                REQUIRE((reply.status == 200 || reply.status == 409 || reply.status == 0));
            }
            if (!whole) {
                tally_.redeemed_unheard.insert(id);
                return false;
            }
            CHECK(tally_.redeemed_ok[id]
                  == (tally_.redeemed_unheard.contains(id) ? tally_.redeemed_ok[id] : 1));
            // Both answers may have been on their way when it was killed.
            if (!box_.running()) return false;
            fuse.reset();
        }
        return true;
    }

    /// At-least-once clients do not trust an answer that came just before the line broke.
    void tell_again(const std::vector<Act>& acts, std::size_t before)
    {
        for (auto left = dice_.below(4); left > 0 && before > 0; --left) {
            const Act& act = acts[--before];
            if (!act.keyed) continue;
            ++tally_.told_again;
            const bool receipt = act.kind == Act::Kind::receipt;
            const auto reply =
                box_.post(receipt ? "/api/v1/receipts" : "/api/v1/checkins", act.body);
            INFO("told again: " << act.body << "\nanswer: " << reply.body);
            CHECK(reply.status == 200);
            CHECK(Json::parse(reply.body)["result"] == "duplicate");
        }
    }

    StoreBox& box_;
    stage::Dice dice_;
    bool kills_;
    Tally tally_;
};

/// Everything that can be seen of a store from outside.
struct Seen {
    std::vector<Json> effects;
    std::map<std::string, Json> visits, coupons, members;
    Json lanes, outbox;
};

Json without(Json object, std::initializer_list<const char*> keys)
{
    for (const auto* key : keys) object.erase(key);
    return object;
}

/// Which till was first is a matter of luck, and the readers of a visit have no order.
Json plain(Json effect)
{
    if (effect["type"] == "raiten.coupon.redeemed.v1") effect["data"].erase("where");
    // In order of events or of arrival: that order waits in memory for `lateness`.
    if (effect["data"].contains("readers")) {
        auto& readers = effect["data"]["readers"];
        std::sort(readers.begin(), readers.end());
    }
    return effect;
}

Seen look(const StoreBox& box)
{
    Seen seen;
    const auto last = [](const std::string& data) {
        const auto effect = Json::parse(data);
        return effect["type"] == "raiten.visit.opened.v1" && effect["data"]["member"] == "last";
    };
    for (const auto& data : box.stream(0, last)) seen.effects.push_back(plain(Json::parse(data)));
    const auto body = [&](const std::string& target) {
        const auto reply = box.get(target);
        REQUIRE(reply.status == 200);
        return Json::parse(reply.body);
    };
    const auto visits = body("/api/v1/visits?limit=1000");
    REQUIRE(visits["cursor"].is_null());
    for (auto visit : visits["visits"]) {
        std::sort(visit["readers"].begin(), visit["readers"].end());
        const bool once = seen.visits.emplace(visit["visit"], visit).second;
        CHECK(once);
    }
    const auto coupons = body("/api/v1/coupons?limit=1000");
    REQUIRE(coupons["cursor"].is_null());
    for (const auto& coupon : coupons["coupons"]) {
        const bool once = seen.coupons.emplace(coupon["coupon"], without(coupon, {"where"})).second;
        CHECK(once);
    }
    for (int i = 0; i < script_members; ++i) {
        auto member = body("/api/v1/members/" + script_member(i));
        for (auto& coupon : member["coupons"]) coupon.erase("where");
        member.erase("latest_visits");  // among the visits
        seen.members[script_member(i)] = member;
    }
    const auto outbox = body("/api/v1/outbox");
    seen.lanes = outbox["lanes"];
    seen.outbox = outbox["entries"];
    return seen;
}

/// Ids once, cursors and sequences without a gap.
void check_numbers(const Seen& seen)
{
    std::set<std::string> ids;
    std::uint64_t cursor = 0;
    for (const auto& effect : seen.effects) {
        CHECK(effect["cursor"] == ++cursor);
        const bool once = ids.insert(effect["id"]).second;
        INFO(effect["id"]);
        CHECK(once);
    }
    std::map<std::string, std::uint64_t> sequence;
    for (const auto& entry : seen.outbox) CHECK(entry["sequence"] == ++sequence[entry["lane"]]);
    for (const auto& [lane, head] : seen.lanes.items()) {
        INFO(lane);
        CHECK(head["settled"] == 0);
        CHECK(head["waiting"] == head["next"].get<std::uint64_t>() - 1);
    }
}

/// One coupon for a member, a campaign and a visit; used once.
void check_coupons(const Seen& seen, const Tally& tally)
{
    std::set<std::string> decisions;
    std::map<std::string, int> used;
    for (const auto& effect : seen.effects) {
        const std::string type = effect["type"];
        const auto& data = effect["data"];
        if (type == "raiten.coupon.redeemed.v1") ++used[data["coupon"]];
        if (type != "raiten.coupon.triggered.v1" && type != "raiten.coupon.withheld.v1") continue;
        const auto key = data["member"].get<std::string>() + " "
                         + data["campaign"].get<std::string>() + " "
                         + data["visit"].get<std::string>();
        const bool once = decisions.insert(key).second;
        INFO(key);
        CHECK(once);
    }
    for (const auto& [coupon, count] : used) {
        INFO("coupon " << coupon);
        CHECK(count == 1);
        const auto heard = tally.redeemed_ok.find(coupon);
        const int answers = heard == tally.redeemed_ok.end() ? 0 : heard->second;
        CHECK(answers <= 1);
        if (answers == 0) CHECK(tally.redeemed_unheard.contains(coupon));
    }
    for (const auto& [coupon, count] : tally.redeemed_ok) CHECK(used[coupon] == 1);
}

template <class Map>
void check_same(const Map& killed, const Map& undisturbed)
{
    for (const auto& [key, value] : undisturbed) {
        INFO(key);
        const auto found = killed.find(key);
        CHECK((found != killed.end()));  // else it is lost
        if (found != killed.end()) CHECK(found->second.dump() == value.dump());
    }
    for (const auto& [key, value] : killed) {
        INFO(key << " is too much");
        CHECK(undisturbed.contains(key));
    }
}

void check_same_effects(const Seen& killed, const Seen& undisturbed)
{
    for (std::size_t i = 0; i < std::min(killed.effects.size(), undisturbed.effects.size()); ++i) {
        if (killed.effects[i] == undisturbed.effects[i]) continue;
        INFO("effect " << i + 1);
        const auto& other = undisturbed.effects[i]["id"];
        for (const auto& each : killed.effects)
            if (each["id"] == other) UNSCOPED_INFO("after the kills it came as " << each.dump());
        REQUIRE(killed.effects[i].dump() == undisturbed.effects[i].dump());
    }
    CHECK(killed.effects.size() == undisturbed.effects.size());
}

std::string store_with_hq_away()
{
    return "[mqtt]\nbrokers = [\"mqtt://127.0.0.1:" + std::to_string(free_port())
           + "\"]\nevents = [\"coupon\", \"summary\", \"return\"]\n" + script_readers();
}

Tally live_through(StoreBox& box, std::uint64_t seed, bool kills)
{
    box.write_campaign("back", script_campaign());
    box.write_campaign("capped", script_capped_campaign());
    box.start();
    for (int i = 0; i < script_members; ++i) {
        const auto enrolled = box.post(
            "/api/v1/members", R"({"member":")" + script_member(i) + R"(","tokens":[")"
                                   + script_token(i) + "\",\"" + script_beacon(i) + R"("]})");
        REQUIRE(enrolled.status == 201);
    }
    box.enrol("last", "card:1");
    const auto acts = shop_script(seed, steps);
    Clients clients{box, seed, kills};
    clients.tell(acts);
    REQUIRE(box.post("/api/v1/checkins", R"({"token":"card:1","reader":"desk"})").status == 200);
    return clients.tally();
}

}  // namespace

TEST_CASE("killed at any moment, raitend loses nothing and doubles nothing", "[faults][slow]")
{
    int kills = 0;
    int in_flight = 0;
    int told_again = 0;
    std::size_t effects = 0;
    std::size_t coupons = 0;
    std::size_t redeemed = 0;
    for (std::uint64_t seed = first_seed; seed < first_seed + streams; ++seed) {
        CAPTURE(seed);
        StoreBox calm{StoreBox::Clock::events, store_with_hq_away()};
        live_through(calm, seed, false);
        const Seen undisturbed = look(calm);
        calm.kill();

        StoreBox box{StoreBox::Clock::events, store_with_hq_away()};
        const Tally tally = live_through(box, seed, true);
        const Seen killed = look(box);
        check_same_effects(killed, undisturbed);
        check_same(killed.visits, undisturbed.visits);
        check_same(killed.coupons, undisturbed.coupons);
        check_same(killed.members, undisturbed.members);
        CHECK(killed.lanes.dump() == undisturbed.lanes.dump());
        CHECK(killed.outbox.dump() == undisturbed.outbox.dump());
        check_numbers(killed);
        check_coupons(killed, tally);
        CHECK(box.stop() == 0);
        CHECK(coupon_books(box.file("raiten.db")).size() == killed.coupons.size());
        for (const auto* campaign : {"back", "capped"}) {
            const auto money = spent_by(box.file("raiten.db"), campaign);
            const auto cost = std::string{campaign} == "back" ? 300 : 100;
            const auto used = std::count_if(killed.coupons.begin(), killed.coupons.end(),
                                            [&](const auto& coupon) {
                                                return coupon.second["campaign"] == campaign
                                                       && coupon.second["state"] == "redeemed";
                                            });
            CHECK(money.used == std::to_string(cost * used));
            CHECK(std::stol(money.used) + std::stol(money.reserved)
                  <= (cost == 300 ? std::numeric_limits<long>::max() : 1000));
        }

        kills += tally.kills;
        in_flight += tally.kills_in_flight;
        told_again += tally.told_again;
        effects += killed.effects.size();
        coupons += killed.coupons.size();
        redeemed += tally.redeemed_ok.size() + tally.redeemed_unheard.size();
    }
    std::cout << "kill -9: seeds from " << first_seed << ", " << streams << " streams, " << kills
              << " kills (" << in_flight << " with a request on its way), " << told_again
              << " acknowledged told again, " << effects << " effects, " << coupons << " coupons, "
              << redeemed << " used\n";
    CHECK(kills >= 50);
    CHECK(coupons > 0);
    CHECK(redeemed > 0);
}

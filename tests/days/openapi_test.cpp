#include "tests/days/contract.hpp"
#include "tests/days/story.hpp"

#include <catch2/catch.hpp>

#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <regex>
#include <set>

using namespace raiten::test;
using Json = nlohmann::json;

namespace {

const std::string root{RAITEN_SOURCE_DIR};

Json document()
{
    return Json::parse(Scratch::content(root + "/daemon/app/openapi.json"));
}

struct RouteRow {
    std::set<std::string> roles;
    std::size_t body_bytes_max{};
};
using Table = std::map<std::pair<std::string, std::string>, RouteRow>;  ///< by method, pattern

/// The route table as its source has it.
Table table_of_source()
{
    const auto source = Scratch::content(root + "/daemon/app/api.cpp");
    const auto each = [&](const char* pattern, const auto& take) {
        const std::regex regex{pattern};
        for (std::sregex_iterator at{source.begin(), source.end(), regex}, end; at != end; ++at)
            take(*at);
    };
    std::map<std::string, std::set<std::string>> roles;
    each(R"(http::Roles (\w+)\{([^}]*)\})", [&](const std::smatch& found) {
        const auto list = found[2].str();
        const std::regex role{R"(Role::(\w+))"};
        for (std::sregex_iterator at{list.begin(), list.end(), role}, end; at != end; ++at)
            roles[found[1]].insert((*at)[1]);
    });
    for (auto& [name, of] : roles)
        if (of.contains("open")) of = {"anybody"};
    std::map<std::string, std::size_t> sizes{{"0", 0}};
    each(R"(std::size_t (\w+) = (\d+)( \* 1024)?( \* 1024)?;)", [&](const std::smatch& found) {
        sizes[found[1]] = std::stoul(found[2]) * (found[3].matched ? 1024U : 1U)
                          * (found[4].matched ? 1024U : 1U);
    });
    Table table;
    each(R"re(\{"(GET|POST|PUT|PATCH|DELETE)",\s*"([^"]+)",\s*(\w+),\s*(\w+),)re",
         [&](const std::smatch& found) {
             REQUIRE(roles.contains(found[3]));
             REQUIRE(sizes.contains(found[4]));
             table[{found[1], found[2]}] = {roles[found[3]], sizes[found[4]]};
         });
    return table;
}

Table table_of_document(const Json& doc)
{
    Table table;
    for (const auto& [path, methods] : doc.at("paths").items())
        for (const auto& [method, operation] : methods.items()) {
            std::string name = method;
            for (char& c : name) c = static_cast<char>(c - 32);
            table[{name, path}] = {operation.at("x-roles").get<std::set<std::string>>(),
                                   operation.at("x-body-bytes-max").get<std::size_t>()};
        }
    return table;
}

void sound_everywhere(const Json& part, const Json& doc, const std::string& where)
{
    if (part.is_object()) {
        if (const auto ref = part.find("$ref"); ref != part.end() && ref->is_string()) {
            INFO(where << " " << *ref);
            CHECK(doc.contains(Json::json_pointer{ref->get<std::string>().substr(1)}));
        }
        if (const auto schema = part.find("schema"); schema != part.end())
            CHECK(unsound(*schema, doc, where) == "");
        for (const auto& [name, each] : part.items())
            sound_everywhere(each, doc, where + "/" + name);
    } else if (part.is_array()) {
        for (const auto& each : part) sound_everywhere(each, doc, where);
    }
}

}  // namespace

TEST_CASE("openapi: the document is sound, and the service gives it out", "[days][openapi]")
{
    const auto doc = document();
    CHECK(doc.at("openapi") == "3.1.0");
    sound_everywhere(doc.at("paths"), doc, "#/paths");
    sound_everywhere(doc.at("components").at("responses"), doc, "#/components/responses");
    for (const auto& [name, schema] : doc.at("components").at("schemas").items())
        CHECK(unsound(schema, doc, name) == "");
    std::set<std::string> ids;
    for (const auto& [path, methods] : doc.at("paths").items())
        for (const auto& [method, operation] : methods.items()) {
            INFO(method << " " << path);
            CHECK(ids.insert(operation.at("operationId").get<std::string>()).second);
            CHECK(operation.at("security").empty()
                  == (operation.at("x-roles") == Json::array({"anybody"})));
            CHECK(operation.contains("requestBody")
                  == (operation.at("x-body-bytes-max").get<std::size_t>() > 0));
            // Each {parameter} of the path is described.
            const std::regex braces{R"(\{(\w+)\})"};
            for (std::sregex_iterator at{path.begin(), path.end(), braces}, end; at != end; ++at) {
                const auto parameters = operation.value("parameters", Json::array());
                CHECK(std::any_of(parameters.begin(), parameters.end(), [&](const Json& each) {
                    return each.value("in", "") == "path" && each.value("name", "") == (*at)[1];
                }));
            }
        }
    const Store store;
    const Service service{store};
    CHECK(Json::parse(service.door().ask("GET", "/openapi.json").body) == doc);
}

TEST_CASE("openapi: the document and the route table are the same list", "[days][openapi]")
{
    const auto source = table_of_source();
    CHECK(source.size() >= 22);
    auto told = table_of_document(document());
    CHECK(told.erase({"GET", "/"}) == 1);  // the page comes with the kiosk's files
    for (const auto& [route, row] : source) {
        INFO(route.first << " " << route.second);
        const auto found = told.find(route);
        REQUIRE(found != told.end());
        CHECK(found->second.roles == row.roles);
        CHECK(found->second.body_bytes_max == row.body_bytes_max);
        told.erase(found);
    }
    for (const auto& [route, row] : told)
        FAIL_CHECK("no such route: " << route.first << " " << route.second);
}

TEST_CASE("openapi: each role may do what the document says, and nothing else", "[days][openapi]")
{
    const auto doc = document();
    const Store store;
    std::map<std::string, std::string> tokens{{"", ""}};
    for (const std::string role : {"kiosk", "pos", "reader", "admin"}) {
        const auto made = raitenctl({"token", "new", role, "--config", store.config()});
        INFO(made.err);
        REQUIRE(made.code == 0);
        tokens[role] = made.lines().at(0);
    }
    const Service service{store};
    const auto door = service.loopback();
    for (const auto& [route, row] : table_of_document(doc))
        for (const auto& [role, token] : tokens) {
            const auto& [method, pattern] = route;
            const auto target = std::regex_replace(pattern, std::regex{R"(\{\w+\})"}, "nobody");
            Door::Fields fields;
            if (!role.empty()) fields.emplace_back("Authorization", "Bearer " + token);
            // Of a stream the head is enough.
            const auto heard = door.ask(method == "GET" ? "HEAD" : method, target, "", fields);
            INFO(method << " " << pattern << " as '" << role << "' -> " << heard.status);
            const bool anybody = row.roles.contains("anybody");
            if (anybody || row.roles.contains(role)) {
                CHECK(heard.status != 403);
                if (pattern != "/api/v1/session") CHECK(heard.status != 401);
            } else {
                CHECK(heard.status == (role.empty() ? 401U : 403U));
            }
        }
}

TEST_CASE("openapi: real answers are what the document says", "[days][openapi]")
{
    const auto doc = document();
    const Store store;
    const auto made = raitenctl({"token", "new", "kiosk", "--config", store.config()});
    REQUIRE(made.code == 0);
    REQUIRE(::chmod(store.file("cloud.key", "s3cret\n").c_str(), 0600) == 0);
    store.file("raiten.d/cloud.toml",
               "[[reader]]\nname = \"cloud\"\ndriver = \"pos-webhook\"\n"
               "format = \"smaregi\"\nzone = \"register\"\nkeys = [\""
                   + store.path("cloud.key") + "\"]\n");
    store.file("campaigns/leased.json", leased_campaign);
    const Service service{store};
    Contract api{doc, service.door()};
    const auto post = [&](const char* pattern, const std::string& body) {
        return api.ask("POST", pattern, pattern, body).status;
    };
    const auto at_once = [&](const std::string& pattern, const std::string& target) {
        const auto heard = api.ask("GET", pattern, target);
        CHECK(heard.status == 200);
        if (heard.fields.contains("etag"))
            CHECK(api.ask("GET", pattern, target, "", {{"If-None-Match", heard.fields.at("etag")}})
                      .status
                  == 304);
        return heard.body;
    };

    // members
    CHECK(post("/api/v1/members", R"({"member":"bob","tokens":["card:2900000000028"]})") == 201);
    CHECK(post("/api/v1/members", R"({"member":"cid","tokens":["card:2900000000028"]})") == 409);
    CHECK(post("/api/v1/members", R"({"consent":true})") == 400);
    CHECK(post("/api/v1/members", R"({"member":"zoe","channels":["fax"]})") == 400);
    CHECK(post("/api/v1/members/lookup", R"({"token":"card:2900000000028"})") == 200);
    CHECK(post("/api/v1/members/lookup", R"({"token":"card:404"})") == 404);
    CHECK(post("/api/v1/members/lookup", R"({"token":"nonsense"})") == 400);
    REQUIRE(store.import_members().code != 75);

    // a day with returns and coupons
    const auto day = day_file("return-after-5-days.ndjson");
    const auto lines = lines_of(day);
    std::string morning;
    for (std::size_t i = 0; i < 7; ++i) morning += lines[i] + "\n";
    CHECK(post("/api/v1/events", morning + "garbage\n") == 200);
    CHECK(api.ask("POST", "/api/v1/events", "/api/v1/events", morning,
                  {{"Content-Type", "text/plain"}})
              .status
          == 415);
    std::string blanks;
    for (int i = 0; i < 20'001; ++i) blanks += "x\n";
    CHECK(post("/api/v1/events", blanks) == 413);

    const auto coupons = Json::parse(at_once("/api/v1/coupons", "/api/v1/coupons?state=open"));
    REQUIRE(coupons.at("coupons").size() == 1);
    const auto coupon = coupons.at("coupons")[0].at("coupon").get<std::string>();
    CHECK(api.ask("GET", "/api/v1/coupons", "/api/v1/coupons?limit=x").status == 400);
    CHECK(api.ask("GET", "/api/v1/coupons", "/api/v1/coupons?member=nobody").status == 404);
    const auto about = [&](const std::string& id, const char* what, const std::string& body) {
        return api
            .ask("POST", std::string{"/api/v1/coupons/{coupon}/"} + what,
                 "/api/v1/coupons/" + id + "/" + what, body)
            .status;
    };
    CHECK(about(coupon, "delivered", R"({"channel":"kiosk"})") == 204);
    CHECK(about(coupon, "delivered", R"({})") == 400);
    CHECK(about("c0000000000000000", "delivered", R"({"channel":"kiosk"})") == 404);
    CHECK(about(coupon, "redeem", R"({})") == 400);
    CHECK(about("c0000000000000000", "redeem", R"({"where":"reg-1"})") == 404);
    CHECK(about(coupon, "redeem", R"({"where":"reg-1"})") == 200);
    CHECK(about(coupon, "redeem", R"({"where":"reg-2"})") == 409);

    // check-ins and receipts
    const std::string now = R"("at":"2026-11-07T10:01:00+09:00")";
    CHECK(post("/api/v1/checkins", R"({"token":"card:2900000000011",)" + now + "}") == 200);
    CHECK(post("/api/v1/checkins", R"({"token":"card:404",)" + now + "}") == 404);
    CHECK(post("/api/v1/checkins", R"({"token":7})") == 400);
    const std::string sale = R"("pos":"reg-9","number":"1","kind":"sale","currency":"JPY",)" + now;
    CHECK(post("/api/v1/receipts", "{" + sale + R"(,"total":"300"})") == 201);
    CHECK(post("/api/v1/receipts", "{" + sale + R"(,"total":"300"})") == 200);
    CHECK(post("/api/v1/receipts", "{" + sale + R"(,"total":"301"})") == 409);
    CHECK(post("/api/v1/receipts", "{" + sale + R"(,"total":3})") == 400);
    // Somebody else's card says only who it was not.
    CHECK(post("/api/v1/receipts",
               R"({"pos":"reg-9","number":"2","kind":"sale","currency":"JPY","total":"1",)"
               R"("token":"card:404",)"
                   + now + "}")
          == 201);

    // what services post
    const auto shown = [&](const char* reader, const std::string& key, const std::string& body) {
        return api.ask("POST", "/api/v1/webhooks/{reader}",
                       std::string{"/api/v1/webhooks/"} + reader, body,
                       {{"Content-Type", "application/json"}, {"X-Raiten-Key", key}});
    };
    const std::string sold =
        R"({"transactionHeadId":"7","transactionHeadDivision":"1","total":"5",)"
        R"("customerCode":"2900000000011"})";
    CHECK(shown("nowhere", "s3cret", sold).status == 404);
    CHECK(service.loopback()
              .ask("POST", "/api/v1/webhooks/cloud", sold, {{"X-Raiten-Key", "s3cre"}})
              .status
          == 401);
    CHECK(Json::parse(shown("cloud", "s3cret", sold).body).at("receipts") == 1);
    CHECK(Json::parse(service.loopback()
                          .ask("POST", "/api/v1/webhooks/cloud", sold, {{"X-Raiten-Key", "s3cret"}})
                          .body)
              .at("duplicates")
          == 1);
    const auto notice = Json::parse(
        shown("cloud", "s3cret", R"({"event":"pos:transactions","transactionHeadIds":["3"]})")
            .body);
    CHECK(notice.at("receipts") == 0);
    CHECK(notice.at("ignored").at(0).at("reason") == "a notice without contents");
    CHECK(shown("cloud", "s3cret", "nonsense").status == 422);

    // a second coupon, which nobody uses in time
    CHECK(post("/api/v1/events", day_file("void.ndjson")) == 200);

    // looking
    for (const std::string alone : {"/", "/healthz", "/readyz", "/metrics", "/openapi.json",
                                    "/api/v1/session", "/api/v1/status", "/api/v1/figures/today",
                                    "/api/v1/outbox", "/api/v1/targets", "/api/v1/campaigns"})
        at_once(alone, alone);
    CHECK(api.ask("GET", "/api/v1/targets", "/api/v1/targets?limit=x").status == 400);
    at_once("/api/v1/campaigns/{id}", "/api/v1/campaigns/come-back");
    CHECK(api.ask("GET", "/api/v1/campaigns/{id}", "/api/v1/campaigns/nothing").status == 404);
    CHECK(granted(api, "leased", 1, "90") == 200);
    CHECK(granted(api, "leased", 1, "95") == 409);
    CHECK(granted(api, "leased", 2, "-1") + granted(api, "nothing", 1, "90") == 400 + 404);
    const auto visits = Json::parse(at_once("/api/v1/visits", "/api/v1/visits?limit=1"));
    CHECK(visits.at("visits").size() == 1);
    REQUIRE(visits.at("cursor").is_string());
    at_once("/api/v1/visits", "/api/v1/visits?cursor=" + visits.at("cursor").get<std::string>());
    at_once("/api/v1/visits", "/api/v1/visits?state=settled&since=2026-11-02T00:00:00Z");
    CHECK(api.ask("GET", "/api/v1/visits", "/api/v1/visits?state=gone").status == 400);
    const std::string since = "?from=2026-11-01T00:00:00Z&bucket=";
    const auto days = Json::parse(at_once("/api/v1/kpi", "/api/v1/kpi" + since + "day"));
    CHECK(days.at("total").at("visits") == 1);  // the second has not settled
    CHECK(days.at("total").at("receipts").at("foreign") == 1);
    CHECK(days.at("total").at("coupons").at("redeemed") == 1);
    CHECK(days.at("summaries")[1].at("revision") == 0);
    const auto hours = Json::parse(at_once("/api/v1/kpi", "/api/v1/kpi" + since + "hour&limit=1"));
    CHECK(hours.at("summaries")[0].at("revision") == 1);
    CHECK(api.ask("GET", "/api/v1/kpi", "/api/v1/kpi?bucket=week").status == 400);
    const auto table =
        raitenctl({"kpi", "--from", "2026-11-01T00:00:00Z", "--config", store.config()});
    CHECK(table.code == 0);
    for (const auto& line : lines_of(table.out)) CHECK(line.size() <= 80);
    const auto insights = Json::parse(at_once("/api/v1/insights", "/api/v1/insights?window=14"));
    CHECK(insights.at("window_days") == 14);
    CHECK(insights.at("experiences").empty());  // nobody's time is over
    for (const std::string wrong : {"6", "181", "x", "-1", ""})
        CHECK(api.ask("GET", "/api/v1/insights", "/api/v1/insights?window=" + wrong).status == 400);
    const auto experiences = raitenctl({"insights", "--config", store.config()});
    CHECK(experiences.code == 0);
    CHECK(experiences.out.find("No behaviour yet") != std::string::npos);

    // who is in a segment
    const std::string segment = "/api/v1/segments/{name}/members.csv";
    const auto members_of_it = at_once(segment, "/api/v1/segments/come-back/members.csv?limit=9");
    CHECK(members_of_it.starts_with("member,stage,rfm_r,rfm_f,rfm_m,next_visit_at\n"));
    CHECK(api.ask("GET", segment, "/api/v1/segments/come-back/members.csv?limit=x").status == 400);
    CHECK(api.ask("GET", segment, "/api/v1/segments/nowhere/members.csv").status == 404);

    // models that are given
    const auto models = [&] { return Json::parse(at_once("/api/v1/models", "/api/v1/models")); };
    CHECK(api.ask("GET", "/api/v1/models", "/api/v1/models?limit=x").status == 400);
    CHECK(models().at("models").empty());
    const char* buying = "/api/v1/models/buying";
    CHECK(api.ask("DELETE", buying, buying).status == 404);
    const auto give = [&](const std::string& body) {
        return api.ask("PUT", buying, buying, body).status;
    };
    CHECK(give(R"({"model":"mbg_nbd","unit":"days","parameters":{"r":0.5,"alpha":6,"a":0.9,)"
               R"("b":1.6}})")
          == 200);
    CHECK(give("[]") == 400);
    CHECK(models().at("given").at("parameters").at("k") == 1);
    CHECK(api.ask("DELETE", buying, buying).status == 204);
    CHECK(models().at("given").is_null());
    CHECK(models().at("models").size() == 2);
    const auto returns = Json::parse(at_once("/api/v1/returns", "/api/v1/returns"));
    CHECK(!returns.at("returns").empty());
    CHECK(api.ask("GET", "/api/v1/returns", "/api/v1/returns?cursor=x").status == 400);
    const auto ann = Json::parse(at_once("/api/v1/members/{member}", "/api/v1/members/ann"));
    CHECK(ann.at("score").is_null());  // no night has been
    CHECK(api.ask("GET", "/api/v1/members/{member}", "/api/v1/members/nobody").status == 404);
    const std::string offers = "/api/v1/members/{member}/offers";
    const auto none = Json::parse(at_once(offers, "/api/v1/members/ann/offers"));
    CHECK(none.at("next_basket").empty());
    CHECK(api.ask("GET", offers, "/api/v1/members/nobody/offers").status == 404);

    // what is decided and said about members
    const auto decide = [&](const std::string& member, const std::string& what,
                            const std::string& body) {
        return api
            .ask("PUT", "/api/v1/members/{member}/" + what,
                 "/api/v1/members/" + member + "/" + what, body)
            .status;
    };
    CHECK(decide("bob", "consent", R"({"consent":false})") == 200);
    CHECK(decide("bob", "consent", R"({"consent":true,"channels":["app"]})") == 200);
    CHECK(decide("bob", "consent", R"({"consent":false,"channels":["fax"]})") == 400);
    CHECK(decide("bob", "consent", R"({"consent":false})") == 200);
    CHECK(decide("bob", "consent", R"({"consent":"no"})") == 400);
    CHECK(decide("nobody", "consent", R"({"consent":false})") == 404);
    CHECK(decide("bob", "equipment", R"({"equipment":"rejected"})") == 200);
    CHECK(decide("bob", "equipment", R"({"equipment":"suspected"})") == 400);
    CHECK(decide("nobody", "equipment", R"({"equipment":"rejected"})") == 404);
    CHECK(post("/api/v1/surveys", R"({"score":10})") == 204);
    CHECK(post("/api/v1/surveys", R"({"score":11})") == 400);
    CHECK(post("/api/v1/surveys", R"({"score":1,"member":"nobody"})") == 404);

    // signing in
    CHECK(post("/api/v1/session", R"({"token":")" + made.lines().at(0) + "\"}") == 204);
    CHECK(post("/api/v1/session", R"({"token":"stranger"})") == 401);
    CHECK(post("/api/v1/session", "[]") == 400);
    CHECK(api.ask("DELETE", "/api/v1/session", "/api/v1/session").status == 204);

    // Streams, roles and a service in trouble have tests of their own. Nothing is too late for
    // the engine's patience here (410, 422).
    CHECK(api.unseen({"401", "403", "410", "422", "503", "default"})
          == "get /api/v1/stream 200\nget /api/v1/stream 400\n");
}

TEST_CASE("openapi: the stream tells effects as the document has them, events as it takes them",
          "[days][openapi]")
{
    const auto doc = document();
    const auto& schemas = doc.at("components").at("schemas");
    const Store store;
    std::set<std::string> types;
    for (const auto& name : stories()) {
        const auto day = day_file(name + ".ndjson");
        for (const auto& line : lines_of(day)) {
            INFO(line);
            CHECK(violation(Json::parse(line), schemas.at("Event"), doc) == "");
        }
        for (const auto& line : lines_of(store.replay(day).out)) {
            const auto effect = Json::parse(line);
            const auto type = effect.at("type").get<std::string>();
            types.insert(type);
            // Held against its own form, which says more than that none of them fits.
            const auto& all = schemas.at("Effect").at("oneOf");
            const auto own = std::find_if(all.begin(), all.end(), [&](const Json& each) {
                return resolved(each, doc).at("properties").at("type").at("const") == type;
            });
            INFO(line);
            REQUIRE(own != all.end());
            CHECK(violation(effect, *own, doc) == "");
            CHECK(violation(effect, schemas.at("Effect"), doc) == "");
        }
    }
    CHECK(types.size() >= 10);
}

TEST_CASE("openapi: a body that is larger than the document says is refused", "[days][openapi]")
{
    const Store store;
    store.file("raiten.d/small.toml", "[http]\nbody_max = \"64KiB\"\n");
    const Service service{store};
    for (const auto& [route, row] : table_of_document(document())) {
        if (row.body_bytes_max == 0 || route.second.find('{') != std::string::npos) continue;
        const auto most = std::min<std::size_t>(row.body_bytes_max, 64 * 1024);
        INFO(route.second << " " << most);
        const Door::Fields type{{"Content-Type", "application/x-ndjson"}};
        const auto ask = [&](std::size_t bytes) {
            return service.door()
                .ask(route.first, route.second, std::string(bytes, 'x'), type)
                .status;
        };
        CHECK(ask(most) != 413);
        CHECK(ask(most + 1) == 413);
    }
}

#include "tests/http/shop.hpp"

using namespace raiten::http;
using namespace raiten::http::test;

namespace {

std::optional<Reply> with_host(Client& client, const std::string& fields)
{
    client.send("GET /healthz HTTP/1.1\r\n" + fields + "\r\n");
    return client.read_reply();
}

}  // namespace

TEST_CASE("a host is a name or an address, with a port or without")
{
    CHECK(host_of("Raiten.Local:8470") == "raiten.local");
    CHECK(host_of("[::1]:80") == "::1");
    CHECK(host_of("store.") == "store");
    for (const auto* const broken :
         {"", ":80", "a b", "user@host", "[::1", "h:port", "h:123456", "[::1]x", "a/b"}) {
        INFO(broken);
        CHECK_FALSE(host_of(broken));
    }
}

TEST_CASE("a page whose name was re-pointed at the store gets nothing")
{
    Shop shop;
    shop.options.host_names = {"Kiosk.Store.example"};
    shop.open();
    auto client = shop.client();
    for (const auto* const ours :
         {"localhost", "LOCALHOST:8470", "127.0.0.1:1", "[::1]", "kiosk.store.example:8470"}) {
        INFO(ours);
        CHECK(with_host(client, "Host: " + std::string{ours} + "\r\n")->status == 200);
    }
    const auto rebound = with_host(client, "Host: evil.example\r\n");
    CHECK(rebound->status == 421);
    CHECK(rebound->body.find("add the name to the configuration") != std::string::npos);
    CHECK(with_host(client, "Host: 192.0.2.7\r\n")->status == 421);
    CHECK(with_host(client, "")->status == 400);
    CHECK(with_host(client, "Host: localhost\r\nHost: evil.example\r\n")->status == 400);
    CHECK(shop.counters().of(Refusal::host) == 2);
}

TEST_CASE("a signed-in browser may act from our own page only")
{
    Shop shop;
    shop.router.add({"POST", "/redeem", {Role::kiosk}, 100, answering([](const Request&) {
                         return json("{}");
                     })});
    shop.router.add(
        {"GET", "/visits", {Role::kiosk}, 0, answering([](const Request&) { return json("{}"); })});
    shop.router.add({"POST", "/session", {Role::open}, 100, answering([](const Request& request) {
                         Response answer = no_content();
                         answer.headers.push_back(
                             session_cookie(request.body, request.secure, 3600));
                         return answer;
                     })});
    shop.open();
    auto client = shop.client();

    const auto signed_in =
        client.call("POST", "/session", "Sec-Fetch-Site: same-origin\r\n", "kiosk-secret");
    CHECK(signed_in->header("set-cookie")
          == "raiten_session=kiosk-secret; Path=/; HttpOnly; SameSite=Strict; Max-Age=3600");
    CHECK(client.call("POST", "/session", "Sec-Fetch-Site: cross-site\r\n", "kiosk-secret")->status
          == 403);
    auto again = shop.client();
    CHECK(again.call("POST", "/session", "Origin: https://evil.example\r\n", "x")->status == 403);

    const std::string cookie = "Cookie: theme=dark; raiten_session=kiosk-secret\r\n";
    struct Try {
        std::string fields;
        int status;
    };
    const std::vector<Try> tries{
        {"", 403},
        {"Origin: http://localhost\r\n", 200},
        {"Origin: HTTP://LOCALHOST\r\n", 200},
        {"Origin: https://localhost\r\n", 403},
        {"Origin: http://localhost:9999\r\n", 403},
        {"Origin: null\r\n", 403},
        {"Sec-Fetch-Site: same-origin\r\n", 200},
        {"Sec-Fetch-Site: same-site\r\nOrigin: http://localhost\r\n", 403},
        {"Sec-Fetch-Site: none\r\n", 403},
    };
    for (const Try& one : tries) {
        INFO(one.fields);
        auto browser = shop.client();
        CHECK(browser.call("POST", "/redeem", cookie + one.fields)->status == one.status);
    }
    auto browser = shop.client();
    CHECK(browser.get("/visits", cookie)->status == 200);
    CHECK(browser.get("/visits", "Cookie: raiten_session=wrong\r\n")->status == 401);
    CHECK(browser.get("/visits", "Cookie: xraiten_session=kiosk-secret\r\n")->status == 401);
    // A bearer token is something that no other site's page can send.
    CHECK(browser.call("POST", "/redeem", as_kiosk + "Origin: https://pos.example\r\n")->status
          == 200);
    CHECK(shop.counters().of(Refusal::cross_site) == 8);
    CHECK_THROWS_AS(session_cookie("a;b", false, 1), std::logic_error);
}

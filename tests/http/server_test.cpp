#include "daemon/http/digest.hpp"
#include "tests/http/shop.hpp"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <thread>

using namespace raiten;
using namespace raiten::http;
using namespace raiten::http::test;

namespace {

void add_members(Router& router)
{
    router.add({"GET",
                "/api/v1/members/{member}",
                {Role::kiosk, Role::admin},
                0,
                answering([](const Request& request) {
                    return json("{\"member\":\"" + request.parameter("member") + "\",\"from\":\""
                                + std::string{request.query_value("from").value_or("-")} + "\"}");
                })});
    router.add(
        {"DELETE", "/api/v1/members/{member}", {Role::admin}, 0, answering([](const Request&) {
             return no_content();
         })});
    router.add({"POST",
                "/api/v1/members/lookup",
                {Role::kiosk},
                1000,
                answering([](const Request& request) { return json(request.body, 200); })});
    router.add({"GET", "/whoami", {Role::open}, 0, answering([](const Request& request) {
                    return json(std::string{name_of(request.role)} + "|" + request.caller + "|"
                                + request.peer);
                })});
}

}  // namespace

TEST_CASE("a kiosk asks for a member, and only with its token")
{
    Shop shop;
    add_members(shop.router);
    shop.open();
    auto client = shop.client();

    const auto reply = client.get("/api/v1/members/m%20%E6%9D%A5?from=a%2Bb+c", as_kiosk);
    REQUIRE(reply);
    CHECK(reply->status == 200);
    CHECK(reply->body == "{\"member\":\"m 来\",\"from\":\"a+b c\"}");
    CHECK(reply->header("x-content-type-options") == "nosniff");
    CHECK(reply->header("content-security-policy").find("frame-ancestors 'none'")
          != std::string::npos);
    CHECK(reply->header("cache-control") == "private, no-cache");

    const auto nobody = client.get("/api/v1/members/m1");
    REQUIRE(nobody);
    CHECK(nobody->status == 401);
    CHECK(nobody->header("www-authenticate") == "Bearer realm=\"raiten\"");
    CHECK(nobody->header("content-type") == "application/problem+json");
    CHECK(nobody->body.find("\"status\":401") != std::string::npos);

    CHECK(client.get("/api/v1/members/m1", "Authorization: Bearer wrong\r\n")->status == 401);
    CHECK(client.get("/api/v1/members/m1", "Authorization: Basic a2lvc2s=\r\n")->status == 401);
    CHECK(client.get("/api/v1/members/m1", as_reader)->status == 403);
    CHECK(client.call("DELETE", "/api/v1/members/m1", as_kiosk)->status == 403);
    CHECK(client.call("DELETE", "/api/v1/members/m1", "Authorization: bearer admin-secret\r\n")
              ->status
          == 204);

    const Counters counters = shop.counters();
    CHECK(counters.of(Refusal::unauthenticated) == 3);
    CHECK(counters.of(Refusal::forbidden) == 2);
    CHECK(counters.connections == 1);
    CHECK(counters.requests == 7);
    CHECK(counters.answers_by_class[2] == 2);
    CHECK(counters.answers_by_class[4] == 5);
}

TEST_CASE("a caller is known by its credential, without showing it")
{
    Shop shop;
    add_members(shop.router);
    shop.open();
    auto client = shop.client();
    CHECK(client.get("/whoami")->body == "open|open@127.0.0.1|127.0.0.1");
    const std::string kiosk = client.get("/whoami", as_kiosk)->body;
    CHECK(kiosk.starts_with("kiosk|kiosk:"));
    CHECK(kiosk.find("secret") == std::string::npos);
    CHECK(client.get("/whoami", "Authorization: Bearer nonsense\r\n")->body.starts_with("open|"));
}

TEST_CASE("what is not there, and what is there with another method")
{
    Shop shop;
    add_members(shop.router);
    shop.open();
    auto client = shop.client();

    CHECK(client.get("/api/v1/nothing")->status == 404);
    CHECK(client.get("/healthz/")->status == 404);
    CHECK(client.get("/api/v1/members/%ff")->status == 400);
    CHECK(client.get("/api/v1/members/%2")->status == 400);
    CHECK(client.get("/api/v1/members/" + std::string(257, 'x'), as_kiosk)->status == 400);
    CHECK(client.get("/healthz?a=1&a=2")->status == 400);

    const auto wrong = client.call("POST", "/healthz");
    CHECK(wrong->status == 405);
    CHECK(wrong->header("allow") == "GET, HEAD, OPTIONS");
    CHECK(client.call("PUT", "/api/v1/members/m1")->header("allow")
          == "GET, HEAD, DELETE, OPTIONS");
    // The same path fits the literal pattern and the one with a parameter.
    CHECK(client.call("PUT", "/api/v1/members/lookup")->header("allow")
          == "GET, HEAD, POST, DELETE, OPTIONS");
    CHECK(client.get("/api/v1/members/lookup", as_kiosk)->body.find("lookup") != std::string::npos);

    const auto options = client.call("OPTIONS", "/healthz");
    CHECK(options->status == 204);
    CHECK(options->header("allow") == "GET, HEAD, OPTIONS");
    CHECK(client.call("OPTIONS", "*")->status == 204);
    CHECK(client.call("BREW", "/healthz")->status == 405);

    const auto absolute = client.get("http://127.0.0.1:8470/healthz");
    CHECK(absolute->status == 200);
    CHECK(client.get("http://evil.example/healthz")->status == 421);
}

TEST_CASE("HEAD says what GET would, without the body")
{
    Shop shop;
    shop.open();
    auto client = shop.client();
    const auto get = client.get("/healthz");
    const auto head = client.call("HEAD", "/healthz");
    REQUIRE(head);
    CHECK(head->status == 200);
    CHECK(head->header("content-length") == get->header("content-length"));
    CHECK(head->header("etag") == get->header("etag"));
    CHECK(client.call("HEAD", "/nothing")->status == 404);
    CHECK(client.get("/healthz")->body == get->body);  // nothing was left in between
}

TEST_CASE("an answer that the caller has already is not sent again")
{
    Shop shop;
    std::string content = "{\"visits\":1}";
    shop.router.add({"GET", "/visits", {Role::open}, 0, answering([&content](const Request&) {
                         return json(content);
                     })});
    shop.open();
    auto client = shop.client();
    const std::string tag = client.get("/visits")->header("etag");
    CHECK(tag == etag_of(content));

    const auto same = client.get("/visits", "If-None-Match: \"other\", W/" + tag + "\r\n");
    CHECK(same->status == 304);
    CHECK(same->header("etag") == tag);
    CHECK(same->header("content-length").empty());
    CHECK(client.get("/visits", "If-None-Match: *\r\n")->status == 304);
    CHECK(client.get("/visits", "If-None-Match: broken\r\n")->status == 200);

    shop.on_loop([&] { content = "{\"visits\":2}"; });
    const auto changed = client.get("/visits", "If-None-Match: " + tag + "\r\n");
    CHECK(changed->status == 200);
    CHECK(changed->body == "{\"visits\":2}");
}

TEST_CASE("requests sent in one go are answered in their order")
{
    Shop shop;
    add_members(shop.router);
    shop.open();
    auto client = shop.client();
    std::string all;
    for (int i = 0; i < 200; ++i)
        all += "GET /api/v1/members/m" + std::to_string(i) + " HTTP/1.1\r\nHost: localhost\r\n"
               + as_kiosk + "\r\n";
    all += "POST /api/v1/members/lookup HTTP/1.1\r\nHost: localhost\r\n" + as_kiosk
           + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: t\r\n\r\n";
    all += "GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n";
    std::thread sender{[&] { client.send(all); }};
    for (int i = 0; i < 200; ++i) {
        const auto reply = client.read_reply();
        REQUIRE(reply);
        CHECK(reply->body.find("\"m" + std::to_string(i) + "\"") != std::string::npos);
    }
    CHECK(client.read_reply()->body == "abcde");
    const auto last = client.read_reply();
    sender.join();
    CHECK(last->status == 200);
    CHECK(last->header("connection") == "close");  // 1.0 does not keep it
    CHECK(client.read_all().empty());
    CHECK(shop.counters().connections == 1);
}

TEST_CASE("a request may come byte by byte, and 100-continue is answered")
{
    Shop shop;
    add_members(shop.router);
    shop.open();
    auto client = shop.client();
    const std::string text = "\r\nPOST /api/v1/members/lookup HTTP/1.1\r\nHost: localhost\r\n"
                             + as_kiosk + "Content-Length: 5\r\n\r\nhello";
    for (const char byte : text) client.send(std::string_view{&byte, 1});
    CHECK(client.read_reply()->body == "hello");

    client.send("POST /api/v1/members/lookup HTTP/1.1\r\nHost: localhost\r\n" + as_kiosk
                + "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n");
    CHECK(client.read_reply()->status == 100);
    client.send("world");
    CHECK(client.read_reply()->body == "world");
}

TEST_CASE("the local operator needs no token")
{
    const std::filesystem::path folder =
        std::filesystem::temp_directory_path() / ("raiten-http-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    const std::string path = folder / "api.sock";
    {
        Shop shop;
        add_members(shop.router);
        shop.open();
        const auto opened = shop.on_loop([&] { return shop.server->listen_local(path); });
        REQUIRE(opened.has_value());
        struct stat found {};
        REQUIRE(::stat(path.c_str(), &found) == 0);
        CHECK((found.st_mode & 0777) == 0660);

        Client client{path};
        CHECK(client.get("/whoami")->body.starts_with("admin|unix:uid="));
        CHECK(client.call("DELETE", "/api/v1/members/m1")->status == 204);
        CHECK(client.call("POST", "/api/v1/members/lookup", {}, "x")->status == 403);  // no kiosk

        const auto taken = shop.on_loop([&] { return shop.server->listen_local(path); });
        REQUIRE_FALSE(taken.has_value());
        CHECK(taken.error().what == "another process listens there");
    }
    CHECK_FALSE(std::filesystem::exists(path));

    // What a killed process leaves behind does not keep the next one from starting.
    const int stale = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    std::memcpy(name.sun_path, path.data(), path.size());
    REQUIRE(::bind(stale, reinterpret_cast<sockaddr*>(&name), sizeof name) == 0);
    ::close(stale);
    {
        Shop shop;
        shop.open();
        CHECK(shop.on_loop([&] { return shop.server->listen_local(path); }).has_value());
        CHECK(Client{path}.get("/healthz")->status == 200);
        const std::string file = folder / "precious";
        std::filesystem::create_directory(file);
        CHECK_FALSE(shop.on_loop([&] { return shop.server->listen_local(file); }).has_value());
    }
    std::filesystem::remove_all(folder);
}

TEST_CASE("a socket from systemd is served, and only one that listens")
{
    Shop shop;
    shop.open();
    const int given = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::bind(given, reinterpret_cast<sockaddr*>(&name), sizeof name) == 0);
    socklen_t size = sizeof name;
    ::getsockname(given, reinterpret_cast<sockaddr*>(&name), &size);
    const int deaf = ::socket(AF_INET, SOCK_STREAM, 0);
    CHECK_FALSE(shop.on_loop([&] { return shop.server->adopt(deaf, Server::Protection::plain); })
                    .has_value());
    ::close(deaf);
    ::listen(given, 5);
    REQUIRE(shop.on_loop([&] { return shop.server->adopt(given, Server::Protection::plain); })
                .has_value());
    CHECK(Client{ntohs(name.sin_port)}.get("/healthz")->status == 200);
}

TEST_CASE("tokens do not cross the network in the clear")
{
    Shop shop;
    shop.open();
    const auto open = shop.on_loop(
        [&] { return shop.server->listen_tcp("0.0.0.0", 0, Server::Protection::plain); });
    REQUIRE_FALSE(open.has_value());
    CHECK(open.error().what == "tokens would cross the network in the clear");
    const auto no_address = shop.on_loop(
        [&] { return shop.server->listen_tcp("store", 0, Server::Protection::plain); });
    CHECK_FALSE(no_address.has_value());
    const auto taken = shop.on_loop(
        [&] { return shop.server->listen_tcp("127.0.0.1", shop.port, Server::Protection::plain); });
    CHECK_FALSE(taken.has_value());
}

TEST_CASE("a handler that throws harms nobody else, and is reported")
{
    Shop shop;
    shop.router.add({"GET", "/broken", {Role::open}, 0, [](Request) -> net::awaitable<Response> {
                         throw std::runtime_error{"member 7 has no name"};
                         co_return Response{};
                     }});
    shop.router.add({"GET", "/split", {Role::open}, 0, answering([](const Request&) {
                         Response answer = json("{}");
                         answer.headers.emplace_back("X-Name", "a\r\nSet-Cookie: b");
                         return answer;
                     })});
    shop.open();
    auto client = shop.client();
    const auto reply = client.get("/broken");
    CHECK(reply->status == 500);
    CHECK(reply->body.find("member 7") == std::string::npos);
    CHECK(client.get("/split")->header("set-cookie").empty());
    CHECK(client.get("/healthz")->status == 200);
    CHECK(shop.on_loop([&] { return shop.reports.at(0); }).find("member 7") != std::string::npos);
    CHECK(shop.counters().of(Refusal::handler_failed) == 1);
}

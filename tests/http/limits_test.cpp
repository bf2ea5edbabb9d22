#include "tests/http/shop.hpp"

using namespace raiten::http;
using namespace raiten::http::test;
using std::chrono::milliseconds;

namespace {

void add_upload(Shop& shop, std::size_t bytes_max)
{
    shop.router.add(
        {"POST", "/upload", {Role::reader}, bytes_max, answering([](const Request& request) {
             return json(std::to_string(request.body.size()));
         })});
}

std::string chunked(std::size_t chunks, std::size_t size)
{
    std::string body;
    char head[32];
    for (std::size_t i = 0; i < chunks; ++i) {
        std::snprintf(head, sizeof head, "%zx\r\n", size);
        body += head + std::string(size, 'x') + "\r\n";
    }
    return body + "0\r\n\r\n";
}

}  // namespace

TEST_CASE("a body up to its route's limit is taken, one byte more is not")
{
    Shop shop;
    add_upload(shop, 100'000);
    shop.open();
    auto client = shop.client();
    CHECK(client.call("POST", "/upload", as_reader, std::string(100'000, 'x'))->body == "100000");

    const auto refused = client.call("POST", "/upload", as_reader, std::string(100'001, 'x'));
    REQUIRE(refused);
    CHECK(refused->status == 413);
    CHECK(refused->body.find("100000 bytes") != std::string::npos);
    CHECK(refused->header("connection") == "close");
    CHECK(client.read_all().empty());

    auto slices = shop.client();
    const std::string head = "Transfer-Encoding: chunked\r\n" + as_reader;
    slices.send("POST /upload HTTP/1.1\r\nHost: localhost\r\n" + head + "\r\n"
                + chunked(100, 1000));
    CHECK(slices.read_reply()->body == "100000");
    slices.send("POST /upload HTTP/1.1\r\nHost: localhost\r\n" + head + "\r\n"
                + chunked(101, 1000));
    CHECK(slices.read_reply()->status == 413);
    CHECK(shop.counters().of(Refusal::body_too_large) == 2);
}

TEST_CASE("nobody uploads without a token: the answer comes before the body")
{
    Shop shop;
    add_upload(shop, 1'000'000'000);
    shop.open();
    auto client = shop.client();
    client.send("POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999\r\n\r\n");
    const auto reply = client.read_reply();
    REQUIRE(reply);
    CHECK(reply->status == 401);
    CHECK(reply->header("connection") == "close");
}

TEST_CASE("who is refused in the middle of an upload is not cut off before it has heard")
{
    Shop shop;
    add_upload(shop, 10);
    shop.options.limits.linger_max = milliseconds{patience_ms};
    shop.open();
    auto client = shop.client();
    client.send("POST /upload HTTP/1.1\r\nHost: localhost\r\n" + as_reader
                + "Content-Length: 100000\r\n\r\n");
    CHECK(client.read_reply()->status == 413);
    CHECK(client.read_all().empty());
    bool taken = true;
    for (int i = 0; i < 100 && taken; ++i) taken = client.send(std::string(1000, 'x'));
    CHECK(taken);
}

TEST_CASE("a head that is too large, in one line or in many, at once or in pieces")
{
    Shop shop;
    shop.options.limits.head_bytes_max = 4096;
    shop.options.limits.target_bytes_max = 1000;
    shop.open();

    auto fields = shop.client();
    std::string head = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n";
    for (int i = 0; i < 200; ++i) head += "X-Field-" + std::to_string(i) + ": some value\r\n";
    fields.send(head + "\r\n");
    CHECK(fields.read_reply()->status == 431);

    auto trickle = shop.client();
    trickle.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n");
    bool open = true;
    for (int i = 0; i < 5000 && open; ++i) open = trickle.send("X: y\r\n");
    CHECK(trickle.read_reply()->status == 431);

    CHECK(shop.client().get("/" + std::string(1001, 'a'))->status == 414);
    CHECK(shop.client().get("/" + std::string(9000, 'a'))->status == 414);
    CHECK(shop.client().get("/healthz", "X: " + std::string(3000, 'a') + "\r\n")->status == 200);
    const Counters counters = shop.counters();
    CHECK(counters.of(Refusal::header_too_large) == 2);
    CHECK(counters.of(Refusal::target_too_long) == 2);
}

TEST_CASE("what could be read in two ways is not read at all")
{
    Shop shop;
    add_upload(shop, 1000);
    shop.open();
    const auto status_of = [&](const std::string& fields, const std::string& line) {
        auto client = shop.client();
        client.send(line + "\r\nHost: localhost\r\n" + as_reader + fields
                    + "\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
        const auto reply = client.read_reply();
        const bool closed = client.read_all().empty();
        CHECK(closed);
        return reply->status;
    };
    const std::string post = "POST /upload HTTP/1.1";
    const std::string both = "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n";
    CHECK(status_of(both, post) == 400);
    CHECK(status_of("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", post) == 400);
    CHECK(status_of("Content-Length: 4\r\nContent-Length: 5\r\n", post) == 400);
    CHECK(status_of("Content-Length: -1\r\n", post) == 400);
    CHECK(status_of("Content-Length: 99999999999999999999\r\n", post) == 400);
    CHECK(status_of("Transfer-Encoding: gzip, chunked\r\n", post) == 501);
    CHECK(status_of("Transfer-Encoding: identity\r\n", post) == 501);
    CHECK(status_of("Transfer-Encoding: chunked\r\n", "POST /upload HTTP/1.0") == 400);
    CHECK(status_of("Content-Encoding: gzip\r\nContent-Length: 1\r\n", post) == 415);
    CHECK(status_of("Expect: miracles\r\nContent-Length: 1\r\n", post) == 417);
    CHECK(status_of("", "GET /healthz HTTP/2.0") == 505);
    CHECK(status_of("Bad Name: x\r\n", post) == 400);
}

TEST_CASE("slow heads, slow bodies and silent callers are let go")
{
    Shop shop;
    add_upload(shop, 1000);
    shop.options.limits.first_byte_max = milliseconds{60};
    shop.options.limits.head_max = milliseconds{60};
    shop.options.limits.body_max = milliseconds{60};
    shop.options.limits.idle_max = milliseconds{60};
    shop.open();

    CHECK(shop.client().read_all().empty());

    auto slow = shop.client();
    slow.send("GET /healthz HT");
    CHECK(slow.read_reply()->status == 408);
    CHECK(slow.read_all().empty());

    auto body = shop.client();
    body.send("POST /upload HTTP/1.1\r\nHost: localhost\r\n" + as_reader
              + "Content-Length: 9\r\n\r\nhalf");
    CHECK(body.read_reply()->status == 408);

    auto idle = shop.client();
    CHECK(idle.get("/healthz")->status == 200);
    CHECK(idle.read_all().empty());

    const Counters counters = shop.counters();
    CHECK(counters.of(Refusal::head_late) == 2);
    CHECK(counters.of(Refusal::body_late) == 1);
}

TEST_CASE("a slow head gets no new time with each of its bytes")
{
    Shop shop;
    shop.options.limits.head_max = milliseconds{200};
    shop.open();
    auto client = shop.client();
    const auto begin = std::chrono::steady_clock::now();
    client.send("GET /healthz HTTP/1.1\r\n");
    while (client.send("a"))
        if (std::chrono::steady_clock::now() - begin > std::chrono::seconds{20}) break;
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds{20});
}

TEST_CASE("who does not take the answer loses it")
{
    Shop shop;
    shop.options.limits.write_max = milliseconds{50};
    shop.options.limits.write_bytes_per_second_min = 1'000'000'000;
    shop.router.add({"GET", "/large", {Role::open}, 0, answering([](const Request&) {
                         return json(std::string(20'000'000, 'x'));
                     })});
    shop.open();
    Client client{shop.port, 4096};
    client.send("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n");
    CHECK(shop.eventually([&] { return shop.server->counters().of(Refusal::reader_slow) == 1; }));
    CHECK(shop.eventually([&] { return shop.server->counters().connections_open == 0; }));
}

TEST_CASE("connections of one address, and of all, are counted")
{
    Shop shop;
    shop.options.limits.peer_connections_max = 3;
    shop.open();
    std::vector<Client> kept;
    for (int i = 0; i < 3; ++i) {
        kept.push_back(shop.client());
        CHECK(kept.back().get("/healthz")->status == 200);
    }
    auto fourth = shop.client();
    const auto refused = fourth.read_reply();
    REQUIRE(refused);
    CHECK(refused->status == 503);
    CHECK(refused->header("retry-after") == "5");
    CHECK(kept[0].get("/healthz")->status == 200);

    kept.pop_back();
    CHECK(shop.eventually([&] { return shop.server->counters().connections_open == 2; }));
    CHECK(shop.client().get("/healthz")->status == 200);
    CHECK(shop.counters().of(Refusal::peer_full) == 1);
}

TEST_CASE("a full server lets the one go that was idle longest")
{
    Shop shop;
    shop.options.limits.connections_max = 2;
    Turnstile turnstile{shop.io.get_executor()};
    shop.router.add(
        {"GET", "/wait", {Role::open}, 0, [&turnstile](Request) -> net::awaitable<Response> {
             co_await turnstile.pass();
             co_return json("{}");
         }});
    shop.open();
    auto first = shop.client();
    CHECK(first.get("/healthz")->status == 200);
    auto second = shop.client();
    CHECK(second.get("/healthz")->status == 200);
    auto third = shop.client();
    CHECK(third.get("/healthz")->status == 200);
    CHECK(first.read_all().empty());

    const std::string wait = "GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n";
    second.send(wait);
    third.send(wait);
    CHECK(shop.eventually([&] { return turnstile.waiting == 2; }));
    CHECK(shop.client().read_reply()->status == 503);  // nobody is idle
    shop.on_loop([&] { turnstile.let_go(); });
    CHECK(second.read_reply()->status == 200);
    CHECK(third.read_reply()->status == 200);
}

TEST_CASE("a handler that takes too long is not waited for")
{
    Shop shop;
    shop.options.limits.handler_max = milliseconds{30};
    shop.options.limits.handlers_max = 1;
    Turnstile turnstile{shop.io.get_executor()};
    bool finished = false;
    shop.router.add({"POST", "/slow", {Role::open}, 0, [&](Request) -> net::awaitable<Response> {
                         co_await turnstile.pass();
                         finished = true;
                         co_return json("{}");
                     }});
    shop.open();
    auto client = shop.client();
    const auto late = client.call("POST", "/slow");
    CHECK(late->status == 503);
    CHECK(late->body.find("Idempotency-Key") != std::string::npos);
    // It is still at work, unheard, and takes its place until it ends.
    CHECK(client.get("/healthz")->body.find("Nothing was done") != std::string::npos);
    shop.on_loop([&] { turnstile.let_go(); });
    CHECK(shop.eventually([&] { return finished; }));
    CHECK(client.get("/healthz")->status == 200);
}

TEST_CASE("a connection has its number of requests")
{
    Shop shop;
    shop.options.limits.requests_max = 2;
    shop.open();
    auto client = shop.client();
    CHECK(client.get("/healthz")->header("connection").empty());
    CHECK(client.get("/healthz")->header("connection") == "close");
    CHECK(client.read_all().empty());
}

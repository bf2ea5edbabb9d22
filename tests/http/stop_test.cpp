#include "tests/http/shop.hpp"

using namespace raiten::http;
using namespace raiten::http::test;
using std::chrono::milliseconds;

namespace {

struct Evening {
    Shop shop;
    Turnstile turnstile{shop.io.get_executor()};
    std::shared_ptr<EventStream> stream;

    Evening()
    {
        const auto nothing = [](std::uint64_t,
                                std::size_t) -> net::awaitable<std::vector<EventStream::Message>> {
            co_return std::vector<EventStream::Message>{};
        };
        stream = std::make_shared<EventStream>(shop.io.get_executor(), EventStream::Limits{},
                                               nothing, 0);
        shop.router.add({"GET", "/stream", {Role::open}, 0, {}, stream});
        shop.router.add(
            {"POST", "/receipts", {Role::open}, 100, [this](Request) -> net::awaitable<Response> {
                 co_await turnstile.pass();
                 co_return json("{}", 201);
             }});
        shop.open();
    }
    ~Evening() { shop.close(); }
    std::future<void> close(milliseconds grace)
    {
        return net::co_spawn(shop.io, shop.server->drain(grace), net::use_future);
    }
};

const std::string sale = "POST /receipts HTTP/1.1\r\nHost: localhost\r\n\r\n";

}  // namespace

TEST_CASE("at closing time the customer at the till is still served")
{
    Evening evening;
    auto idle = evening.shop.client();
    CHECK(idle.get("/healthz")->status == 200);
    auto newcomer = evening.shop.client();
    auto listener = evening.shop.client();
    listener.send("GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
    CHECK(listener.read_until("\n\n"));
    auto busy = evening.shop.client();
    busy.send(sale);
    CHECK(evening.shop.eventually([&] { return evening.turnstile.waiting == 1; }));

    auto closed = evening.close(std::chrono::minutes{1});
    CHECK(idle.read_all().empty());
    CHECK(newcomer.read_all().empty());
    listener.read_all();
    CHECK(closed.wait_for(milliseconds{0}) == std::future_status::timeout);

    evening.shop.on_loop([&] { evening.turnstile.let_go(); });
    const auto reply = busy.read_reply();
    REQUIRE(reply);
    CHECK(reply->status == 201);
    CHECK(reply->header("connection") == "close");
    REQUIRE(closed.wait_for(milliseconds{patience_ms}) == std::future_status::ready);

    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(evening.shop.port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0);
    ::close(fd);
}

TEST_CASE("who does not come to an end is shown out")
{
    Evening evening;
    auto busy = evening.shop.client();
    busy.send(sale);
    auto slow = evening.shop.client();
    slow.send("GET /heal");
    CHECK(evening.shop.eventually([&] { return evening.turnstile.waiting == 1; }));

    auto closed = evening.close(milliseconds{30});
    REQUIRE(closed.wait_for(milliseconds{patience_ms}) == std::future_status::ready);
    CHECK(busy.read_all().empty());
    CHECK(slow.read_all().empty());
    evening.shop.on_loop([&] { evening.turnstile.let_go(); });
    CHECK(evening.shop.counters().connections_open == 0);
}

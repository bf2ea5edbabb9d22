#include "tests/http/shop.hpp"

using namespace raiten::http;
using namespace raiten::http::test;
using std::chrono::milliseconds;

namespace {

/// A till that gives out receipt numbers, slowly if told to.
struct Till {
    std::chrono::milliseconds now{0};
    int receipts = 0;
    unsigned status = 201;

    Shop shop;
    Turnstile turnstile{shop.io.get_executor()};
    std::shared_ptr<IdempotencyStore> store;

    explicit Till(IdempotencyStore::Limits limits = {}, bool slow = false)
    {
        turnstile.open = !slow;
        store = std::make_shared<IdempotencyStore>(shop.io.get_executor(), limits,
                                                   [this] { return now; });
        shop.options.idempotency = store;
        shop.router.add(
            {"POST", "/receipts", {Role::open}, 1000, [this](Request) -> net::awaitable<Response> {
                 const std::string number = std::to_string(++receipts);
                 co_await turnstile.pass();
                 if (status == 599) throw std::runtime_error{"the drawer is stuck"};
                 co_return json(number, status);
             }});
        shop.open();
    }
    ~Till() { shop.close(); }
    std::optional<Reply> sell(const std::string& key, const std::string& body,
                              const std::string& fields = {})
    {
        return shop.client().call("POST", "/receipts", "Idempotency-Key: " + key + "\r\n" + fields,
                                  body);
    }
};

}  // namespace

TEST_CASE("a retried receipt is one receipt")
{
    Till till;
    CHECK(till.sell("k1", "milk")->body == "1");
    const auto again = till.sell("k1", "milk");
    CHECK(again->status == 201);
    CHECK(again->body == "1");
    CHECK(again->header("idempotency-replayed") == "true");
    CHECK(till.sell("k2", "milk")->body == "2");

    const auto other = till.sell("k1", "bread");
    CHECK(other->status == 422);
    CHECK(other->body.find("new key") != std::string::npos);
    CHECK(till.sell("k1", "bread", as_kiosk)->body == "3");  // another caller, another key
    CHECK(till.sell("two words", "milk")->status == 400);
    CHECK(till.sell(std::string(256, 'k'), "milk")->status == 400);

    till.shop.on_loop([&] { till.now += std::chrono::hours{24} - milliseconds{1}; });
    CHECK(till.sell("k1", "milk")->body == "1");
    till.shop.on_loop([&] { till.now += milliseconds{1}; });
    CHECK(till.sell("k1", "milk")->body == "4");
    CHECK(till.shop.counters().replayed == 2);
    CHECK(till.shop.counters().of(Refusal::idempotency) == 3);
}

TEST_CASE("sixty-four at the same moment run the handler once")
{
    Till till{{}, true};
    std::vector<Client> crowd;
    for (int i = 0; i < 64; ++i) {
        crowd.push_back(till.shop.client());
        crowd.back().send(
            "POST /receipts HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: k\r\n"
            "Content-Length: 4\r\n\r\nmilk");
    }
    CHECK(till.shop.eventually([&] { return till.shop.server->counters().requests == 64; }));
    till.shop.on_loop([&] { till.turnstile.let_go(); });
    int replayed = 0;
    for (Client& client : crowd) {
        const auto reply = client.read_reply();
        REQUIRE(reply);
        CHECK(reply->status == 201);
        CHECK(reply->body == "1");
        if (!reply->header("idempotency-replayed").empty()) ++replayed;
    }
    CHECK(replayed == 63);
    CHECK(till.shop.on_loop([&] { return till.receipts; }) == 1);
}

TEST_CASE("a failure may be tried again")
{
    Till till;
    till.shop.on_loop([&] { till.status = 503; });
    CHECK(till.sell("k", "milk")->status == 503);
    till.shop.on_loop([&] { till.status = 599; });
    CHECK(till.sell("k", "milk")->status == 500);
    till.shop.on_loop([&] { till.status = 201; });
    CHECK(till.sell("k", "milk")->body == "3");
    CHECK(till.sell("k", "milk")->body == "3");
}

TEST_CASE("the store of answers is bounded, the oldest go first")
{
    IdempotencyStore::Limits limits;
    limits.answers_max = 3;
    Till till{limits};
    for (int i = 1; i <= 5; ++i)
        CHECK(till.sell("k" + std::to_string(i), "x")->body == std::to_string(i));
    CHECK(till.shop.on_loop([&] { return till.store->answers(); }) == 3);
    CHECK(till.sell("k3", "x")->body == "3");
    CHECK(till.sell("k1", "x")->body == "6");

    IdempotencyStore::Limits narrow;
    narrow.bytes_max = 40;  // an answer is 17 bytes: its type and its digit
    Till small{narrow};
    for (int i = 1; i <= 4; ++i) small.sell("k" + std::to_string(i), "x");
    CHECK(small.shop.on_loop([&] { return small.store->answers(); }) == 2);
    CHECK(small.shop.on_loop([&] { return small.store->bytes(); }) == 34);
    CHECK(small.sell("k4", "x")->body == "4");

    Till busy{limits, true};
    std::vector<Client> crowd;
    for (int i = 0; i < 3; ++i) {
        crowd.push_back(busy.shop.client());
        crowd.back().send("POST /receipts HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: b"
                          + std::to_string(i) + "\r\nContent-Length: 1\r\n\r\nx");
    }
    CHECK(busy.shop.eventually([&] { return busy.turnstile.waiting == 3; }));
    CHECK(busy.sell("b9", "x")->status == 503);
    busy.shop.on_loop([&] { busy.turnstile.let_go(); });
    for (Client& client : crowd) CHECK(client.read_reply()->status == 201);
}

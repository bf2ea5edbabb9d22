#include "tests/http/shop.hpp"

#include <random>

using namespace raiten::http;
using namespace raiten::http::test;
using std::chrono::milliseconds;
using Message = EventStream::Message;

namespace {

/// A shop whose ledger keeps every message, and whose stream tells of them.
struct Broadcast {
    Shop shop;
    std::vector<Message> ledger;
    std::shared_ptr<EventStream> stream;
    std::uint64_t next = 1;
    int pages = 0;
    int published_per_page = 0;  // to race with those who catch up

    explicit Broadcast(EventStream::Limits limits = {}, std::uint64_t before = 0)
    {
        for (; next <= before; ++next) ledger.push_back(message(next));
        auto backlog = [this](std::uint64_t after, std::size_t max) { return page(after, max); };
        stream = std::make_shared<EventStream>(shop.io.get_executor(), limits, backlog, before);
        shop.router.add({"GET", "/stream", {Role::open}, 0, {}, stream});
        shop.open();
    }
    ~Broadcast() { shop.close(); }
    static Message message(std::uint64_t n) { return {n, "visit", "v" + std::to_string(n)}; }

    net::awaitable<std::vector<Message>> page(std::uint64_t after, std::size_t max)
    {
        ++pages;
        std::vector<Message> found;
        for (const Message& one : ledger)
            if (one.cursor > after && found.size() < max) found.push_back(one);
        co_await net::post(shop.io, net::use_awaitable);  // as if a thread had been asked
        for (int i = 0; i < published_per_page && next < 2000; ++i) publish_one();
        co_return found;
    }
    void publish_one()
    {
        ledger.push_back(message(next));
        stream->publish(next, "visit", ledger.back().data);
        ++next;
    }
    void publish(int count)
    {
        shop.on_loop([&] {
            for (int i = 0; i < count; ++i) publish_one();
        });
    }
    Client listen(std::optional<std::uint64_t> after = {}, int receive_bytes = 0)
    {
        Client client{shop.port, receive_bytes};
        std::string text = "GET /stream HTTP/1.1\r\nHost: localhost\r\n";
        if (after) text += "Last-Event-ID: " + std::to_string(*after) + "\r\n";
        client.send(text + "\r\n");
        return client;
    }
};

/// The cursors up to `last`, as they come; empty pieces (greeting, keep-alive) are passed over.
std::vector<std::uint64_t> read_cursors(Client& client, std::uint64_t last)
{
    std::vector<std::uint64_t> cursors;
    while (cursors.empty() || cursors.back() < last) {
        const auto block = client.read_until("\n\n");
        if (!block) break;
        if (block->find("data: ") == std::string::npos) continue;
        CHECK(block->find("data: v" + block->substr(4, block->find('\n') - 4) + "\n")
              != std::string::npos);
        cursors.push_back(std::stoull(block->substr(4)));
    }
    return cursors;
}

std::vector<std::uint64_t> range(std::uint64_t from, std::uint64_t to)
{
    std::vector<std::uint64_t> all;
    for (auto n = from; n <= to; ++n) all.push_back(n);
    return all;
}

}  // namespace

TEST_CASE("a kiosk hears what happens from now on")
{
    Broadcast broadcast{{}, 7};
    auto client = broadcast.listen();
    const auto head = client.read_reply();
    CHECK(head->status == 200);
    CHECK(head->header("content-type") == "text/event-stream");
    CHECK(client.read_until("\n\n") == "retry: 2000\nid: 7\n\n");

    broadcast.publish(2);
    CHECK(client.read_until("\n\n") == "id: 8\nevent: visit\ndata: v8\n\n");
    CHECK(client.read_until("\n\n") == "id: 9\nevent: visit\ndata: v9\n\n");
    broadcast.shop.on_loop(
        [&] { broadcast.stream->publish(10, "note\r\ndata: forged", "one\ntwo\r\nthree"); });
    CHECK(client.read_until("\n\n")
          == "id: 10\nevent: note\ndata: one\ndata: two\ndata: three\n\n");
    CHECK(broadcast.pages == 0);
}

TEST_CASE("a kiosk that was away gets exactly what it missed")
{
    EventStream::Limits limits;
    limits.recent_messages_max = 10;
    limits.page_messages_max = 7;
    Broadcast broadcast{limits, 100};
    broadcast.publish(50);  // 101 to 150, of which 141 to 150 are at hand
    for (const std::uint64_t after : {0U, 1U, 93U, 100U, 139U, 140U, 145U, 149U}) {
        INFO(after);
        auto client = broadcast.listen(after);
        CHECK(client.read_reply()->status == 200);
        CHECK(read_cursors(client, 150) == range(after + 1, 150));
    }
    auto client = broadcast.listen(150);
    CHECK(client.read_reply()->status == 200);
    CHECK(client.read_until("\n\n") == "retry: 2000\nid: 150\n\n");
    broadcast.publish(1);
    CHECK(read_cursors(client, 151) == range(151, 151));
}

TEST_CASE("no gap and no double while everything moves")
{
    const auto seed = Catch::rngSeed();
    INFO("seed " << seed);
    std::mt19937 dice{seed};
    EventStream::Limits limits;
    limits.recent_messages_max = 16;
    limits.page_messages_max = 20;
    limits.queue_messages_max = 5000;
    limits.clients_max = 64;
    Broadcast broadcast{limits, 500};
    broadcast.published_per_page = 25;  // more than recent_ holds, while a page is read
    std::vector<std::pair<std::uint64_t, Client>> clients;
    for (int i = 0; i < 40; ++i) {
        const std::uint64_t after = dice() % 500;
        clients.emplace_back(after, broadcast.listen(after));
        broadcast.publish(static_cast<int>(dice() % 5));
    }
    broadcast.shop.on_loop([&] {
        while (broadcast.next <= 2000) broadcast.publish_one();
    });
    for (auto& [after, client] : clients) {
        CHECK(client.read_reply()->status == 200);
        CHECK(read_cursors(client, 2000) == range(after + 1, 2000));
    }
}

//   ledger   … 490 │ 491 … 500 │ 501 … 525     after 490, a page of ten; while it is read,
//   recent_                       510 … 525     25 more are published, of which 16 are kept
TEST_CASE("a last page that is short is not the end while the shop is busy")
{
    EventStream::Limits limits;
    limits.recent_messages_max = 16;
    limits.page_messages_max = 20;
    Broadcast broadcast{limits, 500};
    broadcast.published_per_page = 25;
    auto client = broadcast.listen(490);
    CHECK(client.read_reply()->status == 200);
    CHECK(read_cursors(client, 525) == range(491, 525));
}

TEST_CASE("messages that the ledger has pruned are not waited for")
{
    EventStream::Limits limits;
    limits.recent_messages_max = 4;
    Broadcast broadcast{limits, 0};
    broadcast.publish(20);
    broadcast.shop.on_loop([&] { broadcast.ledger.clear(); });
    auto client = broadcast.listen(3);
    CHECK(client.read_reply()->status == 200);
    CHECK(read_cursors(client, 20) == range(17, 20));
}

TEST_CASE("a kiosk that knows a future of another ledger is told to begin anew")
{
    Broadcast broadcast{{}, 5};
    auto client = broadcast.listen(900);
    CHECK(client.read_reply()->status == 200);
    CHECK(client.read_until("\n\n") == "retry: 2000\nevent: reset\ndata: {}\nid: 5\n\n");
    broadcast.publish(1);
    CHECK(read_cursors(client, 6) == range(6, 6));

    Client broken{broadcast.shop.port};
    CHECK(broken.get("/stream", "Last-Event-ID: yesterday\r\n")->status == 400);
}

TEST_CASE("a slow kiosk is cut off, and comes back without a loss")
{
    EventStream::Limits limits;
    limits.queue_messages_max = 100;
    Broadcast broadcast{limits};
    auto slow = broadcast.listen({}, 2048);
    CHECK(slow.read_reply()->status == 200);
    auto quick = broadcast.listen();
    CHECK(quick.read_reply()->status == 200);
    CHECK(quick.read_until("\n\n"));

    // It reads nothing, so first its socket fills, then its queue.
    const std::string large(20'000, 'x');
    for (int i = 0; i < 2000; ++i) {
        const bool cut = broadcast.shop.on_loop([&] {
            broadcast.ledger.push_back({broadcast.next, "visit", large});
            broadcast.stream->publish(broadcast.next++, "visit", large);
            return broadcast.stream->slow_clients() > 0;
        });
        CHECK(quick.read_until("\n\n"));
        if (cut) break;
    }
    CHECK(broadcast.shop.on_loop([&] { return broadcast.stream->slow_clients(); }) == 1);
    CHECK(broadcast.shop.counters().of(Refusal::reader_slow) == 1);

    std::uint64_t last = 0;
    while (const auto block = slow.read_until("\n\n"))
        if (block->starts_with("id: ")) last = std::stoull(block->substr(4));
    const auto newest = broadcast.shop.on_loop([&] { return broadcast.stream->newest(); });
    REQUIRE(last < newest);
    auto back = broadcast.listen(last);
    CHECK(back.read_reply()->status == 200);
    CHECK(back.read_until("\n\n"));
    for (std::uint64_t n = last + 1; n <= newest; ++n)
        CHECK(back.read_until("\n\n")->starts_with("id: " + std::to_string(n) + "\n"));
}

TEST_CASE("a quiet stream says that it is alive, and its places are numbered")
{
    EventStream::Limits limits;
    limits.keep_alive = milliseconds{20};
    limits.clients_max = 2;
    Broadcast broadcast{limits};
    auto one = broadcast.listen();
    CHECK(one.read_until(": keep-alive\n\n"));
    CHECK(one.read_until(": keep-alive\n\n"));
    std::optional<Client> two{broadcast.listen()};
    CHECK(two->read_until(": keep-alive\n\n"));
    auto three = broadcast.listen();
    const auto full = three.read_reply();
    CHECK(full->status == 503);
    CHECK(full->header("retry-after") == "10");

    two.reset();
    CHECK(broadcast.shop.eventually([&] { return broadcast.stream->clients() == 1; }));
    CHECK(broadcast.listen().read_until(": keep-alive\n\n"));
}

TEST_CASE("a client that leaves gives its place back at once")
{
    Broadcast broadcast;  // its keep-alive is 15 s away
    {
        auto client = broadcast.listen();
        CHECK(client.read_until("\n\n"));
        CHECK(broadcast.shop.on_loop([&] { return broadcast.stream->clients(); }) == 1);
    }
    CHECK(broadcast.shop.eventually([&] { return broadcast.stream->clients() == 0; }));
    CHECK(broadcast.shop.eventually(
        [&] { return broadcast.shop.server->counters().streams_open == 0; }));
}

TEST_CASE("a stream ends after its life, and when it is stopped")
{
    EventStream::Limits limits;
    limits.life_max = milliseconds{60};
    limits.keep_alive = milliseconds{25};
    Broadcast broadcast{limits};
    auto client = broadcast.listen();
    CHECK(client.read_all().find(": keep-alive") != std::string::npos);

    Broadcast other;
    auto listener = other.listen();
    CHECK(listener.read_until("\n\n"));
    other.shop.on_loop([&] { other.stream->stop(); });
    listener.read_all();
    CHECK(other.listen().read_reply()->status == 503);
}

#include "tests/http/shop.hpp"

#include <random>

using namespace raiten::http;
using namespace raiten::http::test;

namespace {

const std::vector<std::string> honest{
    "GET /healthz HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n",
    "POST /receipts HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: k\r\nContent-Length: "
    "5\r\n\r\nhello",
    "POST /receipts HTTP/1.1\r\nHost: [::1]:80\r\nTransfer-Encoding: chunked\r\n\r\n"
    "3;a=\"b\"\r\nabc\r\n0\r\nT: u\r\n\r\n",
    "GET http://localhost/stream?last_event_id=0 HTTP/1.1\r\nHost: x\r\nCookie: "
    "raiten_session=a\r\n\r\n",
    "HEAD /%E6%9D%A5?q=%20 HTTP/1.0\r\nHost: 127.0.0.1\r\nConnection: keep-alive\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n\r\n",
};

class Vandal {
 public:
    explicit Vandal(unsigned seed) : dice_{seed} {}

    std::string next()
    {
        std::string text = honest[upto(honest.size())];
        switch (upto(7)) {
            case 0:
                return noise(upto(400));
            case 1:
                return text.substr(0, upto(text.size()));
            case 2:
                return "G" + noise(upto(400)) + "\r\n\r\n";
            case 3:
                return text + noise(upto(100));
            case 4:
                text.insert(upto(text.size()), noise(1 + upto(6)));
                return text;
            case 5:
                return text + honest[upto(honest.size())].substr(upto(30));
            default:
                for (auto n = 1 + upto(4); n > 0; --n) text[upto(text.size())] = byte();
                return text;
        }
    }

 private:
    std::size_t upto(std::size_t n) { return dice_() % n; }
    char byte()
    {
        static constexpr std::string_view sharp = "\r\n :;,\"%/?0f\0\x80\xff";
        return upto(2) == 0 ? sharp[upto(sharp.size())] : static_cast<char>(dice_() & 0xFFU);
    }
    std::string noise(std::size_t size)
    {
        std::string text;
        while (text.size() < size) text += byte();
        return text;
    }
    std::mt19937 dice_;
};

std::string shown(const std::string& bytes)
{
    std::string out;
    char hex[8];
    for (const char c : bytes) {
        std::snprintf(hex, sizeof hex, "%02x",
                      static_cast<unsigned>(static_cast<unsigned char>(c)));
        out += hex;
    }
    return out;
}

}  // namespace

TEST_CASE("ten thousand rounds of garbage leave the server as it was")
{
    const auto seed = Catch::rngSeed();
    UNSCOPED_INFO("replay with --rng-seed " << seed);
    Shop shop;
    const auto nothing = [](std::uint64_t,
                            std::size_t) -> net::awaitable<std::vector<EventStream::Message>> {
        co_return std::vector<EventStream::Message>{};
    };
    EventStream::Limits stream_limits;
    stream_limits.life_max = std::chrono::milliseconds{1};
    stream_limits.keep_alive = std::chrono::milliseconds{1};
    auto stream = std::make_shared<EventStream>(shop.io.get_executor(), stream_limits, nothing, 0);
    shop.router.add({"GET", "/stream", {Role::open}, 0, {}, stream});
    shop.router.add({"POST", "/receipts", {Role::open}, 10, answering([](const Request&) {
                         return json("{}", 201);
                     })});
    shop.options.idempotency = std::make_shared<IdempotencyStore>(
        shop.io.get_executor(), IdempotencyStore::Limits{}, [] { return std::chrono::hours{1}; });
    shop.open();

    Vandal vandal{seed};
    for (int round = 0; round < 10'000; ++round) {
        const std::string bytes = vandal.next();
        INFO("seed " << seed << " round " << round << " bytes " << shown(bytes));
        auto client = shop.client();
        client.send(bytes);
        client.half_close();
        const std::string answer = client.read_all();
        if (!answer.empty()) CHECK(answer.starts_with("HTTP/1.1 "));
        if (round % 100 == 0) CHECK(shop.client().get("/healthz")->status == 200);
    }
    CHECK(shop.client().get("/healthz")->body == "{\"ok\":true}");
    CHECK(shop.eventually([&] { return shop.server->counters().connections_open == 0; }));
    const Counters counters = shop.counters();
    CHECK(counters.of(Refusal::malformed) > 1000);
    CHECK(counters.of(Refusal::handler_failed) == 0);
    CHECK(counters.streams_open == 0);
}

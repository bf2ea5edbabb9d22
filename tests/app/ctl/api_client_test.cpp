#include "daemon/app/ctl/api_client.hpp"
#include "daemon/app/ctl/table.hpp"
#include "tests/app/ctl/tool.hpp"

#include <catch2/catch.hpp>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <thread>

using namespace raiten::app::ctl;
using namespace raiten::test;

namespace {

/// Answers one connection after the other with canned bytes, and keeps what it was asked.
class Canned {
 public:
    Canned(const std::string& path, std::vector<std::string> answers)
        : answers_{std::move(answers)}, listening_{::socket(AF_UNIX, SOCK_STREAM, 0)}
    {
        sockaddr_un at{};
        at.sun_family = AF_UNIX;
        REQUIRE(path.size() < sizeof at.sun_path);
        std::memcpy(at.sun_path, path.data(), path.size());
        REQUIRE(::bind(listening_, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0);
        REQUIRE(::listen(listening_, 8) == 0);
        thread_ = std::thread{[this] { serve(); }};
    }
    ~Canned()
    {
        ::shutdown(listening_, SHUT_RDWR);
        thread_.join();
        ::close(listening_);
    }
    Canned(const Canned&) = delete;
    Canned& operator=(const Canned&) = delete;

    std::vector<std::string> asked;  ///< read it after the client has ended

 private:
    void serve()
    {
        for (const auto& answer : answers_) {
            const int peer = ::accept(listening_, nullptr, nullptr);
            if (peer < 0) return;
            std::array<char, 8192> part{};
            const auto n = ::recv(peer, part.data(), part.size(), 0);
            asked.emplace_back(part.data(), n > 0 ? static_cast<std::size_t>(n) : 0);
            ::send(peer, answer.data(), answer.size(), MSG_NOSIGNAL);
            ::close(peer);
        }
    }
    std::vector<std::string> answers_;
    int listening_;
    std::thread thread_;
};

std::string json_answer(const std::string& body, const std::string& status = "200 OK")
{
    return "HTTP/1.1 " + status + "\r\nContent-Type: application/json\r\nContent-Length: "
           + std::to_string(body.size()) + "\r\n\r\n" + body;
}

const std::string status_body =
    R"({"version":"0.1.0","store":"s1","device":"d1","started_at":"2026-11-22T09:00:00+09:00",)"
    R"("engine_time":"2026-11-22T10:00:00+09:00","clock":"system","readers":[{"name":"ent-1",)"
    R"("zone":"entrance","driver":"ble-h4","state":"down","reason":"a reason that is so long that )"
    R"(it would not fit beside all the other columns of the table","readings":12,)"
    R"("garbled":{"x":3},"last_at":null}],"ledger":{"healthy":true,"queued":0,"commits":5,)"
    R"("bytes_written":100},"sync":null,"counts":{}})";

}  // namespace

TEST_CASE("stream: events are the same, however their bytes arrive", "[tool][api]")
{
    const std::string text =
        "retry: 10\n\n: hello\n\nid: 1\nevent: a\ndata: x\n\nid:2\r\ndata: y\r\ndata:z\r\n\r\n"
        "event: nothing\n\nid: 3\rdata: last\r\r";
    for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, text.size()}) {
        EventCutter cutter;
        std::string seen;
        for (std::size_t at = 0; at < text.size(); at += piece)
            cutter.feed(std::string_view{text}.substr(at, piece), [&](const StreamEvent& event) {
                seen += event.id + "|" + event.type + "|" + event.data + ";";
                return true;
            });
        CHECK(seen == "1|a|x;2||y\nz;3||last;");
    }
}

TEST_CASE("stream: an event without end does not fill the memory", "[tool][api]")
{
    EventCutter cutter;
    std::size_t events = 0;
    const auto take = [&](const StreamEvent&) { return ++events > 0; };
    const std::string much(1024 * 1024, 'x');
    cutter.feed("data: ", take);
    for (int i = 0; i < 8; ++i) cutter.feed(much, take);
    cutter.feed("\n\ndata: ok\n\n", take);
    CHECK(events == 1);
}

TEST_CASE("status: as a table for people, untouched for programs", "[tool][api]")
{
    const Scratch scratch;
    const auto socket = scratch.path("s");
    const Canned raitend{socket, {json_answer(status_body), json_answer(status_body)}};
    const auto table = raitenctl({"status", "--socket", socket});
    CAPTURE(table.out, table.err);
    CHECK(table.code == 0);
    CHECK(table.out.find("raiten 0.1.0  store s1  device d1") != std::string::npos);
    for (const auto& line : table.lines()) CHECK(cells_of(line) <= 80);
    const auto json = raitenctl({"status", "--json", "--socket", socket});
    CHECK(json.out == status_body + "\n");
    CHECK(raitend.asked.at(1).starts_with("GET /api/v1/status HTTP/1.1\r\n"));
}

TEST_CASE("visits: pages, and an answer in chunks", "[tool][api]")
{
    const Scratch scratch;
    const auto socket = scratch.path("s");
    const std::string visits =
        R"({"visits":[{"visit":"v","member":"m1","state":"open","opened_at":)"
        R"("2026-11-22T10:00:00+09:00","dwell_s":190,"outcome":null,"spend":"0","currency":)"
        R"("JPY","streak":2,"zone":"entrance"}],"cursor":"17"})";
    const auto half = visits.size() / 2;
    const std::string chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                               + ("64\r\n" + visits.substr(0, 100) + "\r\n");
    std::array<char, 16> size{};
    std::snprintf(size.data(), size.size(), "%zx", visits.size() - 100);
    REQUIRE(half > 50);
    const Canned raitend{socket,
                         {chunks + size.data() + "\r\n" + visits.substr(100) + "\r\n0\r\n\r\n"}};
    const auto ran = raitenctl({"visits", "--state", "open", "--since", "2026-11-22T00:00:00+09:00",
                                "--limit", "7", "--socket", socket});
    CAPTURE(ran.out, ran.err);
    CHECK(ran.code == 0);
    CHECK(ran.out.find("11-22 10:00:00") != std::string::npos);
    CHECK(ran.out.find("3 min 10 s") != std::string::npos);
    CHECK(ran.out.find("more: --cursor 17") != std::string::npos);
    CHECK(raitend.asked.at(0).starts_with(
        "GET /api/v1/visits?limit=7&state=open&since=2026-11-22T00%3A00%3A00%2B09%3A00 "));
}

TEST_CASE("members: by token, in two questions", "[tool][api]")
{
    const Scratch scratch;
    const auto socket = scratch.path("s");
    const Canned raitend{
        socket,
        {json_answer(R"({"member":"m1"})"),
         json_answer(R"({"member":"m1","staff":false,"consent":true,"visits":3})"),
         json_answer(R"({"title":"Not Found","detail":"nobody is enrolled"})", "404 Not Found")}};
    const auto found = raitenctl({"members", "--token", "card:1", "--socket", socket});
    CHECK(found.code == 0);
    CHECK(found.out.find("yes, agreed") != std::string::npos);
    const auto unknown = raitenctl({"members", "--token", "card:2", "--socket", socket});
    CHECK(unknown.code == 1);
    CHECK(unknown.err == "raitenctl: Not Found: nobody is enrolled\n");
    CHECK(raitend.asked.at(0).ends_with("\r\n\r\n{\"token\":\"card:1\"}"));
    CHECK(raitend.asked.at(1).starts_with("GET /api/v1/members/m1 "));
}

TEST_CASE("watch: goes on after the last event it saw", "[tool][api]")
{
    const Scratch scratch;
    const auto socket = scratch.path("s");
    const std::string head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
    const std::string opened =
        R"({"type":"raiten.visit.opened.v1","time":"2026-11-22T10:00:05.000+09:00",)"
        R"("data":{"member":"m1","zone":"entrance","streak":2}})";
    const Canned raitend{socket,
                         {head + "id: 41\ndata: " + opened + "\n\n",
                          head + "id: 42\ndata: {\"type\":\"raiten.coupon.triggered.v1\"}\n\n"}};
    const auto ran = raitenctl({"watch", "--count", "2", "--socket", socket});
    CAPTURE(ran.out, ran.err);
    CHECK(ran.code == 0);
    REQUIRE(ran.lines().size() == 2);
    CHECK(ran.lines()[0] == "10:00:05  visit opened      m1                entrance streak 2");
    CHECK(raitend.asked.at(1).find("Last-Event-ID: 41\r\n") != std::string::npos);
}

TEST_CASE("import: into the running raitend", "[tool][api]")
{
    const Scratch scratch;
    const auto config = small_store(scratch);
    const Canned raitend{scratch.path("api.sock"),
                         {json_answer("{}"), json_answer(R"({"member":"m1"})", "201 Created"),
                          json_answer(R"({"title":"Conflict"})", "409 Conflict")}};
    const auto ran =
        raitenctl({"import", "members", "-", "--config", config},
                  "member,tokens,consent,birth_month,staff\nm1,card:1,yes,4,\nm2,card:2,no,,\n");
    CAPTURE(ran.out, ran.err);
    CHECK(ran.code == 65);
    CHECK(ran.out == "1 members imported, 1 rows refused\n");
    CHECK(ran.err.find("line 3: Conflict") != std::string::npos);
    CHECK(raitend.asked.at(1).ends_with(
        R"({"member":"m1","tokens":["card:1"],"consent":true,"birth_month":4,"staff":false})"));
}

TEST_CASE("api: nobody answers, or not in HTTP", "[tool][api]")
{
    const Scratch scratch;
    const auto nobody = raitenctl({"status", "--socket", scratch.path("none")});
    CHECK(nobody.code == 69);
    CHECK(nobody.err.find("is it running?") != std::string::npos);
    const auto socket = scratch.path("s");
    const Canned raitend{socket,
                         {"SSH-2.0-what\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"}};
    CHECK(raitenctl({"status", "--socket", socket}).code == 69);
    CHECK(raitenctl({"status", "--socket", socket}).code == 69);
}

#pragma once

#include "daemon/http/event_stream.hpp"
#include "daemon/http/server.hpp"
#include "tests/http/client.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <future>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

namespace raiten::http::test {

namespace net = boost::asio;

inline net::awaitable<Response> say(Response answer)
{
    co_return answer;
}

/// A handler that answers at once with what `make` says.
template <class Make>
Handler answering(Make make)
{
    return [make](Request request) { return say(make(request)); };
}

/// The moment for which handlers wait until the test lets them go.
struct Turnstile {
    explicit Turnstile(net::any_io_executor executor) : timer{std::move(executor)}
    {
        timer.expires_at(net::steady_timer::time_point::max());
    }
    net::awaitable<void> pass()
    {
        ++waiting;
        if (!open) co_await timer.async_wait(net::as_tuple(net::use_awaitable));
    }
    void let_go()
    {
        open = true;
        timer.cancel();
    }
    net::steady_timer timer;
    int waiting = 0;
    bool open = false;
};

/// A server on a free port, in a thread of its own, so that the test can be a simple client.
class Shop {
 public:
    ServerOptions options{};
    Router router{};
    net::io_context io{1};

    Shop()
    {
        options.authenticate = [](std::string_view token) -> std::optional<Role> {
            if (!token.ends_with("-secret")) return std::nullopt;
            return role_named(token.substr(0, token.size() - 7));
        };
        options.report = [this](const Problem& problem) { reports.push_back(problem.text()); };
        router.add({"GET", "/healthz", {Role::open}, 0, answering([](const Request&) {
                        return json("{\"ok\":true}");
                    })});
    }
    ~Shop() { close(); }

    /// What the handlers use and is destroyed before the shop must see it closed first.
    void close()
    {
        if (!thread_.joinable()) return;
        on_loop([this] {
            server.reset();
            work_.reset();
            io.stop();
        });
        thread_.join();
    }

    void open()
    {
        server.emplace(io.get_executor(), std::move(options), std::move(router));
        port = *server->listen_tcp("127.0.0.1", 0, Server::Protection::plain);
        thread_ = std::thread{[this] { io.run(); }};
    }

    /// Runs it where the server runs, and waits for it.
    template <class Do>
    std::invoke_result_t<Do> on_loop(Do act)
    {
        std::packaged_task<std::invoke_result_t<Do>()> task{std::move(act)};
        auto done = task.get_future();
        net::post(io, [&task] { task(); });
        return done.get();
    }
    Counters counters()
    {
        return on_loop([this] { return server->counters(); });
    }
    /// Looks again and again, giving the loop the time in between.
    template <class Holds>
    bool eventually(Holds holds)
    {
        const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds{patience_ms};
        while (std::chrono::steady_clock::now() < end) {
            if (on_loop(holds)) return true;
            std::this_thread::yield();
        }
        return false;
    }

    Client client() { return Client{port}; }

    std::optional<Server> server;
    std::vector<std::string> reports;
    std::uint16_t port = 0;

 private:
    net::executor_work_guard<net::io_context::executor_type> work_{io.get_executor()};
    std::thread thread_;
};

inline const std::string as_kiosk = "Authorization: Bearer kiosk-secret\r\n";
inline const std::string as_reader = "Authorization: Bearer reader-secret\r\n";

}  // namespace raiten::http::test

#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <functional>
#include <memory>
#include <utility>

namespace raiten::app {

/// Suspends until `start` has its answer: start(done) is called at once, done(value) once, from
/// the executor's thread, now or later.
template <class T>
boost::asio::awaitable<T> answer_of(boost::asio::any_io_executor executor,
                                    std::function<void(std::function<void(T)>)> start)
{
    namespace net = boost::asio;
    auto initiate = [executor](auto handler, std::function<void(std::function<void(T)>)> begin) {
        auto waiting = std::make_shared<decltype(handler)>(std::move(handler));
        auto done = [executor, waiting](T value) {
            // Never from within: the coroutine may still be on its way to sleep.
            net::post(executor, [waiting, value = std::move(value)]() mutable {
                std::move (*waiting)(std::move(value));
            });
        };
        begin(std::move(done));
    };
    auto pending = net::async_initiate<const net::use_awaitable_t<>&, void(T)>(
        std::move(initiate), net::use_awaitable, std::move(start));
    co_return co_await std::move(pending);
}

}  // namespace raiten::app

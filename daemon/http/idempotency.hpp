#pragma once

#include "daemon/http/router.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>

namespace raiten::http {

/// Makes a repeated POST harmless: the first request with a key runs its handler, and every
/// other one of the same caller with the same key, path and body gets the same answer, waiting
/// for it if need be. In memory: a restart forgets, so that what must never happen twice also
/// needs a key of its own in the ledger.
///
/// Bounds: at `answers_max` or `bytes_max` the oldest finished answers are forgotten first; where
/// all are still in flight, 503. Answers of 500 and above are not kept: the caller may try again.
/// Used on one executor, without locks.
class IdempotencyStore {
 public:
    struct Limits {
        std::size_t answers_max = 10'000;
        std::size_t bytes_max = 8 * 1024 * 1024;
        std::chrono::milliseconds kept_for = std::chrono::hours{24};
    };
    /// Milliseconds since any fixed moment; never goes backwards.
    using Clock = std::function<std::chrono::milliseconds()>;

    IdempotencyStore(boost::asio::any_io_executor executor, Limits limits, Clock clock);
    ~IdempotencyStore();

    /// The handler's answer, or the one it gave before, then with `Idempotency-Replayed: true`.
    /// 400: the key is not 1 to 255 visible characters. 422: it was used for something else.
    /// What the handler throws is thrown on to the first; the others get a 500.
    boost::asio::awaitable<Response> once(Request request, const Handler& handler);

    std::size_t answers() const { return by_age_.size(); }
    std::size_t bytes() const { return bytes_; }
    std::uint64_t refused() const { return refused_; }
    std::uint64_t replayed() const { return replayed_; }

 private:
    struct Entry;
    using Entries = std::list<std::shared_ptr<Entry>>;

    void forget(Entries::iterator entry);
    void forget_old();
    bool forget_oldest_answer();
    bool make_room();
    Response refuse(unsigned status, std::string_view detail);
    boost::asio::awaitable<Response> repeat(std::shared_ptr<Entry> entry);
    void finish(const std::shared_ptr<Entry>& entry, const Response& answer);

    boost::asio::any_io_executor executor_;
    Limits limits_;
    Clock clock_;
    Entries by_age_;
    std::unordered_map<std::string, Entries::iterator> by_key_;
    std::size_t bytes_ = 0;
    std::uint64_t refused_ = 0;
    std::uint64_t replayed_ = 0;
};

}  // namespace raiten::http

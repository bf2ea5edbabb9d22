#include "daemon/http/idempotency.hpp"

#include "daemon/http/digest.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <exception>
#include <optional>

namespace raiten::http {

namespace net = boost::asio;
constexpr auto no_throw = net::as_tuple(net::use_awaitable);

namespace {

constexpr std::size_t key_bytes_max = 255;

bool is_key(std::string_view key)
{
    return !key.empty() && key.size() <= key_bytes_max
           && std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < '\x7F'; });
}

std::string fingerprint_of(const Request& request)
{
    std::string all = request.method + '\n' + request.path + '\n';
    for (const auto& [name, value] : request.query) all += name + '=' + value + '\n';
    all += '\n' + request.body;
    return sha256_hex(all);
}

std::size_t size_of(const Response& answer)
{
    std::size_t bytes = answer.body.size() + answer.content_type.size();
    for (const auto& [name, value] : answer.headers) bytes += name.size() + value.size();
    return bytes;
}

}  // namespace

struct IdempotencyStore::Entry {
    std::string key;
    std::string fingerprint;
    std::chrono::milliseconds since;
    net::steady_timer answered;  // never expires: cancelled when the answer is there
    std::optional<Response> answer{};
    std::size_t bytes = 0;
};

IdempotencyStore::IdempotencyStore(net::any_io_executor executor, Limits limits, Clock clock)
    : executor_{std::move(executor)}, limits_{limits}, clock_{std::move(clock)}
{
}

IdempotencyStore::~IdempotencyStore() = default;

void IdempotencyStore::forget(Entries::iterator entry)
{
    bytes_ -= (*entry)->bytes;
    by_key_.erase((*entry)->key);
    by_age_.erase(entry);
}

void IdempotencyStore::forget_old()
{
    const auto now = clock_();
    while (!by_age_.empty() && by_age_.front()->answer
           && now - by_age_.front()->since >= limits_.kept_for)
        forget(by_age_.begin());
}

bool IdempotencyStore::forget_oldest_answer()
{
    const auto finished = std::find_if(by_age_.begin(), by_age_.end(),
                                       [](const auto& entry) { return !!entry->answer; });
    if (finished == by_age_.end()) return false;
    forget(finished);
    return true;
}

bool IdempotencyStore::make_room()
{
    while (by_age_.size() >= limits_.answers_max)
        if (!forget_oldest_answer()) return false;
    return true;
}

Response IdempotencyStore::refuse(unsigned status, std::string_view detail)
{
    ++refused_;
    return problem(status, {}, detail);
}

net::awaitable<Response> IdempotencyStore::repeat(std::shared_ptr<Entry> entry)
{
    if (!entry->answer) co_await entry->answered.async_wait(no_throw);
    ++replayed_;
    Response answer = *entry->answer;
    answer.headers.emplace_back("Idempotency-Replayed", "true");
    co_return answer;
}

void IdempotencyStore::finish(const std::shared_ptr<Entry>& entry, const Response& answer)
{
    entry->answer = answer;
    entry->answered.cancel();
    const auto place = by_key_.at(entry->key);
    if (answer.status >= 500) {
        forget(place);
        return;
    }
    entry->bytes = size_of(answer);
    bytes_ += entry->bytes;
    while (bytes_ > limits_.bytes_max && forget_oldest_answer()) {
    }
}

net::awaitable<Response> IdempotencyStore::once(Request request, const Handler& handler)
{
    const std::string name{request.header("idempotency-key")};
    if (!is_key(name))
        co_return refuse(400, "Idempotency-Key must be 1 to 255 visible ASCII characters.");

    forget_old();
    const std::string key = request.caller + '\n' + name;
    const std::string fingerprint = fingerprint_of(request);
    if (const auto known = by_key_.find(key); known != by_key_.end()) {
        std::shared_ptr<Entry> entry = *known->second;
        if (entry->fingerprint != fingerprint)
            co_return refuse(422,
                             "This Idempotency-Key was used for another request. Send a new key "
                             "with new content, and the same content with the same key.");
        co_return co_await repeat(std::move(entry));
    }
    if (!make_room())
        co_return refuse(503, "Too many requests are in flight. Repeat it with the same key.");

    auto entry =
        std::make_shared<Entry>(Entry{key, fingerprint, clock_(), net::steady_timer{executor_}});
    entry->answered.expires_at(net::steady_timer::time_point::max());
    by_key_.emplace(key, by_age_.insert(by_age_.end(), entry));

    std::exception_ptr failure;
    Response answer;
    try {
        answer = co_await handler(std::move(request));
    } catch (...) {
        failure = std::current_exception();
        answer = problem(500, {}, "The request failed. Repeat it with the same key.");
    }
    finish(entry, answer);
    if (failure) std::rethrow_exception(failure);
    co_return answer;
}

}  // namespace raiten::http

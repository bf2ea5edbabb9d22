#include "daemon/http/session.hpp"

#include "daemon/http/answer.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <charconv>
#include <exception>

namespace raiten::http {

namespace net = boost::asio;
constexpr auto no_throw = net::as_tuple(net::use_awaitable);

namespace {

/// `detached` would swallow what escapes; here it stops the process.
void rethrow(std::exception_ptr failure)
{
    if (failure) std::rethrow_exception(failure);
}

/// Counts a handler while it is at work.
struct AtWork {
    explicit AtWork(Core& core) : handlers{core.handlers} { ++handlers; }
    ~AtWork() { --handlers; }
    AtWork(const AtWork&) = delete;
    AtWork& operator=(const AtWork&) = delete;
    std::size_t& handlers;
};

Response try_later(std::string_view detail)
{
    Response answer = problem(503, {}, detail);
    answer.headers.emplace_back("Retry-After", "5");
    return answer;
}

/// Runs the handler to its end, whoever is still listening then. A handler that throws is our
/// mistake, but a caller must not be able to stop the store with it: 500, counted and reported.
net::awaitable<Response> run_handler(std::shared_ptr<Core> core, const Route& route,
                                     Request request)
{
    const AtWork at_work{*core};
    const std::string where = request.method + ' ' + route.pattern;
    std::string what;
    const bool repeatable = core->idempotency && request.method == "POST"
                            && find_field(request.headers, "idempotency-key");
    try {
        if (repeatable)
            co_return co_await core->idempotency->once(std::move(request), route.handler);
        // cppcheck-suppress accessMoved ; the line above has returned
        co_return co_await route.handler(std::move(request));
    } catch (const std::exception& mistake) {
        what = mistake.what();
    } catch (...) {
        what = "something that is no std::exception";
    }
    ++core->counters.of(Refusal::handler_failed);
    core->report(Problem{"a handler threw: " + what, where, "report this with the log around it"});
    co_return problem(500, {}, "This is a mistake of the program; it is in the log of the device.");
}

/// Nothing where it was not sent; no number at all is a broken one.
std::optional<std::optional<std::uint64_t>> last_event_id(const Request& request)
{
    std::string_view text = request.header("last-event-id");
    if (text.empty()) text = request.query_value("last_event_id").value_or(std::string_view{});
    if (text.empty()) return std::optional<std::uint64_t>{};
    std::uint64_t cursor = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), cursor);
    if (ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return std::optional<std::uint64_t>{cursor};
}

}  // namespace

/// Where a handler leaves its answer; it may outlive the session.
struct Session::Slot {
    explicit Slot(const net::any_io_executor& executor) : ready{executor} {}
    net::steady_timer ready;
    std::optional<Response> answer{};
};

Session::Session(std::shared_ptr<Core> core, std::shared_ptr<Channel> channel, Ends ends)
    : core_{std::move(core)},
      channel_{std::move(channel)},
      ends_{std::move(ends)},
      reader_{*channel_, core_->limits, core_->counters},
      place_{core_->sessions.insert(core_->sessions.end(), this)}
{
    ++core_->counters.connections;
    ++core_->counters.connections_open;
    ends_.local_operator ? ++core_->operators : ++core_->by_peer[ends_.peer];
}

Session::~Session()
{
    channel_->close();
    core_->sessions.erase(place_);
    --core_->counters.connections_open;
    if (ends_.local_operator) {
        --core_->operators;
    } else if (const auto peer = core_->by_peer.find(ends_.peer); --peer->second == 0) {
        core_->by_peer.erase(peer);
    }
    if (core_->sessions.empty()) core_->empty.cancel();
}

void Session::start()
{
    auto whole = [](std::shared_ptr<Session> self) -> net::awaitable<void> {
        co_await self->run();
    };
    net::co_spawn(core_->executor, whole(shared_from_this()), rethrow);
}

void Session::drain()
{
    if (idle_) abandon();
    if (seat_) seat_->end();
}

void Session::abandon()
{
    idle_ = false;
    if (seat_) seat_->end();
    if (slot_) slot_->ready.cancel();
    channel_->close();
}

net::awaitable<void> Session::run()
{
    if (channel_->secure()) {
        channel_->expires_after(core_->limits.handshake_max);
        const auto ec = co_await channel_->handshake();
        if (ec) {
            ++core_->counters.of(Refusal::tls);
            co_return;
        }
    }
    for (;;) {
        const bool again = co_await exchange();
        if (!again) break;
    }
    co_await leave();
}

net::awaitable<bool> Session::await_request()
{
    if (reader_.has_bytes()) co_return true;
    const bool first = requests_ == 0;
    channel_->expires_after(first ? core_->limits.first_byte_max : core_->limits.idle_max);
    core_->sessions.splice(core_->sessions.end(), core_->sessions, place_);
    idle_ = true;
    const bool came = co_await reader_.await_bytes();
    idle_ = false;
    if (!came && first && channel_->expired()) ++core_->counters.of(Refusal::head_late);
    co_return came;
}

net::awaitable<bool> Session::exchange()
{
    const bool came = co_await await_request();
    if (!came) co_return false;

    auto outcome = co_await reader_.head();
    if (std::holds_alternative<Gone>(outcome)) co_return false;
    if (auto* refused = std::get_if<Refused>(&outcome)) {
        unread_ = true;
        co_return co_await turn_away(std::move(*refused), true, false);
    }
    ++requests_;
    ++core_->counters.requests;

    auto& head = std::get<Head>(outcome);
    const bool with_body = head.method != "HEAD";
    const bool keep = head.keep_alive && !head.has_body;
    auto admission = admit(*core_, ends_, channel_->secure(), std::move(head));
    if (auto* refused = std::get_if<Refused>(&admission)) {
        unread_ = !keep;
        co_return co_await turn_away(std::move(*refused), with_body, keep);
    }
    co_return co_await respond(std::move(std::get<Admitted>(admission)));
}

net::awaitable<bool> Session::respond(Admitted admitted)
{
    if (admitted.has_body) {
        auto body = co_await reader_.body(admitted.route->body_bytes_max);
        if (std::holds_alternative<Gone>(body)) co_return false;
        if (auto* refused = std::get_if<Refused>(&body)) {
            unread_ = true;
            co_return co_await turn_away(std::move(*refused), true, false);
        }
        admitted.request.body = std::move(std::get<std::string>(body));
    }
    if (admitted.route->stream) {
        co_await stream(admitted);
        co_return false;
    }
    Request conditions;
    conditions.method = admitted.request.method;
    conditions.headers.emplace_back("if-none-match", admitted.request.header("if-none-match"));
    Response answer = co_await perform(*admitted.route, std::move(admitted.request));
    revalidate(conditions, answer);
    const bool keep = admitted.keep_alive && requests_ < core_->limits.requests_max;
    co_return co_await send(answer, !admitted.head_only, keep);
}

/// The channel has no deadline meanwhile: the slot has one.
net::awaitable<Response> Session::perform(const Route& route, Request request)
{
    if (core_->handlers >= core_->limits.handlers_max) {
        ++core_->counters.of(Refusal::handler_slow);
        co_return try_later("Too much is at work already. Nothing was done; repeat it.");
    }
    channel_->expires_never();
    auto slot = std::make_shared<Slot>(core_->executor);
    auto deliver = [slot](std::exception_ptr failure, Response answer) {
        rethrow(failure);
        slot->answer = std::move(answer);
        slot->ready.cancel();
    };
    net::co_spawn(core_->executor, run_handler(core_, route, std::move(request)),
                  std::move(deliver));
    if (!slot->answer) {
        slot_ = slot;
        slot->ready.expires_after(core_->limits.handler_max);
        co_await slot->ready.async_wait(no_throw);
        slot_.reset();
    }
    if (slot->answer) co_return std::move(*slot->answer);
    ++core_->counters.of(Refusal::handler_slow);
    co_return try_later(
        "There is no answer yet; it may still be carried out. Repeat it with the same "
        "Idempotency-Key.");
}

net::awaitable<bool> Session::turn_away(Refused refused, bool with_body, bool keep)
{
    if (refused.reason) ++core_->counters.of(*refused.reason);
    co_return co_await send(refused.answer, with_body, keep);
}

net::awaitable<bool> Session::send(const Response& answer, bool with_body, bool keep)
{
    keep = keep && !core_->draining;
    const unsigned kind = answer.status / 100;
    if (kind < 6) ++core_->counters.answers_by_class[kind];
    const std::string head = head_text(answer, keep);
    const bool sent = co_await write(head, with_body ? answer.body : std::string_view{});
    co_return sent&& keep;
}

net::awaitable<bool> Session::write(std::string_view head, std::string_view body)
{
    const std::size_t bytes = head.size() + body.size();
    const auto& limits = core_->limits;
    const std::chrono::milliseconds by_size{bytes * 1000 / limits.write_bytes_per_second_min};
    channel_->expires_after(limits.write_max + by_size);
    const std::array<net::const_buffer, 2> both{net::buffer(head), net::buffer(body)};
    const auto ec = co_await channel_->write(both);
    if (!ec) core_->counters.bytes_out += bytes;
    if (ec && channel_->expired()) ++core_->counters.of(Refusal::reader_slow);
    co_return !ec;
}

net::awaitable<void> Session::stream(const Admitted& admitted)
{
    const auto after = last_event_id(admitted.request);
    if (!after) {
        Refused refused{Refusal::malformed, problem(400, {}, "Last-Event-ID must be a number.")};
        co_await turn_away(std::move(refused), true, false);
        co_return;
    }
    Response answer{200, "text/event-stream", {}, {}};
    if (admitted.head_only) {
        co_await send(answer, false, false);
        co_return;
    }
    auto cut = [core = core_, channel = channel_] {
        ++core->counters.of(Refusal::reader_slow);
        channel->close();
    };
    seat_ = admitted.route->stream->sit(*after, std::move(cut));
    if (!seat_) {
        Refused refused{Refusal::streams_full,
                        problem(503, {}, "All places for live streams are taken. Try later.")};
        refused.answer.headers.emplace_back("Retry-After", "10");
        co_await turn_away(std::move(refused), true, false);
        co_return;
    }
    ++core_->counters.streams;
    ++core_->counters.streams_open;
    ++core_->counters.answers_by_class[2];
    const std::string head = head_text(answer, false, false);
    const bool began = co_await write(head, {});
    if (began) {
        net::co_spawn(core_->executor, watch_stream(shared_from_this()), rethrow);
        co_await feed_stream();
    }
    --core_->counters.streams_open;
    seat_.reset();
    channel_->close();  // what was written still arrives; a goodbye in TLS would wait for the watch
}

net::awaitable<void> Session::feed_stream()
{
    std::string trouble;
    try {
        for (;;) {
            channel_->expires_never();
            const std::optional<std::string> bytes = co_await seat_->next();
            if (!bytes) co_return;
            const bool sent = co_await write(*bytes, {});
            if (!sent) co_return;
        }
    } catch (const std::exception& mistake) {
        trouble = mistake.what();
    }
    ++core_->counters.of(Refusal::handler_failed);
    core_->report(Problem{"the backlog of a stream threw: " + trouble, {}, {}});
}

/// A client that leaves is noticed at once, not with the next keep-alive. What it sends is not
/// listened to.
net::awaitable<void> Session::watch_stream(std::shared_ptr<Session> self)
{
    std::array<char, 1024> ignored{};
    std::size_t received = 0;
    while (received < self->core_->limits.head_bytes_max) {
        const auto [size, ec] = co_await self->channel_->read(net::buffer(ignored));
        if (ec) break;
        received += size;
    }
    if (self->seat_) self->seat_->end();
}

/// A refusal that meets bytes on their way is lost with a reset, so these are awaited for a while.
net::awaitable<void> Session::leave()
{
    channel_->expires_after(core_->limits.linger_max);
    co_await channel_->finish();
    std::array<char, 4096> ignored{};
    for (std::size_t taken = 0; unread_ && taken < core_->limits.linger_bytes_max;) {
        const auto [size, ec] = co_await channel_->read(net::buffer(ignored));
        if (ec) break;
        taken += size;
    }
    channel_->close();
}

}  // namespace raiten::http

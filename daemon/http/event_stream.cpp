#include "daemon/http/event_stream.hpp"

#include "daemon/http/event_seat.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <stdexcept>

namespace raiten::http {

namespace net = boost::asio;
constexpr auto no_throw = net::as_tuple(net::use_awaitable);

namespace {

constexpr std::size_t chunk_bytes = 64 * 1024;

/// One field, line by line: CR LF, CR and LF all end a line in this format.
void append_field(std::string& out, std::string_view name, std::string_view value)
{
    for (;;) {
        const std::size_t end = std::min(value.find_first_of("\r\n"), value.size());
        out.append(name).append(": ").append(value.substr(0, end)).append("\n");
        if (end == value.size()) return;
        const bool pair = value.substr(end, 2) == "\r\n";
        value.remove_prefix(end + (pair ? 2 : 1));
    }
}

std::string frame_text(std::uint64_t cursor, std::string_view type, std::string_view data)
{
    std::string text = "id: " + std::to_string(cursor) + "\n";
    append_field(text, "event", type.substr(0, type.find_first_of("\r\n")));
    append_field(text, "data", data);
    text += '\n';
    return text;
}

}  // namespace

EventStream::EventStream(net::any_io_executor executor, Limits limits, Backlog backlog,
                         std::uint64_t newest)
    : executor_{std::move(executor)},
      limits_{limits},
      backlog_{std::move(backlog)},
      newest_{newest},
      forgotten_{newest}
{
}

void EventStream::publish(std::uint64_t cursor, std::string_view type, std::string_view data)
{
    if (cursor <= newest_) throw std::logic_error{"an event's cursor did not grow"};
    newest_ = cursor;
    const Frame frame{cursor, std::make_shared<const std::string>(frame_text(cursor, type, data))};
    recent_.push_back(frame);
    recent_bytes_ += frame.text->size();
    while (recent_.size() > limits_.recent_messages_max
           || recent_bytes_ > limits_.queue_bytes_max) {
        forgotten_ = recent_.front().cursor;
        recent_bytes_ -= recent_.front().text->size();
        recent_.pop_front();
    }
    for (Seat* seat : seats_) seat->offer(frame);
}

void EventStream::stop()
{
    stopped_ = true;
    for (Seat* seat : seats_) seat->end();
}

std::unique_ptr<EventStream::Seat> EventStream::sit(std::optional<std::uint64_t> after,
                                                    std::function<void()> cut)
{
    if (stopped_ || seats_.size() >= limits_.clients_max) return nullptr;
    return std::make_unique<Seat>(shared_from_this(), after, std::move(cut));
}

EventStream::Seat::Seat(std::shared_ptr<EventStream> stream, std::optional<std::uint64_t> after,
                        std::function<void()> cut)
    : stream_{std::move(stream)},
      cut_{std::move(cut)},
      wake_{stream_->executor_},
      until_{net::steady_timer::clock_type::now() + stream_->limits_.life_max},
      after_{std::min(after.value_or(stream_->newest_), stream_->newest_)},
      ahead_{after.value_or(0) > stream_->newest_}
{
    stream_->seats_.insert(this);
}

EventStream::Seat::~Seat()
{
    stream_->seats_.erase(this);
}

void EventStream::Seat::end()
{
    ended_ = true;
    wake_.cancel();
}

void EventStream::Seat::offer(const Frame& frame)
{
    if (!live_ || ended_) return;
    queue_.push_back(frame);
    queue_bytes_ += frame.text->size();
    if (queue_.size() > stream_->limits_.queue_messages_max
        || queue_bytes_ > stream_->limits_.queue_bytes_max) {
        ++stream_->slow_clients_;
        end();
        cut_();
        return;
    }
    wake_.cancel();
}

/// The `id:` alone makes a browser come back from here even if nothing happens before it loses us.
std::string EventStream::Seat::greeting()
{
    greeted_ = true;
    std::string text = "retry: 2000\n";
    if (ahead_) text += "event: reset\ndata: {}\n";
    return text + "id: " + std::to_string(after_) + "\n\n";
}

void EventStream::Seat::join()
{
    live_ = true;
    for (const Frame& frame : stream_->recent_) {
        if (frame.cursor <= after_) continue;
        queue_.push_back(frame);
        queue_bytes_ += frame.text->size();
    }
}

/// One page of the ledger. Where the ledger has no more, although messages were forgotten here
/// since `after_`, it has pruned them: whoever was away that long goes on with what there is.
net::awaitable<std::string> EventStream::Seat::catch_up()
{
    const std::uint64_t forgotten_before = stream_->forgotten_;
    const std::vector<Message> page =
        co_await stream_->backlog_(after_, stream_->limits_.page_messages_max);
    std::string text;
    for (const Message& message : page) {
        if (message.cursor <= after_) continue;
        text += frame_text(message.cursor, message.type, message.data);
        after_ = message.cursor;
    }
    if (text.empty() && stream_->forgotten_ == forgotten_before) join();
    co_return text;
}

std::string EventStream::Seat::take()
{
    std::string text;
    while (!queue_.empty() && text.size() < chunk_bytes) {
        text += *queue_.front().text;
        after_ = queue_.front().cursor;
        queue_bytes_ -= queue_.front().text->size();
        queue_.pop_front();
    }
    return text;
}

bool EventStream::Seat::past_life() const
{
    return net::steady_timer::clock_type::now() >= until_;
}

net::awaitable<std::optional<std::string>> EventStream::Seat::next()
{
    while (!ended_ && !past_life()) {
        if (!greeted_) co_return greeting();
        if (!live_ && stream_->covers(after_)) join();
        if (!live_) {
            std::string page = co_await catch_up();
            if (!page.empty()) co_return page;
            continue;
        }
        if (!queue_.empty()) co_return take();

        wake_.expires_after(stream_->limits_.keep_alive);
        const auto [ec] = co_await wake_.async_wait(no_throw);
        if (!ec) co_return ": keep-alive\n\n";
    }
    // What was queued before the end still belongs to the client.
    if (!queue_.empty() && queue_bytes_ <= stream_->limits_.queue_bytes_max) co_return take();
    co_return std::nullopt;
}

}  // namespace raiten::http

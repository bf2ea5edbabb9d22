#include "daemon/app/ctl/api_client.hpp"

#include <boost/beast/http.hpp>
#include <nlohmann/json.hpp>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <span>
#include <utility>

namespace raiten::app::ctl {
namespace {

namespace http = boost::beast::http;

constexpr int stream_patience_ms = 60'000;  ///< the stream says something every 15 s
constexpr std::uint32_t header_bytes_max = 64 * 1024;

class Connection {
 public:
    static Result<Connection> open(const std::string& path)
    {
        sockaddr_un to{};
        to.sun_family = AF_UNIX;
        if (path.size() >= sizeof to.sun_path)
            return Problem{"is too long for a socket's path", path};
        std::memcpy(to.sun_path, path.data(), path.size());
        Connection made{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
        if (made.number_ >= 0
            && ::connect(made.number_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0)
            return made;
        const bool forbidden = errno == EACCES || errno == EPERM;
        return Problem{std::string{"raitend does not answer: "} + std::strerror(errno), path,
                       forbidden ? "be root, or a member of the group raiten"
                                 : "is it running? systemctl status raitend"};
    }
    ~Connection()
    {
        if (number_ >= 0) ::close(number_);
    }
    Connection(Connection&& other) noexcept : number_{std::exchange(other.number_, -1)} {}
    Connection& operator=(Connection&&) = delete;

    Result<void> write(std::string_view bytes) const
    {
        while (!bytes.empty()) {
            const auto n = ::send(number_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) return failed("raitend took no request");
            bytes.remove_prefix(static_cast<std::size_t>(n));
        }
        return {};
    }

    /// 0 bytes: the other side has closed.
    Result<std::size_t> read(std::span<char> into, int patience_ms) const
    {
        pollfd waiting{number_, POLLIN, 0};
        int ready = 0;
        do {
            ready = ::poll(&waiting, 1, patience_ms);
        } while (ready < 0 && errno == EINTR);
        if (ready == 0)
            return Problem{
                "raitend has not answered for " + std::to_string(patience_ms / 1000) + " s",
                {},
                "journalctl -u raitend may say why"};
        const auto n = ::recv(number_, into.data(), into.size(), 0);
        if (n < 0) return failed("raitend broke off");
        return static_cast<std::size_t>(n);
    }

 private:
    explicit Connection(int number) : number_{number} {}
    static Problem failed(const std::string& what) { return {what + ": " + std::strerror(errno)}; }
    int number_;
};

using Parser = http::response_parser<http::string_body>;

/// Reads on until `enough` says so or the message is whole.
Result<void> read_into(Parser& parser, const Connection& connection, int patience_ms,
                       const std::function<bool()>& enough)
{
    std::string pending;
    std::array<char, 16 * 1024> part{};
    while (!parser.is_done() && !enough()) {
        const auto n = connection.read(part, patience_ms);
        if (!n) return n.error();
        boost::beast::error_code error;
        if (*n == 0) {
            parser.put_eof(error);
            if (error) return Problem{"raitend broke off its answer"};
            return {};
        }
        pending.append(part.data(), *n);
        const auto used = parser.put(boost::asio::buffer(pending), error);
        pending.erase(0, used);
        if (error && error != http::error::need_more)
            return Problem{"raitend's answer is no HTTP: " + error.message()};
    }
    return {};
}

std::string request_text(const char* method, const std::string& target, const std::string& headers,
                         const std::string& body)
{
    std::string text = std::string{method} + " " + target + " HTTP/1.1\r\nHost: localhost\r\n";
    text += "Connection: close\r\n" + headers;
    if (!body.empty())
        text += "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size())
                + "\r\n";
    return text + "\r\n" + body;
}

Result<ApiClient::Reply> ask(const std::string& socket, const std::string& request)
{
    const auto connection = Connection::open(socket);
    if (!connection) return connection.error();
    if (const auto sent = connection->write(request); !sent) return sent.error();
    Parser parser;
    parser.eager(true);
    parser.header_limit(header_bytes_max);
    parser.body_limit(ApiClient::body_bytes_max);
    const auto read = read_into(parser, *connection, ApiClient::patience_ms, [] { return false; });
    if (!read) return read.error();
    return ApiClient::Reply{parser.get().result_int(), std::move(parser.get().body())};
}

}  // namespace

bool EventCutter::feed(std::string_view bytes, const std::function<bool(const StreamEvent&)>& take)
{
    for (const char c : bytes) {
        const bool second_half = std::exchange(after_return_, c == '\r') && c == '\n';
        if (second_half) continue;
        if (c != '\n' && c != '\r') {
            too_long_ = too_long_ || line_.size() + event_.data.size() >= event_bytes_max;
            if (!too_long_) line_.push_back(c);
            continue;
        }
        const auto line = std::exchange(line_, {});
        if (!take_line(line, take)) return false;
    }
    return true;
}

bool EventCutter::take_line(std::string_view line,
                            const std::function<bool(const StreamEvent&)>& take)
{
    if (line.empty()) {
        const bool whole = std::exchange(has_data_, false) && !too_long_;
        const auto id = event_.id;
        const bool more = !whole || take(event_);
        event_ = {};
        event_.id = id;
        too_long_ = false;
        return more;
    }
    const auto colon = line.find(':');
    const auto name = line.substr(0, colon);
    auto value = colon == std::string_view::npos ? std::string_view{} : line.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (name == "id") event_.id = value;
    if (name == "event") event_.type = value;
    if (name == "data") {
        if (has_data_) event_.data += '\n';
        event_.data += value;
        has_data_ = true;
    }
    return true;
}

Result<ApiClient::Reply> ApiClient::get(const std::string& target) const
{
    return ask(socket_, request_text("GET", target, "Accept: application/json\r\n", {}));
}

Result<ApiClient::Reply> ApiClient::post(const std::string& target, const std::string& json) const
{
    return ask(socket_, request_text("POST", target, "Accept: application/json\r\n", json));
}

Result<ApiClient::Reply> ApiClient::put(const std::string& target, const std::string& json) const
{
    return ask(socket_, request_text("PUT", target, "Accept: application/json\r\n", json));
}

ApiClient::Followed ApiClient::follow(const std::string& target, const std::string& last_id,
                                      const std::function<bool(const StreamEvent&)>& take) const
{
    const auto connection = Connection::open(socket_);
    if (!connection) return {false, connection.error()};
    std::string headers{"Accept: text/event-stream\r\n"};
    if (!last_id.empty()) headers += "Last-Event-ID: " + last_id + "\r\n";
    const auto sent = connection->write(request_text("GET", target, headers, {}));
    if (!sent) return {false, sent.error()};

    Parser parser;
    parser.eager(true);
    parser.header_limit(header_bytes_max);
    parser.body_limit(boost::none);
    EventCutter cutter;
    bool satisfied = false;
    const auto streams = [&] {
        return parser.is_header_done() && parser.get().result() == http::status::ok;
    };
    const auto cut = [&] {
        // A refusal is read as a whole, unless it is absurdly long.
        if (!streams()) return parser.get().body().size() > header_bytes_max;
        const auto bytes = std::exchange(parser.get().body(), {});
        satisfied = satisfied || !cutter.feed(bytes, take);
        return satisfied;
    };
    const auto read = read_into(parser, *connection, stream_patience_ms, cut);
    cut();
    if (satisfied) return {true, std::nullopt};
    if (parser.is_header_done() && !streams())
        return {false, refusal_of({parser.get().result_int(), parser.get().body()})};
    return {streams(), read ? Problem{"raitend ended the stream"} : read.error()};
}

std::string url_encoded(std::string_view text)
{
    constexpr std::string_view digits{"0123456789ABCDEF"};
    constexpr std::string_view safe{
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"};
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (safe.find(c) != std::string_view::npos)
            out += c;
        else
            (out += '%').append({digits[byte >> 4U], digits[byte & 15U]});
    }
    return out;
}

Problem refusal_of(const ApiClient::Reply& reply)
{
    const auto said = nlohmann::json::parse(reply.body, nullptr, false);
    std::string what;
    if (said.is_object())
        for (const auto* key : {"title", "detail"})
            if (const auto it = said.find(key); it != said.end() && it->is_string())
                what += (what.empty() ? "" : ": ") + it->get<std::string>();
    if (what.empty()) what = "raitend answers " + std::to_string(reply.status);
    return {what};
}

}  // namespace raiten::app::ctl

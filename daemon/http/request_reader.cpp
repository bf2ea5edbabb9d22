// The one file that includes Beast: its parser, fed by hand. See README.md for what it does not
// look after.
#include "daemon/http/request_reader.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>
#include <string_view>

namespace raiten::http {

namespace net = boost::asio;
namespace beast = boost::beast;
using Error = boost::system::error_code;

namespace {

constexpr std::size_t read_bytes = 8 * 1024;

std::string_view text_of(const beast::flat_buffer& buffer)
{
    const auto data = buffer.data();
    return {static_cast<const char*>(data.data()), data.size()};
}

Refused refuse(Refusal reason, unsigned status, std::string_view detail)
{
    return {reason, problem(status, {}, detail)};
}

Refused malformed(std::string_view detail)
{
    return refuse(Refusal::malformed, 400, detail);
}

std::string lower(boost::string_view text)
{
    std::string out{text.data(), text.size()};
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

}  // namespace

struct RequestReader::Parser {
    explicit Parser(std::size_t buffer_bytes_max) : buffer{buffer_bytes_max} {}

    beast::flat_buffer buffer;
    std::optional<beast::http::request_parser<beast::http::string_body>> beast;
};

RequestReader::RequestReader(Channel& channel, const Limits& limits, Counters& counters)
    : channel_{channel},
      limits_{limits},
      counters_{counters},
      parser_{std::make_unique<Parser>(limits.head_bytes_max + read_bytes)}
{
}

RequestReader::~RequestReader() = default;

bool RequestReader::has_bytes() const
{
    return parser_->buffer.size() > 0;
}

net::awaitable<bool> RequestReader::await_bytes()
{
    co_return co_await read_more();
}

net::awaitable<bool> RequestReader::read_more()
{
    auto& buffer = parser_->buffer;
    const std::size_t room = std::min(read_bytes, buffer.max_size() - buffer.size());
    const auto [size, ec] = co_await channel_.read(buffer.prepare(room));
    buffer.commit(size);
    counters_.bytes_in += size;
    co_return size > 0;
}

/// Beast is given whole heads only: given pieces it would count its limit anew for each.
net::awaitable<std::variant<Head, Refused, Gone>> RequestReader::head()
{
    auto& buffer = parser_->buffer;
    channel_.expires_after(limits_.head_max, Channel::Late::stop_reading);
    std::size_t end = 0;
    for (std::size_t seen = 0;;) {
        while (text_of(buffer).starts_with("\r\n")) buffer.consume(2);  // RFC 9112, 2.2
        const std::string_view text = text_of(buffer);
        const bool may_be_http =
            text.empty() || text == "\r" || (text.front() >= 'A' && text.front() <= 'Z');
        if (!may_be_http)
            co_return malformed("This is not an HTTP/1.1 request. Is it TLS on a plain port?");

        end = text.find("\r\n\r\n", seen < 3 ? 0 : seen - 3);
        if (end != std::string_view::npos && end + 4 <= limits_.head_bytes_max) break;
        if (text.size() >= limits_.head_bytes_max) {
            if (text.find("\r\n") >= limits_.head_bytes_max)
                co_return refuse(Refusal::target_too_long, 414, "Shorten the path or the query.");
            co_return refuse(Refusal::header_too_large, 431,
                             "Send fewer or shorter header fields.");
        }
        seen = text.size();
        if (co_await read_more()) continue;
        if (channel_.expired())
            co_return refuse(Refusal::head_late, 408, "The head of the request did not come.");
        if (text.empty()) co_return Gone{};
        co_return malformed("The request is cut short.");
    }

    parser_->beast.emplace();
    auto& beast = *parser_->beast;
    beast.eager(false);
    beast.body_limit(boost::none);
    beast.header_limit(static_cast<std::uint32_t>(limits_.head_bytes_max + 4));
    const char* const begin = text_of(buffer).data();
    std::size_t used = 0;
    Error ec;
    while (!beast.is_header_done() && !ec) {
        const std::size_t now = beast.put(net::const_buffer{begin + used, end + 4 - used}, ec);
        used += now;
        if (now == 0 && !ec) ec = beast::http::error::need_more;
    }
    if (ec == beast::http::error::bad_version)
        co_return refuse(Refusal::unsupported, 505, "Speak HTTP/1.1.");
    if (ec) co_return malformed("The head of the request is broken: " + ec.message() + ".");
    buffer.consume(used);
    if (auto refused = look_at_head()) co_return std::move(*refused);
    co_return take_head();
}

std::optional<Refused> RequestReader::look_at_head()
{
    const auto& message = parser_->beast->get();
    const auto coding = message.find(beast::http::field::transfer_encoding);
    if (coding != message.end()) {
        if (message.version() < 11 || message.count(beast::http::field::content_length) > 0)
            return malformed("Transfer-Encoding does not go with this head.");
        if (message.count(beast::http::field::transfer_encoding) > 1
            || lower(coding->value()) != "chunked")
            return refuse(Refusal::unsupported, 501, "The only transfer coding here is chunked.");
    }
    if (message.target().size() > limits_.target_bytes_max)
        return refuse(Refusal::target_too_long, 414, "Shorten the path or the query.");
    const auto content = message.find(beast::http::field::content_encoding);
    if (content != message.end() && lower(content->value()) != "identity")
        return refuse(Refusal::unsupported, 415, "Send the body without a Content-Encoding.");
    const auto expected = message.find(beast::http::field::expect);
    if (expected != message.end() && lower(expected->value()) != "100-continue")
        return refuse(Refusal::unsupported, 417, "The only expectation here is 100-continue.");
    return std::nullopt;
}

Head RequestReader::take_head() const
{
    const auto& message = parser_->beast->get();
    Head head;
    head.method = std::string{message.method_string()};
    head.target = std::string{message.target()};
    head.keep_alive = message.version() == 11 && message.keep_alive();
    head.has_body = !parser_->beast->is_done();
    for (const auto& field : message)
        head.fields.emplace_back(lower(field.name_string()),
                                 std::string{field.value().data(), field.value().size()});
    return head;
}

net::awaitable<std::variant<std::string, Refused, Gone>> RequestReader::body(std::size_t bytes_max)
{
    auto& buffer = parser_->buffer;
    auto& beast = *parser_->beast;
    const std::string limit = std::to_string(bytes_max);
    const auto too_large = [&] {
        return refuse(Refusal::body_too_large, 413, "The body may have " + limit + " bytes here.");
    };
    const auto announced = beast.content_length();
    if (announced && *announced > bytes_max) co_return too_large();

    channel_.expires_after(limits_.body_max, Channel::Late::stop_reading);
    if (beast.get().count(beast::http::field::expect) > 0 && !has_bytes()) {
        constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
        const std::array<net::const_buffer, 2> bytes{net::buffer(go_on), net::const_buffer{}};
        if (co_await channel_.write(bytes)) co_return Gone{};
    }

    beast.body_limit(bytes_max);
    beast.eager(true);
    for (;;) {
        Error ec;
        const std::size_t used = has_bytes() ? beast.put(buffer.data(), ec) : 0;
        buffer.consume(used);
        if (ec == beast::http::error::body_limit) co_return too_large();
        if (ec && ec != beast::http::error::need_more)
            co_return malformed("The body is broken: " + ec.message() + ".");
        if (beast.is_done()) co_return std::move(beast.get().body());
        if (buffer.size() == buffer.max_size())
            co_return malformed("A chunk's head or the trailer is too long.");
        if (co_await read_more()) continue;
        if (channel_.expired())
            co_return refuse(Refusal::body_late, 408, "The body of the request did not come.");
        co_return malformed("The body is cut short.");
    }
}

}  // namespace raiten::http

#include "tests/support/store_box.hpp"

#include "daemon/app/ctl/api_client.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace raiten::test {

namespace fs = std::filesystem;
using std::chrono::microseconds;
using std::chrono::steady_clock;

namespace {

constexpr microseconds patience = std::chrono::seconds{60};

/// A file number that is closed with its owner.
class Number {
 public:
    explicit Number(int value) : value_{value} {}
    Number(Number&& other) noexcept : value_{std::exchange(other.value_, -1)} {}
    Number& operator=(Number&&) = delete;
    ~Number()
    {
        if (value_ >= 0) ::close(value_);
    }
    int get() const { return value_; }

 private:
    int value_;
};

sockaddr_un local(const std::string& path)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) throw std::runtime_error{"too long: " + path};
    std::memcpy(address.sun_path, path.data(), path.size());
    return address;
}

std::string content(const std::string& path)
{
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

bool send_all(int to, std::string_view bytes)
{
    while (!bytes.empty()) {
        const auto n = ::send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

/// Waits for bytes or the end until `limit`; false when it has passed.
bool readable(int number, steady_clock::time_point limit)
{
    for (;;) {
        const auto left =
            std::chrono::duration_cast<std::chrono::nanoseconds>(limit - steady_clock::now());
        if (left.count() <= 0) return false;
        const timespec wait{static_cast<time_t>(left.count() / 1'000'000'000),
                            static_cast<long>(left.count() % 1'000'000'000)};
        pollfd what{number, POLLIN, 0};
        const int ready = ::ppoll(&what, 1, &wait, nullptr);
        if (ready > 0) return true;
        if (ready < 0 && errno != EINTR) throw std::runtime_error{"ppoll"};
    }
}

/// Reads to the end of the connection; false when `limit` passed before.
bool read_to_end(int number, std::string& into, steady_clock::time_point limit)
{
    std::array<char, 65536> part{};
    while (readable(number, limit)) {
        const auto n = ::recv(number, part.data(), part.size(), 0);
        if (n <= 0) return true;
        into.append(part.data(), static_cast<std::size_t>(n));
    }
    return false;
}

/// The answer that raitend gave before it closed; status 0 unless it is whole.
HttpReply reply_in(const std::string& text)
{
    const auto head = text.find("\r\n\r\n");
    if (head == text.npos || text.size() < 12) return {};
    HttpReply reply{std::atoi(text.c_str() + 9), text.substr(head + 4)};
    const auto length = text.find("Content-Length: ");
    if (length != text.npos && length < head
        && reply.body.size() < std::strtoull(text.c_str() + length + 16, nullptr, 10)) {
        return {};
    }
    return reply;
}

Number connected(const std::string& path)
{
    Number made{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    const auto address = local(path);
    if (::connect(made.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        throw std::runtime_error{"raitend does not listen: " + path};
    return made;
}

}  // namespace

StoreBox::StoreBox(Clock clock, const std::string& more)
{
    std::ofstream{file("token.key")} << std::string(64, 'a') << '\n';
    ::chmod(file("token.key").c_str(), S_IRUSR | S_IWUSR);
    fs::create_directory(file("campaigns"));
    std::ofstream out{config()};
    out << "[store]\ntenant = \"acme\"\nstore = \"ginza\"\ndevice = \"box-1\"\n"
           "timezone = \"Asia/Tokyo\"\ncurrency = \"JPY\"\n"
        << "[engine]\nclock = \"" << (clock == Clock::events ? "events" : "system") << "\"\n"
        << "[identity]\ntoken_key = \"" << file("token.key") << "\"\n"
        << "[ledger]\npath = \"" << file("raiten.db") << "\"\n"
        << "[http]\nlisten = \"127.0.0.1:0\"\nsocket = \"" << socket() << "\"\ntokens_file = \""
        << file("api-tokens") << "\"\n"
        << "[campaigns]\ndir = \"" << file("campaigns") << "\"\n"
        << more;
    out.close();

    notify_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const auto address = local(file("notify"));
    if (notify_ < 0
        || ::bind(notify_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        throw std::runtime_error{"no socket for READY=1"};
    }
}

StoreBox::~StoreBox()
{
    process_.reset();
    ::close(notify_);
}

std::unique_ptr<Process> StoreBox::launch()
{
    ::setenv("NOTIFY_SOCKET", file("notify").c_str(), 1);
    ::setenv("STATE_DIRECTORY", folder_.path().c_str(), 1);
    auto process = std::make_unique<Process>(std::vector<std::string>{
        "sh", "-c", R"(exec "$0" --config "$1" 2>>"$2")", RAITEND, config(), file("log")});
    ::unsetenv("NOTIFY_SOCKET");
    ::unsetenv("STATE_DIRECTORY");
    return process;
}

void StoreBox::start()
{
    std::array<char, 4096> said{};
    while (::recv(notify_, said.data(), said.size(), MSG_DONTWAIT) > 0) {
    }
    process_ = launch();
    const Number child{static_cast<int>(::syscall(SYS_pidfd_open, process_->pid(), 0))};
    const auto limit = steady_clock::now() + patience;
    for (bool ready = false; !ready;) {
        std::array<pollfd, 2> what{pollfd{notify_, POLLIN, 0}, pollfd{child.get(), POLLIN, 0}};
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(limit - steady_clock::now());
        const int came =
            ::poll(what.data(), what.size(), std::max(0, static_cast<int>(left.count())));
        if (came < 0 && errno == EINTR) continue;
        if (came <= 0 || what[1].revents != 0)
            throw std::runtime_error{"raitend does not start; it said:\n" + log()};
        const auto n = ::recv(notify_, said.data(), said.size(), 0);
        const std::string_view text{said.data(), static_cast<std::size_t>(std::max<ssize_t>(n, 0))};
        ready = text.find("READY=1") != text.npos;
    }
}

int StoreBox::run_to_end()
{
    return launch()->wait();
}

void StoreBox::signal(int number) const
{
    if (process_) process_->signal(number);
}

int StoreBox::stop()
{
    if (!process_) return -1;
    process_->signal(SIGTERM);
    const int code = process_->wait();
    process_.reset();
    return code;
}

void StoreBox::kill()
{
    process_.reset();
}

std::size_t StoreBox::resident_bytes() const
{
    std::ifstream in{"/proc/" + std::to_string(process_->pid()) + "/statm"};
    std::size_t all = 0;
    std::size_t resident = 0;
    in >> all >> resident;
    return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

// ---- calls ------------------------------------------------------------------------------------

std::string StoreBox::request(const char* method, const std::string& target,
                              const std::string& type, const std::string& body) const
{
    std::string text = std::string{method} + " " + target + " HTTP/1.1\r\nHost: localhost\r\n";
    text += "Connection: close\r\n";
    if (!type.empty())
        text +=
            "Content-Type: " + type + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
    return text + "\r\n" + body;
}

std::vector<HttpReply> StoreBox::ask(const std::vector<std::string>& requests, Fuse fuse)
{
    std::vector<Number> calls;
    for (std::size_t i = 0; i < requests.size(); ++i) calls.push_back(connected(socket()));
    for (std::size_t i = 0; i < requests.size(); ++i) send_all(calls[i].get(), requests[i]);
    const auto sent = steady_clock::now();
    auto limit = sent + fuse.value_or(patience);
    std::vector<HttpReply> replies;
    for (const auto& call : calls) {
        std::string text;
        if (!read_to_end(call.get(), text, limit)) {
            if (!fuse) throw std::runtime_error{"raitend does not answer; it said:\n" + log()};
            kill();
            // What it had said before is still in the socket, and counts.
            limit = steady_clock::now() + patience;
            read_to_end(call.get(), text, limit);
        }
        replies.push_back(reply_in(text));
    }
    return replies;
}

HttpReply StoreBox::get(const std::string& target) const
{
    const auto call = connected(socket());
    send_all(call.get(), request("GET", target, {}, {}));
    std::string text;
    if (!read_to_end(call.get(), text, steady_clock::now() + patience))
        throw std::runtime_error{"raitend does not answer; it said:\n" + log()};
    return reply_in(text);
}

HttpReply StoreBox::post(const std::string& target, const std::string& json, Fuse fuse)
{
    return ask({request("POST", target, "application/json", json)}, fuse).front();
}

HttpReply StoreBox::post_lines(const std::string& ndjson, Fuse fuse)
{
    return ask({request("POST", "/api/v1/events", "application/x-ndjson", ndjson)}, fuse).front();
}

std::vector<HttpReply> StoreBox::post_at_once(const std::vector<Wish>& wishes, Fuse fuse)
{
    std::vector<std::string> requests;
    for (const auto& wish : wishes)
        requests.push_back(request("POST", wish.target, "application/json", wish.json));
    return ask(requests, fuse);
}

std::string StoreBox::raw(std::string_view bytes) const
{
    const auto call = connected(socket());
    send_all(call.get(), bytes);
    ::shutdown(call.get(), SHUT_WR);
    std::string text;
    if (!read_to_end(call.get(), text, steady_clock::now() + patience))
        throw std::runtime_error{"raitend keeps the line; it said:\n" + log()};
    return text;
}

void StoreBox::enrol(const std::string& member, const std::string& token)
{
    const auto reply = post("/api/v1/members", R"({"member":")" + member + R"(","tokens":[")"
                                                   + token + R"("],"consent":true})");
    if (reply.status != 201) throw std::runtime_error{"not enrolled: " + reply.body};
}

void StoreBox::write_campaign(const std::string& id, const std::string& json) const
{
    write("campaigns/" + id + ".json", json);
}

void StoreBox::write(const std::string& name, const std::string& text) const
{
    std::ofstream{file(name), std::ios::binary} << text;
}

std::vector<std::string> StoreBox::stream(std::uint64_t cursor,
                                          const std::function<bool(const std::string&)>& last) const
{
    std::vector<std::string> all;
    const app::ctl::ApiClient client{socket()};
    const auto end = client.follow("/api/v1/stream", std::to_string(cursor),
                                   [&](const app::ctl::StreamEvent& event) {
                                       all.push_back(event.data);
                                       return !last(event.data);
                                   });
    if (end.problem)
        throw std::runtime_error{"the stream ended after " + std::to_string(all.size())
                                 + " events: " + end.problem->text()};
    return all;
}

std::string StoreBox::log() const
{
    return content(file("log"));
}

double metric(const std::string& page, const std::string& name)
{
    std::istringstream lines{page};
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with(name) && line.size() > name.size() && line[name.size()] == ' ')
            return std::strtod(line.c_str() + name.size(), nullptr);
    return 0;
}

}  // namespace raiten::test

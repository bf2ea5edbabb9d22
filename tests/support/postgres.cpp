#include "tests/support/postgres.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace raiten::test {

namespace {

constexpr const char* programs = "/usr/lib/postgresql/15/bin/";
constexpr int start_limit_ms = 60'000;

using Words = std::vector<std::string>;

/// The server refuses to be root. Whoever it is, it goes when the test goes.
Words as_its_user(const std::string& notify)
{
    Words words{"env", "-C", "/", "NOTIFY_SOCKET=" + notify, "setpriv"};
    if (::geteuid() == 0)
        words.insert(words.end(), {"--reuid=postgres", "--regid=postgres", "--clear-groups"});
    words.emplace_back("--pdeathsig=QUIT");
    return words;
}

Words operator+(Words words, const Words& more)
{
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

/// The socket on which the server says READY=1, as it does to systemd.
class Ear {
 public:
    explicit Ear(const std::string& path) : fd_{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)}
    {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        if (path.size() >= sizeof address.sun_path) throw std::runtime_error{"path too long"};
        std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
        if (::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
            throw std::runtime_error{"bind " + path};
        ::chmod(path.c_str(), 0777);
    }
    ~Ear() { ::close(fd_); }
    Ear(const Ear&) = delete;
    Ear& operator=(const Ear&) = delete;

    /// False when the process ended, or the time is over, without it.
    bool hears_ready(pid_t pid) const
    {
        const int process = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
        std::array<pollfd, 2> events{pollfd{fd_, POLLIN, 0}, pollfd{process, POLLIN, 0}};
        bool ready = false;
        while (!ready) {
            const int count = ::poll(events.data(), events.size(), start_limit_ms);
            if (count < 0 && errno == EINTR) continue;
            if (count <= 0 || (events[0].revents & POLLIN) == 0) break;
            std::array<char, 512> said{};
            const auto size = ::recv(fd_, said.data(), said.size(), 0);
            if (size <= 0) break;
            const std::string_view words{said.data(), static_cast<std::size_t>(size)};
            ready = words.find("READY=1") != std::string_view::npos;
        }
        if (process >= 0) ::close(process);
        return ready;
    }

 private:
    int fd_;
};

std::string read_all(int fd)
{
    std::string out;
    std::array<char, 65536> buffer;
    for (;;) {
        const auto size = ::read(fd, buffer.data(), buffer.size());
        if (size < 0 && errno == EINTR) continue;
        if (size <= 0) break;
        out.append(buffer.data(), static_cast<std::size_t>(size));
    }
    ::close(fd);
    while (out.ends_with('\n')) out.pop_back();
    return out;
}

std::string content_of(const std::string& file)
{
    std::ostringstream out;
    out << std::ifstream{file}.rdbuf();
    return out.str();
}

}  // namespace

bool Postgres::installed()
{
    const std::string extensions = "/usr/share/postgresql/15/extension/";
    return ::access((programs + std::string{"postgres"}).c_str(), X_OK) == 0
           && ::access((extensions + "hll.control").c_str(), R_OK) == 0
           && ::access((extensions + "tdigest.control").c_str(), R_OK) == 0;
}

Postgres::Postgres()
{
    const auto notify = folder_.file("notify");
    const auto log = folder_.file("log");
    const Ear ear{notify};
    // Its words go to a file, to be told if it fails.
    const Words logged{"sh", "-c", R"(log=$1; shift; exec "$@" >"$log" 2>&1)", "sh", log};
    const auto data = folder_.file("data");
    if (run(as_its_user("") + logged
            + Words{programs + std::string{"initdb"}, "--pgdata=" + data, "--auth=trust",
                    "--username=raiten", "--encoding=UTF8", "--locale=C", "--no-sync",
                    "--no-instructions"})
        != 0) {
        throw std::runtime_error{"initdb: " + content_of(log)};
    }
    Words words =
        as_its_user(notify) + logged + Words{programs + std::string{"postgres"}, "-D", data};
    for (const std::string& setting :
         {std::string{"listen_addresses="}, "unix_socket_directories=" + folder_.path().string(),
          std::string{"fsync=off"}, std::string{"full_page_writes=off"},
          std::string{"autovacuum=off"}, std::string{"shared_buffers=16MB"},
          std::string{"max_connections=20"}}) {
        words.insert(words.end(), {"-c", setting});
    }
    server_ = std::make_unique<Process>(words);
    if (!ear.hears_ready(server_->pid())) {
        server_.reset();
        throw std::runtime_error{"PostgreSQL does not start: " + content_of(log)};
    }
    const auto made = run({"createdb", "-h", host(), "-U", "raiten", "raiten"});
    if (made != 0) throw std::runtime_error{"createdb"};
    query("create extension hll; create extension tdigest");
}

Postgres::~Postgres()
{
    if (!server_) return;
    server_->signal(SIGQUIT);  // at once, with all its processes
    server_->wait();
}

Postgres::Answer Postgres::ask(const std::string& sql) const
{
    // A command line is too short for what tests say.
    const auto file = folder_.file("query.sql");
    std::ofstream{file} << sql << "\n";
    Process psql{{"sh",   "-c",     R"(exec "$@" 2>&1)",
                  "sh",   "psql",   "-h",
                  host(), "-U",     "raiten",
                  "-d",   "raiten", "-X",
                  "-q",   "-A",     "-t",
                  "-1",   "-v",     "ON_ERROR_STOP=1",
                  "-f",   file},
                 true};
    auto text = read_all(psql.take_output());
    return {psql.wait(), std::move(text)};
}

std::string Postgres::query(const std::string& sql) const
{
    auto answer = ask(sql);
    if (answer.code != 0) throw std::runtime_error{"psql: " + answer.text};
    return answer.text;
}

std::string Postgres::refusal_of(const std::string& sql) const
{
    const auto answer = ask(sql);
    return answer.code == 0 ? std::string{} : answer.text;
}

}  // namespace raiten::test

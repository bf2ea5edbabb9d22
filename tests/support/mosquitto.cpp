#include "tests/support/mosquitto.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <stdexcept>

namespace raiten::test {

namespace fs = std::filesystem;

namespace {

sockaddr_in loopback(std::uint16_t port)
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

bool answers(std::uint16_t port)
{
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto address = loopback(port);
    const bool good =
        ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(fd);
    return good;
}

void must(const std::vector<std::string>& words)
{
    if (run(words) != 0) throw std::runtime_error{"failed: " + words.at(0) + " " + words.at(1)};
}

}  // namespace

std::uint16_t free_port()
{
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto address = loopback(0);
    socklen_t size = sizeof address;
    ::bind(fd, reinterpret_cast<const sockaddr*>(&address), size);
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
    ::close(fd);
    return ntohs(address.sin_port);
}

void make_certificates(const fs::path& folder)
{
    const auto at = [&folder](const char* name) { return (folder / name).string(); };
    for (const auto* ca : {"ca", "other-ca"}) {
        must({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
              "-nodes", "-days", "3650", "-subj", std::string{"/CN=raiten test "} + ca, "-keyout",
              at(ca) + ".key", "-out", at(ca) + ".pem"});
    }
    std::ofstream{at("san")} << "subjectAltName=DNS:localhost,IP:127.0.0.1\n";
    for (const auto* who : {"server", "client"}) {
        const auto base = at(who);
        must({"openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
              "-subj", std::string{"/CN="} + who, "-keyout", base + ".key", "-out", base + ".csr"});
        must({"openssl", "x509", "-req", "-in", base + ".csr", "-CA", at("ca.pem"), "-CAkey",
              at("ca.key"), "-CAcreateserial", "-days", "3650", "-extfile", at("san"), "-out",
              base + ".pem"});
    }
    for (const auto& entry : fs::directory_iterator{folder})
        fs::permissions(entry.path(), fs::perms::others_read, fs::perm_options::add);
}

Mosquitto::Mosquitto(Doors doors, const std::vector<std::string>& more)
    : doors_{doors}, port_{free_port()}
{
    std::ofstream config{file("mosquitto.conf")};
    config << "listener " << port_ << " 127.0.0.1\n"
           << "persistence false\nset_tcp_nodelay true\nmax_queued_messages 0\nlog_dest none\n";
    switch (doors) {
        case Doors::open:
            config << "allow_anonymous true\n";
            break;
        case Doors::password:
            must({"mosquitto_passwd", "-b", "-c", file("passwords"), "store", "pass"});
            fs::permissions(file("passwords"), fs::perms::others_read, fs::perm_options::add);
            config << "allow_anonymous false\npassword_file " << file("passwords") << "\n";
            break;
        case Doors::mutual_tls:
            make_certificates(folder_.path());
            config << "allow_anonymous true\nrequire_certificate true\ncafile " << file("ca.pem")
                   << "\ncertfile " << file("server.pem") << "\nkeyfile " << file("server.key")
                   << "\n";
            break;
    }
    for (const auto& line : more) config << line << "\n";
}

void Mosquitto::start()
{
    process_ = std::make_unique<Process>(
        std::vector<std::string>{"mosquitto", "-c", file("mosquitto.conf")});
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (!answers(port_)) {
        if (std::chrono::steady_clock::now() > limit)
            throw std::runtime_error{"mosquitto does not answer"};
        ::poll(nullptr, 0, 2);
    }
}

void Mosquitto::stop()
{
    if (!process_) return;
    process_->signal(SIGTERM);
    process_->wait();
    process_.reset();
}

void Mosquitto::kill()
{
    process_.reset();
}

void Mosquitto::freeze()
{
    if (process_) process_->signal(SIGSTOP);
}

void Mosquitto::thaw()
{
    if (process_) process_->signal(SIGCONT);
}

std::string Mosquitto::uri() const
{
    return (doors_ == Doors::mutual_tls ? "mqtts://127.0.0.1:" : "mqtt://127.0.0.1:")
           + std::to_string(port_);
}

std::vector<std::string> Mosquitto::client_words(const std::string& program) const
{
    std::vector<std::string> words{program, "-h",     "127.0.0.1", "-p", std::to_string(port_),
                                   "-V",    "mqttv5", "-q",        "1"};
    const auto add = [&words](std::initializer_list<std::string> more) {
        words.insert(words.end(), more);
    };
    if (doors_ == Doors::password) add({"-u", "store", "-P", "pass"});
    if (doors_ == Doors::mutual_tls) {
        add({"--cafile", file("ca.pem"), "--cert", file("client.pem"), "--key",
             file("client.key")});
    }
    return words;
}

bool Mosquitto::publish(const std::string& topic, const std::string& payload, bool retained) const
{
    auto words = client_words("mosquitto_pub");
    words.insert(words.end(), {"-t", topic, "-m", payload});
    if (retained) words.push_back("-r");
    return run(words) == 0;
}

bool Mosquitto::publish_file(const std::string& topic, const std::string& path) const
{
    auto words = client_words("mosquitto_pub");
    words.insert(words.end(), {"-t", topic, "-f", path});
    return run(words) == 0;
}

}  // namespace raiten::test

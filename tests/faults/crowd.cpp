#include "tests/faults/crowd.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <barrier>
#include <cstdlib>
#include <string_view>
#include <thread>

namespace raiten::test {
namespace {

/// Half of them speak from another address of this machine: raitend bounds those of one.
constexpr std::array<std::uint32_t, 2> sources{INADDR_LOOPBACK, INADDR_LOOPBACK + 1};

int connected(int port, std::uint32_t from)
{
    const int made = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_addr.s_addr = htonl(from);
    ::bind(made, reinterpret_cast<const sockaddr*>(&here), sizeof here);
    sockaddr_in there{};
    there.sin_family = AF_INET;
    there.sin_port = htons(static_cast<std::uint16_t>(port));
    there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(made, reinterpret_cast<const sockaddr*>(&there), sizeof there) == 0) return made;
    ::close(made);
    return -1;
}

bool send_all(int to, std::string_view bytes)
{
    while (!bytes.empty()) {
        const auto n = ::send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

/// One answer with a length, or with none at all.
Crowd::Told answer_on(int from)
{
    std::string text;
    std::array<char, 8192> part{};
    std::size_t head = text.npos;
    std::size_t whole = 0;
    while (head == text.npos || text.size() < whole) {
        const auto n = ::recv(from, part.data(), part.size(), 0);
        if (n <= 0) return {};
        text.append(part.data(), static_cast<std::size_t>(n));
        if (head != text.npos) continue;
        head = text.find("\r\n\r\n");
        if (head == text.npos) continue;
        const auto length = text.find("Content-Length: ");
        const bool some = length < head;
        whole = head + 4 + (some ? std::strtoull(text.c_str() + length + 16, nullptr, 10) : 0);
    }
    return {std::atoi(text.c_str() + 9), text.substr(head + 4),
            text.find("Idempotency-Replayed: true") < head};
}

}  // namespace

std::vector<Crowd::Told> Crowd::ask(const std::vector<Wish>& wishes) const
{
    std::vector<Told> told(wishes.size());
    std::atomic<std::size_t> next{0};
    std::barrier together{static_cast<std::ptrdiff_t>(size_)};
    std::vector<std::thread> crowd;
    for (std::size_t who = 0; who < size_; ++who)
        crowd.emplace_back([&, who] {
            const int line = connected(port_, sources.at(who % sources.size()));
            together.arrive_and_wait();
            for (auto i = next++; i < wishes.size(); i = next++) {
                const Wish& wish = wishes[i];
                std::string text = "POST " + wish.target + " HTTP/1.1\r\nHost: localhost\r\n"
                                   "Authorization: Bearer " + token_
                                   + "\r\nContent-Type: application/json\r\nContent-Length: "
                                   + std::to_string(wish.json.size()) + "\r\n";
                if (!wish.key.empty()) text += "Idempotency-Key: " + wish.key + "\r\n";
                text += "\r\n" + wish.json;
                if (line >= 0 && send_all(line, text)) told[i] = answer_on(line);
            }
            if (line >= 0) ::close(line);
        });
    for (auto& each : crowd) each.join();
    return told;
}

}  // namespace raiten::test

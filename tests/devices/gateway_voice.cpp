#include "tests/devices/gateway_voice.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

namespace raiten::test {
namespace {

/// Two bytes of length and the text.
std::string field(const std::string& text)
{
    std::string out;
    out += static_cast<char>(text.size() >> 8U);
    out += static_cast<char>(text.size() & 0xFFU);
    return out + text;
}

/// Type, remaining length in groups of seven bits, body.
std::string packet(unsigned char type, const std::string& body)
{
    std::string out(1, static_cast<char>(type));
    for (auto left = body.size();;) {
        const auto low = static_cast<unsigned char>(left & 0x7FU);
        left >>= 7U;
        out += static_cast<char>(left > 0 ? low | 0x80U : low);
        if (left == 0) return out + body;
    }
}

void send_all(int to, const std::string& bytes)
{
    if (::send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL)
        != static_cast<ssize_t>(bytes.size())) {
        throw std::runtime_error{"the broker does not take what a gateway says"};
    }
}

}  // namespace

GatewayVoice::GatewayVoice(std::uint16_t port)
    : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)}
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        throw std::runtime_error{"no broker"};
    // protocol level 4, clean session, no keep-alive
    send_all(socket_, packet(0x10, field("MQTT") + std::string{"\x04\x02\x00\x00", 4} + field("")));
    std::array<char, 4> answer{};
    if (::recv(socket_, answer.data(), answer.size(), MSG_WAITALL) != 4 || answer[3] != 0)
        throw std::runtime_error{"the broker refuses the gateway"};
}

GatewayVoice::~GatewayVoice()
{
    ::close(socket_);
}

void GatewayVoice::say(const std::vector<std::pair<std::string, std::string>>& messages) const
{
    std::string all;
    for (const auto& [topic, payload] : messages) all += packet(0x30, field(topic) + payload);
    send_all(socket_, all);
}

}  // namespace raiten::test

#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace raiten::test {

/// What a Bluetooth gateway does: connects to a broker and publishes, MQTT 3.1.1 with QoS 0.
class GatewayVoice {
 public:
    explicit GatewayVoice(std::uint16_t port);
    ~GatewayVoice();
    GatewayVoice(const GatewayVoice&) = delete;
    GatewayVoice& operator=(const GatewayVoice&) = delete;

    /// Topics and payloads, all in one breath.
    void say(const std::vector<std::pair<std::string, std::string>>& messages) const;

 private:
    int socket_{-1};
};

}  // namespace raiten::test

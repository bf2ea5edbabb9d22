#pragma once

#include "daemon/base/result.hpp"
#include "sync/outbox_port.hpp"
#include "sync/topics.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace raiten::sync {

inline constexpr std::size_t ack_bytes_max = 1024;

/// HQ's word on what it has stored for good; a lane that it does not name is not spoken of.
struct HqAck {
    std::uint64_t epoch{};
    std::array<std::optional<std::uint64_t>, lanes.size()> through{};
};

struct Command {
    std::string payload;
};

using Downlink = std::variant<HqAck, Command>;

/// The one gate through which a message from HQ gets in: a signature is to be verified here, over
/// topic and payload, before anything is read. Refuses an unknown topic and a malformed ack.
Result<Downlink> admit_downlink(const Topics& topics, std::string_view topic, std::string payload);

/// `{"epoch":n,"coupon":s,"summary":s,"visit":s}`, flat, at most 1 KiB, unsigned integers only.
Result<HqAck> parse_ack(std::string_view text);

}  // namespace raiten::sync

#include "tests/support/btsnoop_reader.hpp"

#include "daemon/base/hex.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

namespace raiten::stage {
namespace {

constexpr std::uint64_t epoch_1970_us = 0x00DC'DDB3'0F2F'8000;
constexpr std::uint32_t datalink_h4 = 1002;
constexpr std::uint32_t datalink_monitor = 2001;
constexpr std::size_t head_bytes = 16;
constexpr std::size_t record_head_bytes = 24;
constexpr std::size_t packet_bytes_max = 4'096;
constexpr std::byte h4_command{1};
constexpr std::byte h4_event{4};

std::uint64_t be(std::span<const std::byte> bytes)
{
    std::uint64_t value = 0;
    for (const std::byte b : bytes) value = value << 8U | std::to_integer<std::uint64_t>(b);
    return value;
}

/// The H4 type byte that a monitor record's opcode stands for.
std::optional<std::byte> h4_type_of(std::uint32_t monitor_flags)
{
    const auto opcode = monitor_flags & 0xFFFFU;
    if (opcode == 2) return h4_command;
    if (opcode == 3) return h4_event;
    return std::nullopt;
}

}  // namespace

Result<std::vector<HciPacket>> read_btsnoop(std::span<const std::byte> file)
{
    const auto magic = bytes_of(std::string_view{"btsnoop\0", 8});
    if (file.size() < head_bytes || !std::equal(magic.begin(), magic.end(), file.begin()))
        return Problem{"not a btsnoop capture"};
    const auto datalink = be(file.subspan(12, 4));
    if (datalink != datalink_h4 && datalink != datalink_monitor)
        return Problem{"a btsnoop capture of kind " + std::to_string(datalink)
                       + "; 1002 and 2001 are read"};

    std::vector<HciPacket> packets;
    auto rest = file.subspan(head_bytes);
    while (rest.size() >= record_head_bytes) {
        const auto size = be(rest.subspan(4, 4));
        const auto flags = static_cast<std::uint32_t>(be(rest.subspan(8, 4)));
        const auto time = be(rest.subspan(16, 8));
        if (size > packet_bytes_max || size > rest.size() - record_head_bytes) break;
        const auto body = rest.subspan(record_head_bytes, size);
        rest = rest.subspan(record_head_bytes + size);

        HciPacket packet;
        packet.at =
            Micros{std::chrono::microseconds{static_cast<std::int64_t>(time - epoch_1970_us)}};
        packet.from_controller = (flags & 1U) != 0;
        if (datalink == datalink_monitor) {
            const auto type = h4_type_of(flags);
            if (!type) continue;
            packet.from_controller = *type == h4_event;
            packet.h4.push_back(*type);
        }
        packet.h4.insert(packet.h4.end(), body.begin(), body.end());
        packets.push_back(std::move(packet));
    }
    return packets;
}

}  // namespace raiten::stage

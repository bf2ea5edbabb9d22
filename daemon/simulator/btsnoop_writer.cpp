#include "daemon/simulator/btsnoop_writer.hpp"

#include "daemon/base/hex.hpp"

#include <cstdint>

namespace raiten::simulator {
namespace {

constexpr std::uint64_t epoch_1970_us = 0x00DC'DDB3'0F2F'8000;
constexpr std::uint32_t datalink_h4 = 1002;
constexpr std::byte h4_command{1};
constexpr std::byte h4_event{4};

void put_be(std::vector<std::byte>& out, std::uint64_t value, unsigned width)
{
    for (unsigned i = width; i-- > 0;)
        out.push_back(static_cast<std::byte>(value >> (8 * i) & 0xFFU));
}

}  // namespace

BtsnoopWriter::BtsnoopWriter()
{
    const auto magic = bytes_of(std::string_view{"btsnoop\0", 8});
    bytes_.assign(magic.begin(), magic.end());
    put_be(bytes_, 1, 4);
    put_be(bytes_, datalink_h4, 4);
}

void BtsnoopWriter::add(Micros at, bool from_controller, std::span<const std::byte> packet)
{
    const bool control = !packet.empty() && (packet[0] == h4_command || packet[0] == h4_event);
    put_be(bytes_, packet.size(), 4);
    put_be(bytes_, packet.size(), 4);
    put_be(bytes_, (from_controller ? 1U : 0U) | (control ? 2U : 0U), 4);
    put_be(bytes_, 0, 4);
    put_be(bytes_, epoch_1970_us + static_cast<std::uint64_t>(at.time_since_epoch().count()), 8);
    bytes_.insert(bytes_.end(), packet.begin(), packet.end());
}

}  // namespace raiten::simulator

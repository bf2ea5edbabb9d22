#include "drivers/rfid/em4100.hpp"

#include "daemon/base/hex.hpp"

namespace raiten::drivers::rfid {

Taken<Em4100> read_em4100(std::string_view digits)
{
    const auto bytes = from_hex(digits);
    if (!bytes || digits.size() != tag_digits) return Refusal{"not the twelve hex digits of a tag"};

    std::byte sum{};
    for (const std::byte byte : *bytes) sum ^= byte;
    if (sum != std::byte{}) return Refusal{"a tag with a wrong checksum"};

    Em4100 tag{std::to_integer<std::uint8_t>((*bytes)[0]), 0};
    for (std::size_t i = 1; i < 5; ++i)
        tag.number = tag.number << 8U | std::to_integer<std::uint32_t>((*bytes)[i]);
    // A reader whose antenna line is stuck sends zeros, and their checksum is right.
    if (tag.version == 0 && tag.number == 0) return Refusal{"a tag without a number"};
    return tag;
}

std::string card_token(const Em4100& tag)
{
    constexpr std::size_t printed_digits = 10;
    const std::string number = std::to_string(tag.number);
    return "card:" + std::string(printed_digits - number.size(), '0') + number;
}

}  // namespace raiten::drivers::rfid

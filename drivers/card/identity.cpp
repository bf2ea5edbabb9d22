#include "drivers/card/identity.hpp"

#include "daemon/base/hex.hpp"

#include <algorithm>
#include <array>

namespace raiten::drivers::card {
namespace {

constexpr std::byte random_tag{0x08};
constexpr std::byte cascade_tag{0x88};

bool all(Bytes bytes, std::byte value)
{
    return std::all_of(bytes.begin(), bytes.end(), [&](std::byte byte) { return byte == value; });
}

}  // namespace

Taken<std::string> uid_token(Bytes uid)
{
    const bool known_length =
        uid.size() == 4 || uid.size() == 7 || uid.size() == 8 || uid.size() == 10;
    if (!known_length) return Refusal{"a card number of a length that no card has"};
    if (all(uid, std::byte{0x00}) || all(uid, std::byte{0xFF}))
        return Refusal{"a card without a number"};
    // Phones, passports and some bank cards draw four bytes anew at every touch.
    if (uid.size() == 4 && uid[0] == random_tag) return Refusal{"a random card number"};
    // 88 says that more of the number follows in the next cascade level.
    if (uid[0] == cascade_tag && uid.size() == 4) return Refusal{"half of a card number"};
    return "nfc:" + to_hex(uid);
}

Taken<std::string> idm_token(Bytes idm)
{
    if (idm.size() != idm_bytes) return Refusal{"a FeliCa id that has not eight bytes"};
    if (all(idm, std::byte{0x00}) || all(idm, std::byte{0xFF}))
        return Refusal{"a card without a number"};
    if (idm[0] == std::byte{0x01} && idm[1] == std::byte{0xFE})
        return Refusal{"an NFC-DEP device, not a card"};
    std::array<std::byte, idm_bytes> one_identity{};
    std::copy(idm.begin(), idm.end(), one_identity.begin());
    one_identity[0] &= std::byte{0x0F};
    return "felica:" + to_hex(one_identity);
}

}  // namespace raiten::drivers::card

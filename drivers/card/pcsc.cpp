#include "drivers/card/pcsc.hpp"

#include <algorithm>

namespace raiten::drivers::card {
namespace {

unsigned u8(std::byte byte)
{
    return std::to_integer<unsigned>(byte);
}

Technology of_standard(unsigned standard, unsigned name)
{
    constexpr unsigned name_felica = 0x003B;
    if (name == name_felica) return Technology::felica;
    switch (standard) {
        case 0x00:
            return Technology::unnamed;
        case 0x01:
        case 0x02:
        case 0x03:
            return Technology::iso14443_a;
        case 0x05:
        case 0x06:
        case 0x07:
            return Technology::iso14443_b;
        case 0x09:
        case 0x0A:
        case 0x0B:
        case 0x0C:
            return Technology::iso15693;
        case 0x0D:
        case 0x0E:
        case 0x0F:
            return Technology::contact_memory;
        // 10 is a three-wire contact card in part 3, but readers say it of FeliCa cards; a contact
        // card has no number to ask for.
        case 0x10:
        case 0x11:
            return Technology::felica;
        case 0x40:
            return Technology::low_frequency;
        default:
            return Technology::unnamed;
    }
}

/// The card's number out of the reader's answer, by ISO 7816-4's status words.
Taken<Bytes> number_in(Bytes answer)
{
    if (answer.size() < 2) return Refusal{"a reader's answer cut short"};
    const Bytes number = answer.first(answer.size() - 2);
    const unsigned status = u8(answer[answer.size() - 2]) << 8U | u8(answer[answer.size() - 1]);
    switch (status) {
        case 0x9000:
        case 0x6282:  // fewer bytes than the reader was ready for
            if (number.empty()) return Refusal{"a card without a number"};
            return number;
        case 0x6A81:
            return Refusal{"a card whose number this reader cannot ask for"};
        case 0x6300:
            return Refusal{"a card that was taken away too soon"};
        default:
            return Refusal{"a reader's answer with an error"};
    }
}

}  // namespace

Technology technology(Bytes atr)
{
    constexpr std::array<unsigned, 12> storage_card{0x3B, 0x8F, 0x80, 0x01, 0x80, 0x4F,
                                                    0x0C, 0xA0, 0x00, 0x00, 0x03, 0x06};
    constexpr std::size_t storage_atr_bytes = 20;
    const bool storage =
        atr.size() == storage_atr_bytes
        && std::equal(storage_card.begin(), storage_card.end(), atr.begin(),
                      [](unsigned expected, std::byte byte) { return expected == u8(byte); });
    if (storage) return of_standard(u8(atr[12]), u8(atr[13]) << 8U | u8(atr[14]));

    const bool smart = atr.size() >= 5 && u8(atr[0]) == 0x3B && (u8(atr[1]) & 0xF0U) == 0x80
                       && u8(atr[2]) == 0x80 && u8(atr[3]) == 0x01
                       && atr.size() == 5 + (u8(atr[1]) & 0x0FU);
    return smart ? Technology::iso14443_4 : Technology::unknown;
}

Taken<std::string> card_token(const CardAnswer& answer)
{
    const auto number = number_in(answer.uid_answer);
    if (!number.has_value()) return number.error();
    switch (technology(answer.atr)) {
        case Technology::felica:
            return idm_token(*number);
        case Technology::iso14443_b:
            // Four bytes are the PUPI, which most cards of this type draw anew at every touch.
            if (number->size() == 4) return Refusal{"a random card number"};
            return uid_token(*number);
        case Technology::contact_memory:
            return Refusal{"a contact card, which has no number"};
        case Technology::unknown:
            return Refusal{"not a contactless card"};
        case Technology::low_frequency:
        case Technology::unnamed:
        case Technology::iso14443_a:
        case Technology::iso14443_4:
        case Technology::iso15693:
            return uid_token(*number);
    }
    return Refusal{"not a contactless card"};
}

}  // namespace raiten::drivers::card

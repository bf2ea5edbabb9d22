#include "daemon/simulator/people.hpp"

#include "daemon/base/hex.hpp"
#include "daemon/simulator/check_digit.hpp"
#include "daemon/simulator/dice.hpp"

#include <array>

namespace raiten::simulator {
namespace {

constexpr double share_with_app = 0.62;        // an iBeacon on the phone
constexpr double share_with_eddystone = 0.08;  // a tag on the keys
constexpr double share_with_altbeacon = 0.06;
constexpr double share_with_felica = 0.2;
constexpr double share_with_nfc = 0.1;
constexpr double share_with_em = 0.1;  // a 125 kHz card
constexpr double share_consenting = 0.97;
constexpr Millis badge_advertising{std::chrono::seconds{10}};
constexpr Millis fixture_advertising{std::chrono::seconds{10}};

std::string digits(std::uint64_t value, std::size_t width)
{
    auto text = std::to_string(value);
    if (text.size() < width) text.insert(0, width - text.size(), '0');
    return text;
}

std::string hex(std::uint64_t value, std::size_t bytes)
{
    std::vector<std::byte> out;
    for (std::size_t n = bytes; n-- > 0;)
        out.push_back(static_cast<std::byte>(value >> (8 * n) & 0xFFU));
    return to_hex(out);
}

/// Core specification, Vol 6 Part B 1.3.2: the two highest bits are 11 of a static address, 01 of
/// a resolvable one.
std::array<std::byte, 6> address_of(std::uint64_t bits, bool rotating)
{
    std::array<std::byte, 6> address{};
    for (std::size_t n = 0; n < address.size(); ++n)
        address[n] = static_cast<std::byte>(bits >> (8 * n) & 0xFFU);
    address[0] = (address[0] & std::byte{0x3F}) | (rotating ? std::byte{0x40} : std::byte{0xC0});
    return address;
}

class Enrolment {
 public:
    Enrolment(const Scenario& scenario, std::uint64_t seed) : scenario_{scenario}, seed_{seed} {}

    People take()
    {
        auto fixtures = dice_for(seed_, Purpose::fixture, {});
        people_.members = scenario_.members;
        people_.fixtures = static_cast<std::uint32_t>(fixtures.below(3));
        people_.staff = 2 + static_cast<std::uint32_t>(scenario_.crowd) + 1;
        const auto all = people_.members + people_.fixtures + people_.staff;
        for (std::uint32_t number = 0; number < all; ++number) {
            if (number < people_.members)
                member(number);
            else if (number < people_.members + people_.fixtures)
                fixture(number);
            else
                staff(number);
        }
        return std::move(people_);
    }

 private:
    std::uint32_t tag(std::string token, TokenKind kind, Millis advertising, Dice& dice)
    {
        people_.tags.push_back(
            {std::move(token), kind, advertising, false, address_of(dice.word(), false)});
        return static_cast<std::uint32_t>(people_.tags.size() - 1);
    }
    std::uint32_t beacon(std::uint32_t number, Millis advertising, Dice& dice)
    {
        return tag("ibeacon:" + std::string{fleet_uuid} + "/" + std::to_string(number >> 16U) + "/"
                       + std::to_string(number & 0xFFFFU),
                   TokenKind::ibeacon, advertising, dice);
    }
    void carry(Person& person, std::uint32_t number)
    {
        person.tags.push_back(number);
        person.carried = number;
    }

    void member(std::uint32_t number)
    {
        auto dice = dice_for(seed_, Purpose::person, {number});
        Person person;
        person.name = "m-" + digits(number, 6);
        person.consent = dice.chance(share_consenting);
        person.birth_month = static_cast<std::uint8_t>(1 + dice.below(12));
        person.card = tag("card:" + with_check_digit("29" + digits(number, 10)), TokenKind::card,
                          Millis{0}, dice);
        person.tags.push_back(*person.card);
        const double radio = dice.share();
        if (radio < share_with_app)
            carry(person, beacon(number, scenario_.advertising, dice));
        else if (radio < share_with_app + share_with_eddystone)
            carry(person, tag("eddystone-uid:" + std::string{fleet_namespace} + hex(number, 6),
                              TokenKind::eddystone_uid, scenario_.advertising, dice));
        else if (radio < share_with_app + share_with_eddystone + share_with_altbeacon)
            carry(person,
                  tag("altbeacon:" + std::string{fleet_namespace} + "000000000000" + hex(number, 4),
                      TokenKind::altbeacon, scenario_.advertising, dice));
        if (dice.chance(share_with_felica))
            person.tags.push_back(tag("felica:01" + hex(seed_ & 0xFFFFFFU, 3) + hex(number, 4),
                                      TokenKind::felica, Millis{0}, dice));
        if (dice.chance(share_with_nfc))
            person.tags.push_back(tag("nfc:04" + hex(number, 6), TokenKind::nfc, Millis{0}, dice));
        if (dice.chance(share_with_em))
            person.tags.push_back(
                tag("card:" + digits(1'000'000 + number, 10), TokenKind::card, Millis{0}, dice));
        people_.list.push_back(std::move(person));
    }

    void fixture(std::uint32_t number)
    {
        auto dice = dice_for(seed_, Purpose::person, {number});
        Person person;
        person.name = "m-" + digits(number, 6);
        person.fixture = true;
        person.birth_month = 1;
        carry(person, beacon(number, fixture_advertising, dice));
        people_.list.push_back(std::move(person));
    }

    void staff(std::uint32_t number)
    {
        auto dice = dice_for(seed_, Purpose::person, {number});
        Person person;
        person.name = "staff-" + std::to_string(number - people_.members - people_.fixtures + 1);
        person.staff = true;
        person.birth_month = static_cast<std::uint8_t>(1 + dice.below(12));
        carry(person, beacon(number, badge_advertising, dice));
        people_.list.push_back(std::move(person));
    }

    const Scenario& scenario_;
    std::uint64_t seed_;
    People people_;
};

}  // namespace

People make_people(const Scenario& scenario, std::uint64_t seed)
{
    return Enrolment{scenario, seed}.take();
}

Tag stranger_tag(std::uint64_t address_bits, bool rotating, Millis advertising)
{
    const auto address = address_of(address_bits, rotating);
    std::string token{"ble"};
    for (const std::byte b : address) token += ":" + to_hex(std::span{&b, 1});
    return {std::move(token), TokenKind::ble, advertising, rotating, address};
}

}  // namespace raiten::simulator

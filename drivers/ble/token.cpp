#include "drivers/ble/token.hpp"

#include "daemon/base/overloaded.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>

namespace raiten::drivers::ble {
namespace {

/// Both digits of every byte.
constexpr std::array<char, 512> hex_pairs = [] {
    constexpr std::string_view digits = "0123456789abcdef";
    std::array<char, 512> out{};
    for (std::size_t i = 0; i < 256; ++i) {
        out[2 * i] = digits[i >> 4U];
        out[2 * i + 1] = digits[i & 15U];
    }
    return out;
}();

void write_uuid(const std::array<std::byte, 16>& uuid, TokenText& token)
{
    const Bytes bytes{uuid};
    token.add_hex(bytes.first(4));
    for (const std::size_t at : {4U, 6U, 8U}) {
        token.add('-');
        token.add_hex(bytes.subspan(at, 2));
    }
    token.add('-');
    token.add_hex(bytes.subspan(10));
}

}  // namespace

void TokenText::add(std::string_view text)
{
    std::copy(text.begin(), text.end(), chars_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += text.size();
}

void TokenText::add_hex(Bytes bytes)
{
    char* to = chars_.data() + size_;
    for (const std::byte b : bytes) {
        *to++ = hex_pairs[2 * u8(b)];
        *to++ = hex_pairs[2 * u8(b) + 1];
    }
    size_ += 2 * bytes.size();
}

void TokenText::add_number(unsigned number)
{
    char* const begin = chars_.data() + size_;
    const auto end = std::to_chars(begin, chars_.data() + chars_max, number).ptr;
    size_ += static_cast<std::size_t>(end - begin);
}

void write_token(const Frame& frame, TokenText& token)
{
    std::visit(overloaded{
                   [&](const IBeacon& beacon) {
                       token.add("ibeacon:");
                       write_uuid(beacon.uuid, token);
                       token.add('/');
                       token.add_number(beacon.major);
                       token.add('/');
                       token.add_number(beacon.minor);
                   },
                   [&](const AltBeacon& beacon) {
                       token.add("altbeacon:");
                       token.add_hex(beacon.id);
                   },
                   [&](const EddystoneUid& beacon) {
                       token.add("eddystone-uid:");
                       token.add_hex(beacon.name_space);
                       token.add_hex(beacon.instance);
                   },
                   [&](const EddystoneEid& beacon) {
                       token.add("eddystone-eid:");
                       token.add_hex(beacon.eid);
                   },
                   [](const EddystoneUrl&) {},
                   [](const EddystoneTlm&) {},
                   [](const EddystoneEncryptedTlm&) {},
                   [](const ExposureNotification&) {},
               },
               frame);
}

std::string token_of(const Frame& frame)
{
    TokenText token;
    write_token(frame, token);
    return std::string{token.view()};
}

void write_token(const Address& address, TokenText& token)
{
    token.add("ble:");
    const Bytes bytes{address};
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i > 0) token.add(':');
        token.add_hex(bytes.subspan(i, 1));
    }
}

AllowList::AllowList(std::vector<std::string> beginnings) : beginnings_{std::move(beginnings)}
{
    for (std::string& beginning : beginnings_)
        for (char& c : beginning)
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    std::sort(beginnings_.begin(), beginnings_.end());
    std::vector<std::string> needed;
    for (std::string& beginning : beginnings_)
        if (needed.empty() || !beginning.starts_with(needed.back()))
            needed.push_back(std::move(beginning));
    beginnings_ = std::move(needed);
}

/// What lies between a beginning and the token in their order begins with that beginning too, and
/// was left out: so only the entry just before the token can be its beginning.
bool AllowList::allows(std::string_view token) const
{
    if (beginnings_.empty()) return true;
    const auto behind = std::upper_bound(beginnings_.begin(), beginnings_.end(), token);
    return behind != beginnings_.begin() && token.starts_with(*std::prev(behind));
}

}  // namespace raiten::drivers::ble

#pragma once

#include "daemon/model/ids.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace raiten {

/// The kinds of token, by the prefix of their text form.
enum class TokenKind : std::uint8_t {
    ibeacon,
    eddystone_uid,
    eddystone_eid,
    altbeacon,
    ble,
    nfc,
    felica,
    card,
    qr,
    app,
};

inline constexpr std::array<std::string_view, 10> token_prefixes{
    "ibeacon", "eddystone-uid", "eddystone-eid", "altbeacon", "ble",
    "nfc",     "felica",        "card",          "qr",        "app"};

/// The longest token text that is accepted, prefix included.
inline constexpr std::size_t token_bytes_max = 256;

/// A set of kinds: bit n stands for the kind with number n.
using TokenKinds = std::uint16_t;

constexpr TokenKinds kind_bit(TokenKind kind)
{
    return static_cast<TokenKinds>(1U << static_cast<unsigned>(kind));
}

/// What a passive Bluetooth reader can hear.
inline constexpr TokenKinds bluetooth_kinds =
    kind_bit(TokenKind::ibeacon) | kind_bit(TokenKind::eddystone_uid)
    | kind_bit(TokenKind::eddystone_eid) | kind_bit(TokenKind::altbeacon)
    | kind_bit(TokenKind::ble);

/// "ibeacon:…" -> ibeacon; nothing for an unknown prefix.
constexpr std::optional<TokenKind> kind_of(std::string_view text)
{
    const auto colon = text.find(':');
    for (std::size_t i = 0; i < token_prefixes.size(); ++i)
        if (colon != std::string_view::npos && text.substr(0, colon) == token_prefixes[i])
            return static_cast<TokenKind>(i);
    return std::nullopt;
}

/// A token as the engine sees it: no longer readable, but comparable.
struct Token {
    TokenKey key;
    TokenKind kind{};
    bool rotating{};  ///< a random address that changes by itself: counted apart, never a member
    std::uint32_t model{};  ///< tells makes of tag apart: those of one behave alike; 0 is unknown

    friend bool operator==(const Token&, const Token&) = default;
    template <class Archive>
    void archive(Archive& a)
    {
        a(key, kind, rotating, model);
    }
};

}  // namespace raiten

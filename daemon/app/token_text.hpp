#pragma once

#include "daemon/base/result.hpp"
#include "daemon/model/token.hpp"

#include <string>
#include <string_view>

namespace raiten::app {

/// A token's text in its one form, so that every reader's way of writing gives the same member:
///
///     ibeacon:<uuid>/<major>/<minor>   uuid lower case with dashes, numbers without leading 0
///     eddystone-uid: eddystone-eid: altbeacon: nfc: felica:
///                                      1 to 32 bytes of hex, lower case; : - and blanks cut
///     ble:<mac>                        lower case, with colons
///     card:<digits>                    1 to 64 digits, as they are (leading zeros count)
///     qr:<text>  app:<id>              as they are: UTF-8 without control characters
struct TokenText {
    std::string text;
    TokenKind kind{};
};

/// What tags of one make have in common: "ibeacon:<uuid>", "eddystone-uid:<namespace>",
/// "altbeacon:<first 16 bytes>", "ble:<vendor>", else only the kind. Nobody's identity.
std::string_view make_of(const TokenText& token);

/// Anything else is a problem, which never repeats the token itself, only its kind.
Result<TokenText> normalise_token(std::string_view text);

/// Valid UTF-8 without control characters.
bool is_plain_utf8(std::string_view text);

}  // namespace raiten::app

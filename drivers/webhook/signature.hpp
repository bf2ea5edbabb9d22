#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

/// Who sent a webhook: what each service puts into a header field to prove it. Every comparison
/// takes the same time wherever the difference lies. Any of several keys will do, so that a key
/// can be changed without losing a message.
namespace raiten::drivers::webhook {

enum class Proof : std::uint8_t {
    genuine,
    no_key,   ///< the store has none, so nothing can be believed
    missing,  ///< the field is not there, or empty
    wrong     ///< signed with another key, or changed on the way
};
/// For the sender's log: what is wrong and where to look.
std::string_view text(Proof proof);

using Keys = std::span<const std::string>;

constexpr std::string_view square_header = "x-square-hmacsha256-signature";
constexpr std::string_view shopify_header = "x-shopify-hmac-sha256";
constexpr std::string_view shared_secret_header = "x-raiten-key";  ///< unless the store says else

/// Base64 of HMAC-SHA-256 over the subscription's notification URL and the body, just as they are.
Proof check_square(Keys keys, std::string_view notification_url, std::string_view body,
                   std::string_view signature);

/// Base64 of HMAC-SHA-256 over the body.
Proof check_shopify(Keys keys, std::string_view body, std::string_view signature);

/// A secret that the sender was told to put into a field of its own (Smaregi signs nothing).
Proof check_shared_secret(Keys keys, std::string_view shown);

}  // namespace raiten::drivers::webhook

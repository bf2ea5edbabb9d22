#include "drivers/webhook/signature.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <cstddef>

namespace raiten::drivers::webhook {
namespace {

constexpr std::size_t mac_bytes = 32;
constexpr std::size_t mac_text_bytes = 44;  ///< in base64
using Mac = std::array<unsigned char, mac_bytes>;

const unsigned char* bytes(std::string_view text)
{
    return reinterpret_cast<const unsigned char*>(text.data());
}

Mac mac_of(std::string_view key, std::string_view message)
{
    Mac mac{};
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes(message), message.size(),
         mac.data(), nullptr);
    return mac;
}

/// Every key is tried, whichever fits: the time tells nothing.
template <class Fits>
Proof any_of(Keys keys, std::string_view shown, const Fits& fits)
{
    bool some_key = false;
    bool genuine = false;
    for (const auto& key : keys) {
        if (key.empty()) continue;
        some_key = true;
        genuine = fits(key) || genuine;
    }
    if (!some_key) return Proof::no_key;
    if (shown.empty()) return Proof::missing;
    return genuine ? Proof::genuine : Proof::wrong;
}

Proof check_mac(Keys keys, std::string_view message, std::string_view signature)
{
    return any_of(keys, signature, [&](const std::string& key) {
        const Mac mac = mac_of(key, message);
        std::array<unsigned char, mac_text_bytes + 1> text{};
        EVP_EncodeBlock(text.data(), mac.data(), static_cast<int>(mac.size()));
        return signature.size() == mac_text_bytes
               && CRYPTO_memcmp(text.data(), signature.data(), mac_text_bytes) == 0;
    });
}

}  // namespace

std::string_view text(Proof proof)
{
    switch (proof) {
        case Proof::genuine:
            return "genuine";
        case Proof::no_key:
            return "this store has no key for this service; set one in its configuration";
        case Proof::missing:
            return "the request is not signed";
        case Proof::wrong:
            return "the signature does not fit: another key, another address, or a changed body";
    }
    return "";
}

Proof check_square(Keys keys, std::string_view notification_url, std::string_view body,
                   std::string_view signature)
{
    std::string message{notification_url};
    message += body;
    return check_mac(keys, message, signature);
}

Proof check_shopify(Keys keys, std::string_view body, std::string_view signature)
{
    return check_mac(keys, body, signature);
}

Proof check_shared_secret(Keys keys, std::string_view shown)
{
    // Digests are compared, so that not even the secret's length shows in the time.
    const Mac seen = mac_of("shown", shown);
    return any_of(keys, shown, [&](const std::string& key) {
        const Mac own = mac_of("shown", key);
        return CRYPTO_memcmp(own.data(), seen.data(), seen.size()) == 0;
    });
}

}  // namespace raiten::drivers::webhook

#include "daemon/http/digest.hpp"

#include "daemon/base/hex.hpp"

#include <openssl/evp.h>

#include <array>
#include <cstddef>
#include <span>
#include <stdexcept>

namespace raiten::http {

std::string sha256_hex(std::string_view text)
{
    std::array<unsigned char, 32> digest{};
    unsigned int size = 0;
    if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1)
        throw std::runtime_error{"OpenSSL has no SHA-256"};
    return to_hex(std::as_bytes(std::span{digest}));
}

std::string etag_of(std::string_view content)
{
    return '"' + sha256_hex(content).substr(0, 32) + '"';
}

bool none_match_holds(std::string_view if_none_match, std::string_view etag)
{
    constexpr std::string_view between = " \t,";
    for (;;) {
        const std::size_t begin = if_none_match.find_first_not_of(between);
        if (begin == std::string_view::npos) return false;
        if_none_match.remove_prefix(begin);
        if (if_none_match.front() == '*') return true;
        if (if_none_match.starts_with("W/")) if_none_match.remove_prefix(2);
        if (!if_none_match.starts_with('"')) return false;
        const std::size_t close = if_none_match.find('"', 1);
        if (close == std::string_view::npos) return false;
        if (if_none_match.substr(0, close + 1) == etag) return true;
        if_none_match.remove_prefix(close + 1);
    }
}

}  // namespace raiten::http

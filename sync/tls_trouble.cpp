#include "sync/tls_trouble.hpp"

#include <openssl/err.h>

#include <fstream>
#include <utility>

namespace raiten::sync {

namespace {
constexpr std::size_t tls_text_bytes_max = 500;
}

std::string unreadable_tls_file(const LinkSettings& settings)
{
    for (const auto& [what, file] : {std::pair{"CA file", &settings.ca_file},
                                     {"client certificate", &settings.certificate_file},
                                     {"key", &settings.key_file}}) {
        if (!file->empty() && !std::ifstream{*file}.good())
            return std::string{"cannot read the "} + what + " " + *file;
    }
    return {};
}

std::string named_tls_files(const LinkSettings& settings)
{
    std::string text = " (CA " + settings.ca_file;
    if (!settings.certificate_file.empty()) {
        text += ", certificate " + settings.certificate_file + ", key " + settings.key_file;
    }
    return text + ")";
}

std::string take_tls_errors()
{
    std::string all;
    while (const auto code = ::ERR_get_error()) {
        const char* reason = ::ERR_reason_error_string(code);
        const auto text = reason ? std::string{reason} : "OpenSSL error " + std::to_string(code);
        if (all.size() + text.size() + 2 > tls_text_bytes_max) continue;
        if (!all.empty()) all += ", ";
        all += text;
    }
    return all;
}

}  // namespace raiten::sync

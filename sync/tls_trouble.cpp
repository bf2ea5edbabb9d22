#include "sync/tls_trouble.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <fstream>
#include <utility>

namespace raiten::sync {

namespace {

constexpr std::size_t tls_text_bytes_max = 500;

// Paho's C++ face cannot lend a lasting error callback, and Paho empties OpenSSL's list before it
// reports the failure. What remains is the moment at which it frees the connection, on the same
// thread and just before that report.
thread_local long verified_last = X509_V_OK;

void remember_verdict(void* freed, void*, CRYPTO_EX_DATA*, int, long, void*)
{
    if (freed) verified_last = ::SSL_get_verify_result(static_cast<SSL*>(freed));
}

}  // namespace

void watch_tls()
{
    static const int once = ::CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL, 0, nullptr, nullptr,
                                                      nullptr, remember_verdict);
    static_cast<void>(once);
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
    if (const auto verdict = std::exchange(verified_last, X509_V_OK); verdict != X509_V_OK) {
        all = std::string{"certificate verify failed: "} + ::X509_verify_cert_error_string(verdict);
    }
    while (const auto code = ::ERR_get_error()) {
        if (ERR_GET_REASON(code) == SSL_R_SHUTDOWN_WHILE_IN_INIT) continue;  // a consequence
        const char* reason = ::ERR_reason_error_string(code);
        const auto text = reason ? std::string{reason} : "OpenSSL error " + std::to_string(code);
        if (all.size() + text.size() + 2 > tls_text_bytes_max) continue;
        if (!all.empty()) all += ", ";
        all += text;
    }
    return all;
}

}  // namespace raiten::sync

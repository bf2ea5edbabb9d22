#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace raiten::sync {

/// Why there is no connection, by kind: counted, and shown to the operator with its text.
enum class FailureKind {
    unreachable,          ///< no TCP connection, no such host, no answer
    tls,                  ///< a certificate, key or CA that does not fit
    refused_protocol,     ///< the broker does not speak this version of MQTT
    refused_credentials,  ///< user, password, certificate or permissions
    refused,              ///< any other refusal; the text says which
    lost,                 ///< an established connection broke
    refused_message,      ///< the broker turned one message down; the text says why
};
inline constexpr std::size_t failure_kinds = 7;
std::string_view name(FailureKind kind);

/// Of a CONNACK: its codes in 3.1.1 are 1 to 5, those of MQTT 5 begin at 0x80.
FailureKind kind_of_refusal(int code);
std::string text_of_refusal(int code);

/// Of a PUBACK: the same message would be refused again.
bool is_for_good(int reason);

}  // namespace raiten::sync

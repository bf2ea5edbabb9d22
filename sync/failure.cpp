#include "sync/failure.hpp"

#include <mqtt/exception.h>

#include <array>

namespace raiten::sync {

std::string_view name(FailureKind kind)
{
    constexpr std::array<std::string_view, failure_kinds> names{
        "unreachable", "tls",  "refused_protocol", "refused_credentials",
        "refused",     "lost", "refused_message"};
    return names[static_cast<std::size_t>(kind)];
}

FailureKind kind_of_refusal(int code)
{
    switch (code) {
        case 1:
        case mqtt::UNSUPPORTED_PROTOCOL_VERSION:
            return FailureKind::refused_protocol;
        case 4:
        case 5:
        case mqtt::BAD_USER_NAME_OR_PASSWORD:
        case mqtt::NOT_AUTHORIZED:
        case mqtt::BANNED:
        case mqtt::BAD_AUTHENTICATION_METHOD:
            return FailureKind::refused_credentials;
        default:
            return FailureKind::refused;
    }
}

std::string text_of_refusal(int code)
{
    static constexpr std::array<const char*, 6> texts_311{"",
                                                          "unacceptable protocol version",
                                                          "client id refused",
                                                          "server unavailable",
                                                          "bad user name or password",
                                                          "not authorized"};
    if (code > 0 && code < 6) return texts_311[static_cast<std::size_t>(code)];
    auto known = mqtt::exception::reason_code_str(code);
    return known.empty() ? "reason code " + std::to_string(code) : known;
}

bool is_for_good(int reason)
{
    return reason == mqtt::PACKET_TOO_LARGE || reason == mqtt::PAYLOAD_FORMAT_INVALID
           || reason == mqtt::TOPIC_NAME_INVALID;
}

}  // namespace raiten::sync

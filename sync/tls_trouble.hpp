#pragma once

#include "sync/link.hpp"

#include <string>

namespace raiten::sync {

/// Which of the TLS files cannot be read, if any.
std::string unreadable_tls_file(const LinkSettings& settings);

/// " (CA …, certificate …, key …)": what the operator has to look at.
std::string named_tls_files(const LinkSettings& settings);

/// Once, before the first TLS connection, so that take_tls_errors can know how it ended.
void watch_tls();

/// What was wrong with the TLS connection that this thread has just closed: what its certificate
/// failed by, or what OpenSSL has put on its list. At most 500 bytes; empty where there is nothing.
std::string take_tls_errors();

}  // namespace raiten::sync

#pragma once

#include "sync/link.hpp"

#include <string>

namespace raiten::sync {

/// Which of the TLS files cannot be read, if any.
std::string unreadable_tls_file(const LinkSettings& settings);

/// " (CA …, certificate …, key …)": what the operator has to look at.
std::string named_tls_files(const LinkSettings& settings);

/// What OpenSSL has to say of the failure that this thread has just met; empties its list. At most
/// 500 bytes; empty where TLS was not to blame.
std::string take_tls_errors();

}  // namespace raiten::sync

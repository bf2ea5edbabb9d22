#pragma once

#include "daemon/http/core.hpp"
#include "daemon/http/request_reader.hpp"

#include <string>
#include <variant>

namespace raiten::http {

/// Both ends of a connection, as far as they matter to us.
struct Ends {
    std::string peer;   // address, or "unix:uid=…"
    std::string bound;  // the address it came in on; empty for a unix socket
    bool local_operator = false;
};

/// A request that may go to its route, once its body is here.
struct Admitted {
    const Route* route = nullptr;
    Request request;  // without the body
    bool head_only = false;
    bool keep_alive = false;
    bool has_body = false;
};

/// Everything that can be decided before the body is read, in this order: form, host, route,
/// method, who calls, whether that role may, whether another site made it.
std::variant<Admitted, Refused> admit(const Core& core, const Ends& ends, bool secure, Head head);

}  // namespace raiten::http

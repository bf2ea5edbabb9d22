#pragma once

#include "daemon/http/asset.hpp"

#include <vector>

namespace raiten::http {

/// The kiosk page, ready for Router::mount: the page itself at "/", its parts under "/kiosk/".
/// The bytes are part of the program.
std::vector<Asset> kiosk_assets();

}  // namespace raiten::http

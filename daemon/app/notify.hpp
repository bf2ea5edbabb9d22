#pragma once

#include "daemon/base/instant.hpp"

#include <optional>
#include <string>

/// What systemd is told (sd_notify(3)). Without systemd every call does nothing.
namespace raiten::app::notify {

void ready(const std::string& status);
void status(const std::string& text);
/// The configuration is read again; ready() says when that is over.
void reloading();
void stopping(const std::string& status);
/// The loop is alive.
void watchdog();

/// Within which time systemd wants watchdog(); nothing if it does not. Call it twice as often.
std::optional<Millis> watchdog_interval();

}  // namespace raiten::app::notify

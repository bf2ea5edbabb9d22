#pragma once

#include "daemon/model/reading.hpp"

#include <cstddef>
#include <functional>
#include <span>

namespace raiten::drivers {

using Tell = std::function<void(Reading)>;

/// Turns the bytes of one device into readings. It owns no socket, no timer and no clock,
/// takes its input cut anywhere, and finds its feet again after garbage.
class Translator {
 public:
    virtual ~Translator() = default;
    virtual void feed(std::span<const std::byte> bytes, const Tell& tell) = 0;

    /// The stream ended or was cut: whatever is half read is told as garbled or complete.
    virtual void finish(const Tell& tell) { static_cast<void>(tell); }
};

}  // namespace raiten::drivers

#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/model/reading.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

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

/// Hands bytes to the wire for the device. They are valid during the call only; the wire queues
/// them and never feeds the answer from within.
using Say = std::function<void(std::span<const std::byte>)>;

/// How far a device is that has to be spoken to before it reports anything.
enum class DevicePhase : std::uint8_t { down, starting, ready };

struct DeviceState {
    DevicePhase phase{DevicePhase::down};
    std::string reason;  ///< for people: why it is down, what it waits for, how it is used
};

/// How long the device may take. The wire starts a timer of `span` whenever `number` differs from
/// the one it saw last, and only then: a chatty device must not postpone its own deadline.
struct TimeLimit {
    std::uint64_t number{};
    Millis span{};
};

/// A translator for a device that must be asked, configured or kept alive: it also talks back.
/// Still no socket, timer or clock. The wire's part, for every device of this kind:
///
///     wire opened   -> start(say)
///     bytes         -> feed(bytes, tell, say)
///     time ran out  -> expired(tell, say)
///     wire closed   -> finish(tell)
///     after each    -> state() tells whether somebody listens; time_limit() what to wait for
///
/// `start` may be called again after `finish`: nothing of the previous device is remembered.
class Dialogue : public Translator {
 public:
    virtual void start(const Say& say) = 0;
    virtual void feed(std::span<const std::byte> bytes, const Tell& tell, const Say& say) = 0;

    /// The time limit that `time_limit()` last named has run out.
    virtual void expired(const Tell& tell, const Say& say) = 0;

    /// What is being waited for now; nothing when no timer is needed.
    virtual std::optional<TimeLimit> time_limit() const = 0;
    virtual const DeviceState& state() const = 0;

    /// The translator's face: listening only, what it would say goes nowhere.
    void feed(std::span<const std::byte> bytes, const Tell& tell) final
    {
        feed(bytes, tell, [](std::span<const std::byte>) {});
    }
};

}  // namespace raiten::drivers

#pragma once

#include "drivers/noise.hpp"
#include "drivers/translator.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace raiten::drivers {

/// One `struct input_event` of a 64-bit Linux: type, code and value; its time is not used.
struct InputEvent {
    std::uint16_t type{};
    std::uint16_t code{};
    std::int32_t value{};
};

namespace input {
inline constexpr std::uint16_t type_sync = 0;
inline constexpr std::uint16_t type_key = 1;
inline constexpr std::uint16_t sync_dropped = 3;
inline constexpr std::int32_t value_pressed = 1;
inline constexpr std::int32_t value_released = 0;
}  // namespace input

/// Cuts a stream into events. A record that cannot be one (see the README) means that bytes were
/// lost or damaged: the next two good ones in a row are looked for, byte by byte.
class InputEvents {
 public:
    static constexpr std::size_t record_bytes = 24;

    using OnEvent = std::function<void(const InputEvent&)>;
    using OnLost = std::function<void(std::size_t bytes)>;

    /// `on_lost` is called once for each run of bytes that belong to no event, before the event
    /// behind it.
    void feed(std::span<const std::byte> bytes, const OnEvent& on_event, const OnLost& on_lost);
    void finish(const OnEvent& on_event, const OnLost& on_lost);

 private:
    bool take(bool at_end, const OnEvent& on_event, const OnLost& on_lost);

    std::vector<std::byte> held_;
    std::size_t at_{};
    std::size_t lost_{};  ///< bytes since the thread was lost; 0: it is not
};

}  // namespace raiten::drivers

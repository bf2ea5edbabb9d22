#include "drivers/keyboard/input_event.hpp"

namespace raiten::drivers {
namespace {

using Bytes = std::span<const std::byte>;

std::uint64_t number_at(Bytes bytes, std::size_t at, std::size_t size)
{
    std::uint64_t number = 0;
    for (std::size_t i = size; i > 0; --i)
        number = number << 8U | std::to_integer<std::uint64_t>(bytes[at + i - 1]);
    return number;
}

InputEvent event_in(Bytes record)
{
    return {static_cast<std::uint16_t>(number_at(record, 16, 2)),
            static_cast<std::uint16_t>(number_at(record, 18, 2)),
            static_cast<std::int32_t>(static_cast<std::uint32_t>(number_at(record, 20, 4)))};
}

/// Times until the year 2242, and what the kernel can say.
bool is_event(Bytes record)
{
    constexpr std::uint64_t seconds_end = std::uint64_t{1} << 33U;
    constexpr std::uint64_t microseconds_end = 1'000'000;
    if (number_at(record, 0, 8) >= seconds_end || number_at(record, 8, 8) >= microseconds_end)
        return false;
    const InputEvent event = event_in(record);
    constexpr std::uint16_t types_end = 0x20;
    constexpr std::uint16_t keys_end = 0x300;
    if (event.type == input::type_sync) return event.code <= 0x0F;
    if (event.type == input::type_key)
        return event.code < keys_end && event.value >= 0 && event.value <= 2;
    return event.type < types_end;
}

}  // namespace

void InputEvents::feed(Bytes bytes, const OnEvent& on_event, const OnLost& on_lost)
{
    held_.insert(held_.end(), bytes.begin(), bytes.end());
    while (take(false, on_event, on_lost)) {
    }
    held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(at_));
    at_ = 0;
}

void InputEvents::finish(const OnEvent& on_event, const OnLost& on_lost)
{
    while (take(true, on_event, on_lost)) {
    }
    lost_ += held_.size() - at_;
    if (lost_ > 0) on_lost(lost_);
    lost_ = 0;
    held_.clear();
    at_ = 0;
}

/// Whether anything was taken. While the thread is lost one good record does not prove that it was
/// found again, unless it is the last.
bool InputEvents::take(bool at_end, const OnEvent& on_event, const OnLost& on_lost)
{
    const Bytes rest = Bytes{held_}.subspan(at_);
    if (rest.size() < record_bytes) return false;
    const bool two = rest.size() >= 2 * record_bytes;
    bool good = is_event(rest.first(record_bytes));
    if (good && lost_ > 0) {
        if (!two && !at_end) return false;
        good =
            two ? is_event(rest.subspan(record_bytes, record_bytes)) : rest.size() == record_bytes;
    }
    if (!good) {
        ++lost_;
        ++at_;
        return true;
    }
    if (lost_ > 0) on_lost(lost_);
    lost_ = 0;
    at_ += record_bytes;
    on_event(event_in(rest));
    return true;
}

}  // namespace raiten::drivers

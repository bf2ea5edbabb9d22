#include "daemon/app/clock.hpp"
#include "daemon/app/devices/device.hpp"
#include "daemon/wire/link.hpp"

#include <array>

namespace raiten::app {
namespace {

/// What a device that only speaks has begun and not ended within this pause is taken as it is.
constexpr Millis line_pause{1'000};

/// A device at the end of a line that is kept open. Some speak by themselves, some must be talked
/// to: then its dialogue says whether somebody listens, and what is waited for.
class LineDevice final : public Readers::Device {
 public:
    LineDevice(const DeviceHouse& house, const ReaderSettings& settings)
        : Device{house, settings},
          link_{house.executor, *settings.device, {}, link_callbacks(), house.callbacks.random}
    {
        set_state("down", "not opened yet");
    }

    Result<void> start() override
    {
        const auto* driver = drivers::find_driver(settings().format);
        if (driver->converse != nullptr) {
            dialogue_ = driver->converse(options());
        } else {
            auto listener = driver->listen(options());
            if (!listener) return listener.error();
            listener_ = std::move(*listener);
        }
        link_.start();
        return {};
    }
    void stop() override { link_.stop(); }

 private:
    wire::LinkCallbacks link_callbacks()
    {
        wire::LinkCallbacks on;
        on.on_up = [this] {
            if (!dialogue_) return set_state("up", "the line is open");
            dialogue_->start(say_);
            look();
        };
        on.on_bytes = [this](std::span<const std::byte> bytes) {
            now_ = wall_now();
            if (!dialogue_) {
                listener_->feed(bytes, tell_);
                return link_.expect_within(line_pause);
            }
            dialogue_->feed(bytes, tell_, say_);
            look();
        };
        on.on_timeout = [this] {
            now_ = wall_now();
            if (!dialogue_) return listener_->finish(tell_);
            dialogue_->expired(tell_, say_);
            look();
        };
        on.on_down = [this](const std::string& reason) {
            now_ = wall_now();
            limit_.reset();
            if (dialogue_)
                dialogue_->finish(tell_);
            else
                listener_->finish(tell_);
            set_state("down", reason);
        };
        return on;
    }

    /// After each exchange: does somebody listen, and what is waited for?
    void look()
    {
        const auto& state = dialogue_->state();
        constexpr std::array<const char*, 3> phases{"down", "starting", "up"};
        set_state(phases[static_cast<std::size_t>(state.phase)], state.reason);
        const auto limit = dialogue_->time_limit();
        if (!limit) {
            link_.expect_nothing();
        } else if (limit_ != limit->number) {
            link_.expect_within(limit->span);
        }
        limit_ = limit ? std::optional{limit->number} : std::nullopt;
    }

    std::unique_ptr<drivers::Dialogue> dialogue_;
    std::unique_ptr<drivers::Translator> listener_;
    Instant now_{};
    std::optional<std::uint64_t> limit_;
    drivers::Tell tell_{[this](const Reading& reading) {
        const auto* seen = std::get_if<TokenSeen>(&reading);
        take(seen ? Reading{on_a_par(*seen)} : reading, now_);
    }};
    drivers::Say say_{[this](std::span<const std::byte> bytes) { link_.write(bytes); }};
    wire::Link link_;
};

}  // namespace

MadeDevice make_line_device(const DeviceHouse& house, const ReaderSettings& settings)
{
    return std::make_unique<LineDevice>(house, settings);
}

}  // namespace raiten::app

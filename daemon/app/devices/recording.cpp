#include "daemon/app/clock.hpp"
#include "daemon/app/devices/device.hpp"

#include <boost/asio/steady_timer.hpp>

#include <fstream>

namespace raiten::app {
namespace {

/// Recorded events, played once: the first when raitend starts, the others as long after it as
/// they were. For trials and training; the file is read on the event loop.
class RecordingDevice final : public Readers::Device {
 public:
    RecordingDevice(const DeviceHouse& house, const ReaderSettings& settings)
        : Device{house, settings}, timer_{house.executor}
    {
    }

    Result<void> start() override
    {
        file_.open(settings().file);
        if (!file_) return Problem{"cannot be opened", settings().file, "name an NDJSON file"};
        set_state("up", "playing " + settings().file);
        began_ = wall_now();
        play();
        return {};
    }
    void stop() override { timer_.cancel(); }

 private:
    static constexpr int events_at_once = 100;  ///< then others have their turn

    /// Plays what is due, then waits for the next.
    void play()
    {
        for (int i = 0; i < events_at_once; ++i) {
            if (!next_ && !read_next()) return set_state("down", "played to its end");
            const Instant due = began_ + (*next_->at - *first_);
            if (due > wall_now()) return wait(due - wall_now());
            RawEvent event = std::move(*next_);
            next_.reset();
            event.at = due;
            event.received_at.reset();
            take_event(event, due);
        }
        wait(Millis{0});
    }

    void wait(Millis span)
    {
        timer_.expires_after(span);
        timer_.async_wait([this](const boost::system::error_code& ec) {
            if (!ec) play();
        });
    }

    bool read_next()
    {
        for (std::string line; std::getline(file_, line);) {
            auto event = parse_line(line);
            if (!event || !event->at) {
                count_garbled("a line that is no event with a time");
                continue;
            }
            next_ = std::move(*event);
            if (!first_) first_ = next_->at;
            return true;
        }
        return false;
    }

    boost::asio::steady_timer timer_;
    std::ifstream file_;
    Instant began_{};
    std::optional<Instant> first_;
    std::optional<RawEvent> next_;
};

}  // namespace

MadeDevice make_recording_device(const DeviceHouse& house, const ReaderSettings& settings)
{
    return std::make_unique<RecordingDevice>(house, settings);
}

}  // namespace raiten::app

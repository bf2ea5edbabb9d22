#include "daemon/app/clock.hpp"
#include "daemon/app/devices/device.hpp"
#include "daemon/app/log.hpp"
#include "daemon/wire/process.hpp"

namespace raiten::app {
namespace {

/// A program that prints normalised events. Events of type reader say how the device behind it is;
/// the name in an event may be left to the program, its own name stands for the program itself.
class ProgramDevice final : public Readers::Device {
 public:
    using Device::Device;

    Result<void> start() override
    {
        wire::Program program;
        program.words = settings().command;
        program.reader = name();
        program.time_zone = house().settings.store.timezone;
        if (const auto good = wire::check(program); !good) return good.error();

        wire::ProcessLimits limits;
        limits.line_bytes_max = ndjson_line_bytes_max;
        limits.lines_per_second = settings().lines_a_second;
        limits.lines_burst = 5 * settings().lines_a_second;
        wire::ProcessCallbacks on;
        on.on_up = [this] { set_state("up", "the program runs"); };
        on.on_line = [this](std::string_view line) { take_line(line); };
        on.on_log = [this](std::string_view line) {
            log::info("reader.program", {{"reader", name()}, {"says", line}});
        };
        on.on_throttled = [this] { count_garbled("held back: more lines than it may print"); };
        on.on_down = [this](const std::string& reason) { set_state("down", reason); };
        process_ = std::make_unique<wire::Process>(house().executor, std::move(program), limits,
                                                   std::move(on), house().callbacks.random);
        process_->start();
        return {};
    }
    void stop() override
    {
        if (process_) process_->stop();
    }

 private:
    void take_line(std::string_view line)
    {
        if (line.empty()) return;
        const auto event = parse_line(line);
        if (!event) {
            log::problem(log::Level::debug, "reader.line", event.error());
            return count_garbled("a line that is no event");
        }
        take_event(*event, wall_now());
    }

    std::unique_ptr<wire::Process> process_;
};

}  // namespace

MadeDevice make_program_device(const DeviceHouse& house, const ReaderSettings& settings)
{
    return std::make_unique<ProgramDevice>(house, settings);
}

}  // namespace raiten::app

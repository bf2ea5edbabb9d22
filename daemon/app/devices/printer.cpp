#include "daemon/app/clock.hpp"
#include "daemon/app/devices/device.hpp"
#include "daemon/app/log.hpp"
#include "daemon/wire/link.hpp"
#include "daemon/wire/printer_proxy.hpp"

#include <map>

namespace raiten::app {
namespace {

/// After a pause this long within a stream, a slip that no cut has ended is taken as whole.
constexpr Millis slip_pause{5'000};

/// One job on its way to a printer, and what it was seen to say.
struct PrintJob {
    std::unique_ptr<drivers::Translator> translator;
    std::optional<Instant> began;  ///< of the first byte since the last slip
};

/// What a register prints, from a proxy in front of the printer or from a tap on its line.
class PrinterDevice final : public Readers::Device {
 public:
    using Device::Device;

    Result<void> start() override
    {
        // Patterns that do not compile are found here, not at the first receipt.
        if (const auto translator = drivers::make_escpos(options().escpos); !translator)
            return Problem{translator.error().what,
                           "reader " + name() + ": patterns." + translator.error().where,
                           translator.error().advice};
        if (settings().tap) return start_tap();
        return start_proxy();
    }

    void stop() override
    {
        if (proxy_) proxy_->stop();
        if (tap_) tap_->stop();
    }

 private:
    Result<void> start_proxy()
    {
        wire::TapCallbacks on;
        on.on_first_byte = [](wire::ConnectionNumber) {};
        on.on_bytes = [this](wire::ConnectionNumber number, std::span<const std::byte> bytes) {
            feed(jobs_[number], bytes);
        };
        on.on_idle = [this](wire::ConnectionNumber number) { finish(jobs_[number]); };
        on.on_lost = [this](wire::ConnectionNumber, std::uint64_t) {
            count_garbled("bytes lost, because the loop was busy");
        };
        on.on_closed = [this](wire::ConnectionNumber number) {
            finish(jobs_[number]);
            jobs_.erase(number);
        };
        on.on_refused = [this](const std::string& reason) { set_state("down", reason); };
        wire::ProxyLimits limits;
        limits.idle_after = slip_pause;
        const auto& at = settings().listen;
        proxy_ = std::make_unique<wire::PrinterProxy>(house().executor,
                                                      wire::TcpAddress{at.host, at.port},
                                                      *settings().printer, limits, std::move(on));
        const auto port = proxy_->start();
        if (!port) return port.error();
        const auto address = HostPort{at.host, *port}.text();
        set_state("up", "listening on " + address);
        log::info("reader.listening", {{"reader", name()}, {"address", address}});
        return {};
    }

    Result<void> start_tap()
    {
        wire::LinkCallbacks on;
        on.on_up = [this] { set_state("up", "the line is open"); };
        on.on_bytes = [this](std::span<const std::byte> bytes) {
            feed(jobs_[0], bytes);
            tap_->expect_within(slip_pause);
        };
        on.on_timeout = [this] { finish(jobs_[0]); };
        on.on_down = [this](const std::string& reason) {
            finish(jobs_[0]);
            set_state("down", reason);
        };
        tap_ = std::make_unique<wire::Link>(house().executor, *settings().tap, wire::LinkLimits{},
                                            std::move(on), house().callbacks.random);
        tap_->start();
        return {};
    }

    void feed(PrintJob& job, std::span<const std::byte> bytes)
    {
        if (!up()) set_state("up", "printing");
        if (!job.translator) job.translator = std::move(*drivers::make_escpos(options().escpos));
        if (!job.began) job.began = wall_now();
        job.translator->feed(bytes, [&](const Reading& reading) { note(job, reading); });
    }

    void finish(PrintJob& job)
    {
        if (!job.translator) return;
        job.translator->finish([&](const Reading& reading) { note(job, reading); });
        job.began.reset();
    }

    void note(PrintJob& job, const Reading& reading)
    {
        if (std::holds_alternative<Garbled>(reading)) return take(reading, wall_now());
        const Instant at = job.began.value_or(wall_now());
        job.began.reset();
        take(reading, at);
    }

    std::map<wire::ConnectionNumber, PrintJob> jobs_;
    std::unique_ptr<wire::PrinterProxy> proxy_;
    std::unique_ptr<wire::Link> tap_;
};

}  // namespace

MadeDevice make_printer_device(const DeviceHouse& house, const ReaderSettings& settings)
{
    return std::make_unique<PrinterDevice>(house, settings);
}

}  // namespace raiten::app

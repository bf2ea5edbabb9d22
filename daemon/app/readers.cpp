#include "daemon/app/readers.hpp"

#include "daemon/app/clock.hpp"
#include "daemon/app/log.hpp"
#include "daemon/app/reader_device.hpp"

namespace raiten::app {

Readers::Readers(boost::asio::any_io_executor executor, const Settings& settings,
                 Callbacks callbacks)
{
    for (const auto& reader : settings.readers)
        devices_.push_back(make_device(executor, reader, settings, callbacks));
}

Readers::~Readers() = default;

std::vector<Problem> Readers::start()
{
    std::vector<Problem> problems;
    for (auto& device : devices_)
        if (const auto started = device->start(); !started) {
            problems.push_back(started.error());
            device->set_state("down", started.error().text());
        }
    return problems;
}

void Readers::stop()
{
    for (auto& device : devices_) device->stop();
}

std::vector<ReaderHealth> Readers::health() const
{
    std::vector<ReaderHealth> all;
    for (const auto& device : devices_) all.push_back(device->health());
    return all;
}

void Readers::heard_over_api(const std::string& name, Instant at)
{
    for (auto& device : devices_)
        if (device->health().name == name) device->count_reading(at);
}

// ---- what every device shares -----------------------------------------------------------------

Readers::Device::Device(const ReaderSettings& settings, std::string driver,
                        const Callbacks& callbacks)
    : callbacks_{callbacks}
{
    health_.name = settings.name;
    health_.zone = settings.zone;
    health_.driver = std::move(driver);
    health_.state = "down";
    health_.reason = "not started";
}

void Readers::Device::set_state(const std::string& state, const std::string& reason)
{
    if (health_.state == state && health_.reason == reason) return;
    const bool was_up = health_.state == "up";
    health_.state = state;
    health_.reason = reason;
    if ((state == "up") == was_up) return;
    if (state == "up") {
        log::info("reader.up", {{"reader", health_.name}, {"reason", reason}});
    } else {
        log::warning("reader.down", {{"reader", health_.name}, {"reason", reason}});
    }
    tell({wall_now(), {}, RawReaderState{health_.name, state == "up", reason}});
}

void Readers::Device::count_reading(Instant at)
{
    ++health_.readings;
    health_.last_at = at;
}

void Readers::Device::count_garbled(std::string_view why)
{
    const auto found = health_.garbled.find(std::string{why});
    if (found == health_.garbled.end())
        log::warning("reader.garbled", {{"reader", health_.name}, {"why", why}});
    ++health_.garbled[std::string{why}];
}

void Readers::Device::tell(const RawEvent& event) const
{
    callbacks_.event(event);
}

}  // namespace raiten::app

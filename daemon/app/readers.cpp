#include "daemon/app/readers.hpp"

#include "daemon/app/devices/device.hpp"
#include "daemon/app/devices/gatherer.hpp"

#include <array>

namespace raiten::app {
namespace {

using Make = MadeDevice (*)(const DeviceHouse&, const ReaderSettings&);

/// Which device a reader's driver is.
struct Maker {
    std::string_view driver;
    Make make;
};
constexpr std::array makers{
    Maker{"ble-hci", &make_line_device},        Maker{"ble-h4", &make_line_device},
    Maker{"checkin-serial", &make_line_device}, Maker{"checkin-evdev", &make_line_device},
    Maker{"pos-escpos", &make_printer_device},  Maker{"pos-webhook", &make_posting_device},
    Maker{"exec", &make_program_device},        Maker{"replay", &make_recording_device},
    Maker{"ble-gateway", &make_gateway_device}, Maker{"checkin-pcsc", &make_card_device},
    Maker{"api", &make_posting_device},
};

MadeDevice make_device(const DeviceHouse& house, const ReaderSettings& settings)
{
    for (const auto& maker : makers)
        if (maker.driver == settings.driver) return maker.make(house, settings);
    return nullptr;
}

}  // namespace

Readers::Readers(boost::asio::any_io_executor executor, const Settings& settings,
                 const Places& places, const StoreClock& clock, Callbacks callbacks)
    : gatherer_{std::make_unique<Gatherer>(executor)},
      house_{std::make_unique<DeviceHouse>(DeviceHouse{std::move(executor), settings, places, clock,
                                                       *gatherer_, std::move(callbacks)})}
{
    for (const auto& reader : settings.readers) devices_.push_back(make_device(*house_, reader));
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
    gatherer_->stop();
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
        if (device->name() == name) device->count_reading(at);
}

}  // namespace raiten::app

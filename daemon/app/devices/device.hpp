#pragma once

#include "daemon/app/readers.hpp"
#include "daemon/model/rules.hpp"
#include "drivers/catalog.hpp"

#include <boost/asio/any_io_executor.hpp>

namespace raiten::app {

class Gatherer;

/// What a device is given to work with; it outlives the device.
struct DeviceHouse {
    boost::asio::any_io_executor executor;
    const Settings& settings;
    const Places& places;
    const StoreClock& clock;
    Gatherer& gatherer;
    Readers::Callbacks callbacks;
};

/// One reader's wire and driver, joined.
class Readers::Device {
 public:
    Device(const DeviceHouse& house, const ReaderSettings& settings);
    virtual ~Device() = default;
    Device(const Device&) = delete;
    Device& operator=(const Device&) = delete;

    /// Fails where the device cannot even be set up.
    virtual Result<void> start() = 0;
    virtual void stop() = 0;

    ReaderHealth health();
    const std::string& name() const { return settings_.name; }
    bool up() const { return health_.state == "up"; }
    void set_state(const std::string& state, const std::string& reason);
    void count_reading(Instant at);
    void count_garbled(std::string_view why);

 protected:
    /// What the driver told, heard at `arrival`. `durable` is called when it is kept for good or
    /// needs no keeping; it may be empty.
    void take(const Reading& reading, Instant arrival, std::function<void()> durable = {});
    /// A level as this reader would tell it if it heard like the others.
    TokenSeen on_a_par(TokenSeen seen) const;
    /// A whole event that the device told; `arrival` stands where it has no time.
    void take_event(RawEvent event, Instant arrival);

    const ReaderSettings& settings() const { return settings_; }
    const DeviceHouse& house() const { return house_; }
    drivers::Options options() const;

 private:
    void tell(const RawEvent& event, std::function<void()> durable = {});
    bool floods(Instant arrival);
    /// The counts of the half hour that it is now.
    Lately& lately();

    const DeviceHouse& house_;
    const ReaderSettings& settings_;
    ReaderHealth health_;
    Instant half_hour_{};  ///< that the counts of lately_ are of
    Lately lately_;
    Lately before_;                  ///< of the half hour before
    std::chrono::seconds second_{};  ///< in which sightings are counted now
    std::uint32_t in_second_{};
};

/// Sightings of one reader in one second; more are dropped and counted as a flood. Check-ins and
/// receipts never are.
constexpr std::uint32_t sightings_a_second_max = 5'000;

using MadeDevice = std::unique_ptr<Readers::Device>;
MadeDevice make_line_device(const DeviceHouse& house, const ReaderSettings& settings);
MadeDevice make_printer_device(const DeviceHouse& house, const ReaderSettings& settings);
MadeDevice make_gateway_device(const DeviceHouse& house, const ReaderSettings& settings);
MadeDevice make_card_device(const DeviceHouse& house, const ReaderSettings& settings);
MadeDevice make_log_device(const DeviceHouse& house, const ReaderSettings& settings);
MadeDevice make_posting_device(const DeviceHouse& house, const ReaderSettings& settings);
MadeDevice make_program_device(const DeviceHouse& house, const ReaderSettings& settings);
MadeDevice make_recording_device(const DeviceHouse& house, const ReaderSettings& settings);

/// What the drivers' catalog is told about this reader.
drivers::Options driver_options(const ReaderSettings& settings, const std::string& currency);

/// A reading as an event of this reader (of this register, for receipts); nothing for what is
/// garbled.
std::optional<RawEvent> event_of(const Reading& reading, const std::string& reader,
                                 std::optional<Instant> at);

/// When the device itself says that it happened; `near` decides in the hour that comes twice.
std::optional<Instant> told_at(const Reading& reading, const StoreClock& clock, Instant near);

}  // namespace raiten::app

#pragma once

#include "daemon/app/readers.hpp"
#include "drivers/escpos/escpos.hpp"

namespace raiten::app {

/// One reader's wire and driver, joined.
class Readers::Device {
 public:
    Device(const ReaderSettings& settings, std::string driver, const Callbacks& callbacks);
    virtual ~Device() = default;
    Device(const Device&) = delete;
    Device& operator=(const Device&) = delete;

    virtual Result<void> start() = 0;
    virtual void stop() = 0;

    const ReaderHealth& health() const { return health_; }
    void set_state(const std::string& state, const std::string& reason);
    void count_reading(Instant at);
    void count_garbled(std::string_view why);

 protected:
    void tell(const RawEvent& event) const;
    const std::string& name() const { return health_.name; }
    double random() const { return callbacks_.random(); }

 private:
    ReaderHealth health_;
    Callbacks callbacks_;
};

/// The device for a reader's driver.
std::unique_ptr<Readers::Device> make_device(boost::asio::any_io_executor executor,
                                             const ReaderSettings& reader, const Settings& settings,
                                             const Readers::Callbacks& callbacks);

/// How the driver reads this printer: the store's own patterns replace the common ones, list by
/// list.
drivers::EscposSettings escpos_settings(const EscposReader& reader, const std::string& currency);

/// A reading as an event of this reader; nothing for what is garbled.
std::optional<RawEvent> event_of(const Reading& reading, const std::string& reader, Instant at);

}  // namespace raiten::app

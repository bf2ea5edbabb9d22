#include "daemon/app/reader_device.hpp"

#include "daemon/app/clock.hpp"
#include "daemon/app/log.hpp"
#include "daemon/base/overloaded.hpp"
#include "daemon/wire/link.hpp"
#include "daemon/wire/printer_proxy.hpp"
#include "drivers/ble/scanner.hpp"
#include "drivers/escpos/escpos.hpp"

namespace raiten::app {
namespace {

/// After a pause this long within a stream, a slip that no cut has ended is taken as whole.
constexpr Millis slip_pause{5'000};

wire::Address address_of(const Endpoint& endpoint)
{
    return std::visit(
        overloaded{
            [](const HostPort& tcp) -> wire::Address {
                return wire::TcpAddress{tcp.host, tcp.port};
            },
            [](const UnixPath& path) -> wire::Address { return wire::UnixAddress{path.path}; },
            [](const SerialLine& line) -> wire::Address {
                wire::SerialAddress serial;
                serial.path = line.device;
                serial.baud = line.baud;
                return serial;
            },
        },
        endpoint);
}

/// A device that is spoken to: its dialogue on a link.
class DialogueDevice final : public Readers::Device {
 public:
    DialogueDevice(boost::asio::any_io_executor executor, const ReaderSettings& settings,
                   const Endpoint& endpoint, std::unique_ptr<drivers::Dialogue> dialogue,
                   const Readers::Callbacks& callbacks)
        : Device{settings, "ble-h4", callbacks},
          dialogue_{std::move(dialogue)},
          link_{std::move(executor), address_of(endpoint), {}, link_callbacks(), [this] {
                    return random();
                }}
    {
        set_state("down", "not opened yet");
    }

    Result<void> start() override
    {
        link_.start();
        return {};
    }
    void stop() override { link_.stop(); }

 private:
    wire::LinkCallbacks link_callbacks()
    {
        wire::LinkCallbacks on;
        on.on_up = [this] {
            dialogue_->start(say_);
            look();
        };
        on.on_bytes = [this](std::span<const std::byte> bytes) {
            now_ = wall_now();
            dialogue_->feed(bytes, tell_, say_);
            look();
        };
        on.on_timeout = [this] {
            now_ = wall_now();
            dialogue_->expired(tell_, say_);
            look();
        };
        on.on_down = [this](const std::string& reason) {
            now_ = wall_now();
            dialogue_->finish(tell_);
            limit_.reset();
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

    void take(const Reading& reading)
    {
        if (const auto* garbled = std::get_if<Garbled>(&reading))
            return count_garbled(garbled->why);
        count_reading(now_);
        if (const auto event = event_of(reading, name(), now_)) tell(*event);
    }

    std::unique_ptr<drivers::Dialogue> dialogue_;
    Instant now_{};
    std::optional<std::uint64_t> limit_;
    drivers::Tell tell_{[this](const Reading& reading) { take(reading); }};
    drivers::Say say_{[this](std::span<const std::byte> bytes) { link_.write(bytes); }};
    wire::Link link_;
};

/// One job on its way to a printer, and what it was seen to say.
struct PrintJob {
    std::unique_ptr<drivers::Translator> translator;
    std::optional<Instant> began;  ///< of the first byte since the last slip
};

/// What a register prints, from a proxy in front of the printer or from a tap on its line.
class EscposDevice final : public Readers::Device {
 public:
    EscposDevice(boost::asio::any_io_executor executor, const ReaderSettings& settings,
                 const EscposReader& escpos, drivers::EscposSettings driver,
                 const Readers::Callbacks& callbacks)
        : Device{settings, "pos-escpos", callbacks},
          executor_{std::move(executor)},
          escpos_{escpos},
          driver_{std::move(driver)}
    {
    }

    Result<void> start() override
    {
        // Patterns that do not compile are found here, not at the first receipt.
        if (const auto translator = drivers::make_escpos(driver_); !translator)
            return Problem{translator.error().what,
                           "reader " + name() + ": patterns." + translator.error().where,
                           translator.error().advice};
        if (escpos_.tap) return start_tap();
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
        proxy_ = std::make_unique<wire::PrinterProxy>(
            executor_, wire::TcpAddress{escpos_.listen.host, escpos_.listen.port},
            address_of(*escpos_.printer), limits, std::move(on));
        const auto port = proxy_->start();
        if (!port) return port.error();
        set_state("up", "listening on " + HostPort{escpos_.listen.host, *port}.text());
        log::info("reader.listening",
                  {{"reader", name()}, {"address", HostPort{escpos_.listen.host, *port}.text()}});
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
        tap_ = std::make_unique<wire::Link>(executor_, address_of(*escpos_.tap), wire::LinkLimits{},
                                            std::move(on), [this] { return random(); });
        tap_->start();
        return {};
    }

    void feed(PrintJob& job, std::span<const std::byte> bytes)
    {
        if (health().state != "up") set_state("up", "printing");
        if (!job.translator) job.translator = std::move(*drivers::make_escpos(driver_));
        if (!job.began) job.began = wall_now();
        job.translator->feed(bytes, [&](const Reading& reading) { take(job, reading); });
    }

    void finish(PrintJob& job)
    {
        if (!job.translator) return;
        job.translator->finish([&](const Reading& reading) { take(job, reading); });
        job.began.reset();
    }

    void take(PrintJob& job, const Reading& reading)
    {
        if (const auto* garbled = std::get_if<Garbled>(&reading))
            return count_garbled(garbled->why);
        const Instant at = job.began.value_or(wall_now());
        job.began.reset();
        count_reading(at);
        if (const auto event = event_of(reading, escpos_.pos, at)) tell(*event);
    }

    boost::asio::any_io_executor executor_;
    EscposReader escpos_;
    drivers::EscposSettings driver_;
    std::map<wire::ConnectionNumber, PrintJob> jobs_;
    std::unique_ptr<wire::PrinterProxy> proxy_;
    std::unique_ptr<wire::Link> tap_;
};

/// Somebody who posts events: there is no wire to open.
class ApiDevice final : public Readers::Device {
 public:
    ApiDevice(const ReaderSettings& settings, const Readers::Callbacks& callbacks)
        : Device{settings, "api", callbacks}
    {
    }
    Result<void> start() override
    {
        set_state("up", "posts over the local API");
        return {};
    }
    void stop() override {}
};

}  // namespace

std::optional<RawEvent> event_of(const Reading& reading, const std::string& reader, Instant at)
{
    return std::visit(overloaded{
                          [&](const TokenSeen& seen) -> std::optional<RawEvent> {
                              RawSighting out{reader, seen.token, {}, seen.rotating};
                              if (seen.rssi_dbm)
                                  out.rssi_dbm = static_cast<std::int16_t>(*seen.rssi_dbm);
                              return RawEvent{at, {}, std::move(out)};
                          },
                          [&](const TokenShown& shown) -> std::optional<RawEvent> {
                              return RawEvent{at, {}, RawCheckIn{reader, shown.token, shown.id}};
                          },
                          [&](const ReceiptRead& read) -> std::optional<RawEvent> {
                              RawReceipt out{reader,     read.number,   read.kind,      read.token,
                                             read.total, read.currency, read.refers_to, {}};
                              for (const auto& line : read.lines)
                                  out.lines.push_back({line.sku, line.name, line.quantity,
                                                       line.amount, line.category});
                              return RawEvent{at, {}, std::move(out)};
                          },
                          [](const Garbled&) -> std::optional<RawEvent> { return std::nullopt; },
                      },
                      reading);
}

drivers::EscposSettings escpos_settings(const EscposReader& reader, const std::string& currency)
{
    drivers::EscposSettings out;
    if (const auto charset = drivers::escpos::find_charset(reader.charset))
        out.text.charset = *charset;
    drivers::escpos::find_dialect(reader.dialect, out.text.dialect);
    auto& patterns = out.patterns;
    const std::map<std::string, std::vector<std::string>*> lists{
        {"total", &patterns.total},     {"number", &patterns.number},
        {"member", &patterns.member},   {"member_barcode", &patterns.member_barcode},
        {"date", &patterns.date},       {"refers_to", &patterns.refers_to},
        {"void", &patterns.void_},      {"refund", &patterns.refund},
        {"reprint", &patterns.reprint}, {"not_a_receipt", &patterns.not_a_receipt},
        {"line", &patterns.line},       {"not_an_item", &patterns.not_an_item},
    };
    for (const auto& [key, own] : reader.patterns) {
        const auto list = lists.find(key);
        if (list != lists.end() && !own.empty()) *list->second = own;
    }
    if (!reader.member_prefix.empty()) patterns.member_prefix = reader.member_prefix + ":";
    patterns.currency = reader.currency.empty() ? currency : reader.currency;
    return out;
}

std::unique_ptr<Readers::Device> make_device(boost::asio::any_io_executor executor,
                                             const ReaderSettings& reader, const Settings& settings,
                                             const Readers::Callbacks& callbacks)
{
    return std::visit(overloaded{
                          [&](const ApiReader&) -> std::unique_ptr<Readers::Device> {
                              return std::make_unique<ApiDevice>(reader, callbacks);
                          },
                          [&](const BleH4Reader& ble) -> std::unique_ptr<Readers::Device> {
                              return std::make_unique<DialogueDevice>(
                                  executor, reader, ble.device, drivers::make_ble_h4(), callbacks);
                          },
                          [&](const EscposReader& escpos) -> std::unique_ptr<Readers::Device> {
                              return std::make_unique<EscposDevice>(
                                  executor, reader, escpos,
                                  escpos_settings(escpos, settings.store.currency), callbacks);
                          },
                      },
                      reader.driver);
}

}  // namespace raiten::app

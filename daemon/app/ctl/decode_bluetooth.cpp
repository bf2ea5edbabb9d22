#include "daemon/app/ctl/decoder.hpp"
#include "daemon/app/ndjson.hpp"
#include "daemon/base/hex.hpp"
#include "daemon/base/iso8601.hpp"
#include "drivers/ble/advertisement.hpp"
#include "drivers/ble/btsnoop.hpp"
#include "drivers/ble/h4.hpp"
#include "drivers/ble/packetlogger.hpp"
#include "drivers/ble/payload.hpp"
#include "drivers/ble/pcap.hpp"

#include <optional>

namespace raiten::app::ctl {
namespace {

using drivers::ble::Advertisement;
using drivers::ble::Bytes;
using drivers::ble::PacketType;
using drivers::ble::text;

std::string time_text(const std::optional<Instant>& at, const StoreClock& clock)
{
    return at ? '"' + format_instant(*at, clock.offset_at(*at)) + '"' : "null";
}

/// Every key of the raw layer; nothing in it needs escaping.
std::string raw_line(const Advertisement& heard, const std::optional<Instant>& at,
                     const StoreClock& clock)
{
    std::string line = R"({"type":"advertisement","at":)" + time_text(at, clock);
    line += R"(,"address":")" + text(heard.address);
    line += R"(","address_type":")" + std::string{text(heard.address_type)};
    line += R"(","event_type":)" + std::to_string(heard.event_type);
    line += R"(,"rssi":)" + (heard.rssi_dbm ? std::to_string(*heard.rssi_dbm) : "null");
    line += R"(,"data":")" + to_hex(heard.data) + "\"}";
    return line;
}

/// HCI packets with their times, out of whatever they were recorded in.
class BluetoothDecoder : public Decoder {
 public:
    explicit BluetoothDecoder(DecodeOptions options) : options_{std::move(options)} {}

 protected:
    void take(PacketType type, Bytes packet, std::optional<Instant> at, const DecodeSink& sink)
    {
        count_understood();
        at_ = at;
        if (type != PacketType::event) return;
        advertisements_.take(
            packet, [&](const Advertisement& heard) { tell(heard, sink); }, refusing(sink));
    }

    void finish_advertisements(const DecodeSink& sink)
    {
        advertisements_.finish([&](const Advertisement& heard) { tell(heard, sink); });
    }

    static drivers::ble::Refuse refusing(const DecodeSink& sink)
    {
        return [&sink](const Garbled& garbled) { sink.skipped(garbled.why, garbled.bytes, {}); };
    }

 private:
    void tell(const Advertisement& heard, const DecodeSink& sink)
    {
        if (options_.raw) return sink.line(raw_line(heard, at_, options_.clock));
        auto seen = drivers::ble::sighting(heard, refusing(sink));
        if (!seen) return;
        RawSighting sighting{options_.reader, std::move(seen->token), {}, seen->rotating};
        if (seen->rssi_dbm) sighting.rssi_dbm = static_cast<std::int16_t>(*seen->rssi_dbm);
        const auto offset = at_ ? options_.clock.offset_at(*at_) : std::chrono::minutes{};
        sink.line(write_line(RawEvent{at_, {}, std::move(sighting)}, offset));
    }

    DecodeOptions options_;
    drivers::ble::AdvertisementReader advertisements_;
    std::optional<Instant> at_;  ///< of the packet at hand
};

template <class Reader>
class CaptureDecoder final : public BluetoothDecoder {
 public:
    using BluetoothDecoder::BluetoothDecoder;

    void feed(std::span<const std::byte> bytes, const DecodeSink& sink) override
    {
        reader_.feed(bytes, taking(sink), damage(sink));
    }
    void finish(const DecodeSink& sink) override
    {
        reader_.finish(taking(sink), damage(sink));
        finish_advertisements(sink);
    }

 private:
    drivers::ble::TakePacket taking(const DecodeSink& sink)
    {
        return [this, &sink](const drivers::ble::CapturedPacket& packet) {
            take(packet.type, packet.packet, packet.at, sink);
        };
    }
    static drivers::ble::TellDamage damage(const DecodeSink& sink)
    {
        return [&sink](const Problem& problem) { sink.skipped(problem.what, 0, problem.where); };
    }

    Reader reader_;
};

/// A stream of H4 packets has no times.
class H4Decoder final : public BluetoothDecoder {
 public:
    using BluetoothDecoder::BluetoothDecoder;

    void feed(std::span<const std::byte> bytes, const DecodeSink& sink) override
    {
        const auto taking = [&](PacketType type, Bytes packet) {
            take(type, packet, std::nullopt, sink);
        };
        h4_.feed(bytes, taking, refusing(sink));
    }
    void finish(const DecodeSink& sink) override
    {
        h4_.finish(refusing(sink));
        finish_advertisements(sink);
    }

 private:
    drivers::ble::H4 h4_{drivers::ble::H4::Hunt::any_event};
};

}  // namespace

std::unique_ptr<Decoder> make_bluetooth_decoder(DecodeOptions options)
{
    if (options.format == "btsnoop")
        return std::make_unique<CaptureDecoder<drivers::ble::Btsnoop>>(std::move(options));
    if (options.format == "pklg")
        return std::make_unique<CaptureDecoder<drivers::ble::PacketLogger>>(std::move(options));
    if (options.format == "pcap" || options.format == "pcapng")
        return std::make_unique<CaptureDecoder<drivers::ble::Pcap>>(std::move(options));
    return std::make_unique<H4Decoder>(std::move(options));
}

}  // namespace raiten::app::ctl

#include "daemon/app/ctl/decoder.hpp"
#include "daemon/app/devices/device.hpp"
#include "drivers/catalog.hpp"

namespace raiten::app::ctl {
namespace {

/// Any driver of the catalog: what it tells, as events. Times are those that the device tells.
class ReadingDecoder final : public Decoder {
 public:
    ReadingDecoder(DecodeOptions options, std::unique_ptr<drivers::Translator> translator)
        : options_{std::move(options)}, translator_{std::move(translator)}
    {
    }

    void feed(std::span<const std::byte> bytes, const DecodeSink& sink) override
    {
        translator_->feed(bytes, telling(sink));
    }
    void finish(const DecodeSink& sink) override { translator_->finish(telling(sink)); }

 private:
    drivers::Tell telling(const DecodeSink& sink)
    {
        return [this, &sink](const Reading& reading) { take(reading, sink); };
    }

    void take(const Reading& reading, const DecodeSink& sink)
    {
        if (const auto* garbled = std::get_if<Garbled>(&reading)) {
            if (garbled->bytes == 0) count_understood();  // understood, but of no use here
            return sink.skipped(garbled->why, garbled->bytes, {});
        }
        count_understood();
        const auto at = told_at(reading, options_.clock, Instant{});
        const auto event = event_of(reading, heard_by(reading), at);
        sink.line(
            write_line(event.value(), at ? options_.clock.offset_at(*at) : std::chrono::minutes{}));
    }

    const std::string& heard_by(const Reading& reading) const
    {
        const auto* seen = std::get_if<TokenSeen>(&reading);
        return seen && !seen->heard_by.empty() ? seen->heard_by : options_.reader;
    }

    DecodeOptions options_;
    std::unique_ptr<drivers::Translator> translator_;
};

}  // namespace

Result<std::unique_ptr<Decoder>> make_reading_decoder(DecodeOptions options)
{
    auto translator = drivers::find_driver(options.format)->listen(options.driver);
    if (!translator) return translator.error();
    return std::unique_ptr<Decoder>{
        std::make_unique<ReadingDecoder>(std::move(options), std::move(*translator))};
}

}  // namespace raiten::app::ctl

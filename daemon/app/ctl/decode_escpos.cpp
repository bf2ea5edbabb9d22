#include "daemon/app/ctl/console.hpp"
#include "daemon/app/ctl/decoder.hpp"
#include "daemon/app/devices/device.hpp"
#include "daemon/app/ndjson.hpp"
#include "daemon/base/overloaded.hpp"

namespace raiten::app::ctl {
namespace {

namespace escpos = drivers::escpos;

std::string list_of(const std::vector<std::string>& texts)
{
    std::string out = "[";
    for (const auto& text : texts) {
        if (out.size() > 1) out += ',';
        out += json_text(text);
    }
    return out + "]";
}

class EscposDecoder final : public Decoder {
 public:
    EscposDecoder(DecodeOptions options, escpos::SlipDecoder decoder)
        : options_{std::move(options)}, decoder_{std::move(decoder)}
    {
    }

    void feed(std::span<const std::byte> bytes, const DecodeSink& sink) override
    {
        decoder_.feed(bytes, telling(sink));
    }
    void finish(const DecodeSink& sink) override { decoder_.finish(telling(sink)); }

 private:
    escpos::SlipDecoder::Sink telling(const DecodeSink& sink)
    {
        return {[this, &sink](const escpos::Slip& slip, const escpos::Judgement& judgement) {
                    count_understood();
                    if (slip.unreadable > 0)
                        sink.skipped("characters of an unknown coding", slip.unreadable, {});
                    if (options_.raw)
                        tell_raw(slip, judgement, sink);
                    else
                        tell_receipt(slip, judgement, sink);
                },
                [&sink](std::string_view why, std::size_t bytes) { sink.skipped(why, bytes, {}); }};
    }

    static void tell_raw(const escpos::Slip& slip, const escpos::Judgement& judgement,
                         const DecodeSink& sink)
    {
        const auto* other = std::get_if<escpos::NotAReceipt>(&judgement);
        std::string line = R"({"type":"slip","text":)" + list_of(slip.lines);
        line += other == nullptr ? R"(,"receipt":true)"
                                 : R"(,"receipt":false,"why":)" + json_text(other->why);
        if (!slip.barcodes.empty()) line += R"(,"barcodes":)" + list_of(slip.barcodes);
        sink.line(line + "}");
    }

    void tell_receipt(const escpos::Slip& slip, const escpos::Judgement& judgement,
                      const DecodeSink& sink) const
    {
        if (const auto* other = std::get_if<escpos::NotAReceipt>(&judgement))
            return sink.skipped(other->why, slip.bytes, {});
        // A stream of bytes has no times.
        const auto event =
            event_of(std::get<ReceiptRead>(judgement), options_.reader, std::nullopt);
        sink.line(write_line(event.value()));
    }

    DecodeOptions options_;
    escpos::SlipDecoder decoder_;
};

}  // namespace

Result<std::unique_ptr<Decoder>> make_escpos_decoder(DecodeOptions options)
{
    auto decoder = escpos::SlipDecoder::make(options.driver.escpos);
    if (!decoder) return decoder.error();
    return std::unique_ptr<Decoder>{
        std::make_unique<EscposDecoder>(std::move(options), std::move(*decoder))};
}

}  // namespace raiten::app::ctl

#include "drivers/epos/epos.hpp"

#include <utility>
#include <variant>

namespace raiten::drivers {
namespace epos {

Decoder::Decoder(escpos::SlipDecoder slips)
    : document_{std::make_unique<xml::DocumentReader>(
        std::vector<std::string_view>{"epos-print", "Envelope", "PrintRequestInfo"})},
      press_{std::make_unique<Press>(std::move(slips))}
{
}

Result<Decoder> Decoder::make(const EscposSettings& settings)
{
    auto slips = escpos::SlipDecoder::make(settings);
    if (!slips) return slips.error();
    return Decoder{std::move(*slips)};
}

void Decoder::feed(std::span<const std::byte> bytes, const Sink& sink)
{
    press_->tell(sink);
    document_->feed(bytes, *press_,
                    [&](const Garbled& lost) { sink.garbled(lost.why, lost.bytes); });
}

void Decoder::finish(const Sink& sink)
{
    press_->tell(sink);
    document_->finish(*press_, [&](const Garbled& lost) { sink.garbled(lost.why, lost.bytes); });
}

}  // namespace epos

namespace {

class Epos final : public Translator {
 public:
    explicit Epos(epos::Decoder decoder) : decoder_{std::move(decoder)} {}

    void feed(std::span<const std::byte> bytes, const Tell& tell) override
    {
        decoder_.feed(bytes, telling(tell));
    }
    void finish(const Tell& tell) override { decoder_.finish(telling(tell)); }

 private:
    static epos::Decoder::Sink telling(const Tell& tell)
    {
        return {[&tell](const escpos::Slip& slip, const escpos::Judgement& judgement) {
                    escpos::tell_slip(slip, judgement, tell);
                },
                [&tell](std::string_view why, std::size_t bytes) {
                    tell(Garbled{why, bytes});
                }};
    }

    epos::Decoder decoder_;
};

}  // namespace

Result<std::unique_ptr<Translator>> make_epos(const Options& options)
{
    auto decoder = epos::Decoder::make(options.escpos);
    if (!decoder) return decoder.error();
    return std::unique_ptr<Translator>{std::make_unique<Epos>(std::move(*decoder))};
}

}  // namespace raiten::drivers

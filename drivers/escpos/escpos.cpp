#include "drivers/escpos/escpos.hpp"

#include <utility>
#include <variant>

namespace raiten::drivers {
namespace escpos {

SlipDecoder::SlipDecoder(TextSettings text, ReceiptJudge judge)
    : reader_{text}, judge_{std::move(judge)}
{
}

Result<SlipDecoder> SlipDecoder::make(const EscposSettings& settings)
{
    auto judge = ReceiptJudge::make(settings.patterns);
    if (!judge) return judge.error();
    return SlipDecoder{settings.text, std::move(*judge)};
}

void SlipDecoder::feed(std::span<const std::byte> bytes, const Sink& sink)
{
    reader_.feed(bytes, judging(sink));
}

void SlipDecoder::finish(const Sink& sink)
{
    reader_.finish(judging(sink));
}

SlipSink SlipDecoder::judging(const Sink& sink) const
{
    return {[this, &sink](const Slip& slip) { sink.slip(slip, judge_.judge(slip)); }, sink.garbled};
}

}  // namespace escpos

namespace {

class Escpos final : public Translator {
 public:
    explicit Escpos(escpos::SlipDecoder decoder) : decoder_{std::move(decoder)} {}

    void feed(std::span<const std::byte> bytes, const Tell& tell) override
    {
        decoder_.feed(bytes, telling(tell));
    }
    void finish(const Tell& tell) override { decoder_.finish(telling(tell)); }

 private:
    static escpos::SlipDecoder::Sink telling(const Tell& tell)
    {
        return {[&tell](const escpos::Slip& slip, const escpos::Judgement& judgement) {
                    escpos::tell_slip(slip, judgement, tell);
                },
                [&tell](std::string_view why, std::size_t bytes) {
                    tell(Garbled{why, bytes});
                }};
    }

    escpos::SlipDecoder decoder_;
};

}  // namespace

void escpos::tell_slip(const Slip& slip, const Judgement& judgement, const Tell& tell)
{
    if (slip.unreadable > 0) tell(Garbled{"characters of an unknown coding", slip.unreadable});
    if (const auto* receipt = std::get_if<ReceiptRead>(&judgement)) return tell(*receipt);
    const auto& other = std::get<NotAReceipt>(judgement);
    tell(Garbled{other.why, other.as_usual ? 0 : static_cast<std::size_t>(slip.bytes)});
}

Result<std::unique_ptr<Translator>> make_escpos(const EscposSettings& settings)
{
    auto decoder = escpos::SlipDecoder::make(settings);
    if (!decoder) return decoder.error();
    return std::unique_ptr<Translator>{std::make_unique<Escpos>(std::move(*decoder))};
}

}  // namespace raiten::drivers

#include "daemon/app/ctl/console.hpp"
#include "daemon/app/ctl/decoder.hpp"
#include "daemon/base/iso8601.hpp"
#include "drivers/pos/readers.hpp"

namespace raiten::app::ctl {
namespace {

using drivers::pos::Transaction;

std::string text_or_null(const std::string& text)
{
    return text.empty() ? "null" : json_text(text);
}

/// With the currency's decimals; null where the source gave no amount.
std::string total_of(const Transaction& told)
{
    const bool none = told.currency.empty() && told.total == Money{};
    return none ? "null" : json_text(told.total.text(currency_decimals(told.currency)));
}

std::string time_of(const Transaction& told, const StoreClock& clock)
{
    if (!told.at) return "null";
    const auto at = told.at->local ? clock.instant_of(told.at->time, Instant{}) : told.at->time;
    return json_text(format_instant(at, clock.offset_at(at)));
}

std::string list_of(const std::vector<std::string>& texts)
{
    std::string out = "[";
    for (const auto& text : texts) out += (out.size() > 1 ? "," : "") + json_text(text);
    return out + "]";
}

/// Of what is a receipt, what it is; else why it is none.
std::string_view why_of(const drivers::pos::Judgement& judged)
{
    if (!judged.receipt) return judged.why_not;
    switch (judged.receipt->kind) {
        case ReceiptKind::sale:
            return "sold in this store";
        case ReceiptKind::refund:
            return "money paid back";
        case ReceiptKind::void_:
            return "undoes a sale";
    }
    return {};
}

std::string raw_line(const Transaction& told, const drivers::Options& options,
                     const StoreClock& clock)
{
    const auto judged = drivers::pos::judge(told, options);
    const bool purchase = judged.receipt && judged.receipt->kind == ReceiptKind::sale;
    std::string line = R"({"type":"transaction","kind":)" + json_text(text(told.kind));
    line += R"(,"number":)" + text_or_null(told.number);
    line += R"(,"register":)" + text_or_null(told.register_name);
    line += R"(,"store":)" + text_or_null(told.store);
    line += R"(,"business_day":)" + text_or_null(told.business_day);
    line += R"(,"at":)" + time_of(told, clock);
    line += R"(,"currency":)" + text_or_null(told.currency);
    line += R"(,"total":)" + total_of(told);
    line += R"(,"members":)" + list_of(told.members);
    line += R"(,"refers_to":)" + text_or_null(told.refers_to);
    line += R"(,"lines":)" + std::to_string(told.lines.size());
    line += std::string{R"(,"purchase":)"} + (purchase ? "true" : "false");
    line += R"(,"why":)" + json_text(why_of(judged));
    return line + "}";
}

class PosRawDecoder final : public Decoder {
 public:
    PosRawDecoder(DecodeOptions options, std::unique_ptr<drivers::pos::TransactionReader> reader)
        : options_{std::move(options)}, reader_{std::move(reader)}
    {
    }

    void feed(std::span<const std::byte> bytes, const DecodeSink& sink) override
    {
        reader_->feed(bytes, hearing(sink), refusing(sink));
    }
    void finish(const DecodeSink& sink) override { reader_->finish(hearing(sink), refusing(sink)); }

 private:
    drivers::pos::TransactionReader::Hear hearing(const DecodeSink& sink)
    {
        return [this, &sink](const Transaction& told) {
            count_understood();
            sink.line(raw_line(told, options_.driver, options_.clock));
        };
    }
    static drivers::pos::TransactionReader::Refuse refusing(const DecodeSink& sink)
    {
        return [&sink](const Garbled& garbled) { sink.skipped(garbled.why, garbled.bytes, {}); };
    }

    DecodeOptions options_;
    std::unique_ptr<drivers::pos::TransactionReader> reader_;
};

}  // namespace

std::unique_ptr<Decoder> make_pos_raw_decoder(DecodeOptions options)
{
    auto reader = drivers::pos::make_reader(options.format);
    if (!reader) return nullptr;
    return std::make_unique<PosRawDecoder>(std::move(options), std::move(reader));
}

}  // namespace raiten::app::ctl

#pragma once

#include "daemon/base/result.hpp"
#include "drivers/escpos/charset.hpp"
#include "drivers/escpos/receipt.hpp"
#include "drivers/escpos/slip.hpp"
#include "drivers/translator.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

namespace raiten::drivers {

/// What a store says about one printer.
struct EscposSettings {
    escpos::TextSettings text;
    escpos::ReceiptPatterns patterns{escpos::ReceiptPatterns::common()};
};

namespace escpos {

/// One layer below the readings: every printed slip with what it was taken for.
class SlipDecoder {
 public:
    struct Sink {
        std::function<void(const Slip&, const Judgement&)> slip;
        std::function<void(std::string_view why, std::size_t bytes)> garbled;
    };

    /// Fails as ReceiptJudge::make does.
    static Result<SlipDecoder> make(const EscposSettings& settings);

    void feed(std::span<const std::byte> bytes, const Sink& sink);
    void finish(const Sink& sink);

 private:
    SlipDecoder(TextSettings text, ReceiptJudge judge);
    SlipSink judging(const Sink& sink) const;

    SlipReader reader_;
    ReceiptJudge judge_;
};

/// A slip as readings: its receipt, or why it is none; characters that could not be read.
void tell_slip(const Slip& slip, const Judgement& judgement, const Tell& tell);

}  // namespace escpos

/// Receipts from what a register sends to its ESC/POS printer (byte map in README.md). Tells a
/// ReceiptRead for every slip that is one; Garbled for slips that are none (with the reason and the
/// slip's bytes; without bytes for kinds that registers print beside receipts), for unknown
/// commands, and for characters that no coding explains.
/// `finish` ends a slip that no cut has ended: call it when the stream ends, and when it has been
/// silent for some seconds if the printer has no cutter.
Result<std::unique_ptr<Translator>> make_escpos(const EscposSettings& settings);

}  // namespace raiten::drivers

#pragma once

#include "drivers/epos/press.hpp"
#include "drivers/escpos/escpos.hpp"
#include "drivers/options.hpp"
#include "drivers/xml/document.hpp"

#include <memory>
#include <span>

namespace raiten::drivers {
namespace epos {

/// ePOS-Print documents in, the slips out that the printer would have printed, each with what it
/// was taken for: the same judge as for ESC/POS streams. A slip ends with a cut or its document.
class Decoder {
 public:
    using Sink = escpos::SlipDecoder::Sink;

    /// Fails as escpos::ReceiptJudge::make does.
    static Result<Decoder> make(const EscposSettings& settings);

    void feed(std::span<const std::byte> bytes, const Sink& sink);
    void finish(const Sink& sink);

 private:
    explicit Decoder(escpos::SlipDecoder slips);

    std::unique_ptr<xml::DocumentReader> document_;
    std::unique_ptr<Press> press_;
};

}  // namespace epos

/// Receipts from what a register sends to an ePOS-Print printer (README.md). Tells what
/// make_escpos tells; the bytes of a slip that is none are those of its ESC/POS form.
Result<std::unique_ptr<Translator>> make_epos(const Options& options);

}  // namespace raiten::drivers

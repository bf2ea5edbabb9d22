#pragma once

#include "drivers/escpos/escpos.hpp"
#include "drivers/xml/document.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace raiten::drivers::epos {

/// Prints the elements of <epos-print> as ESC/POS commands into a slip decoder, as the printer
/// itself does: so that `command`, which holds such commands, means what it says, and slips and
/// limits are the same as on a printer's line.
class Press final : public xml::Listener {
 public:
    explicit Press(escpos::SlipDecoder slips) : slips_{std::move(slips)} {}

    /// Where slips go while a document is read.
    void tell(const escpos::SlipDecoder::Sink& sink) { sink_ = &sink; }

    void begin(const char* name, const xml::Attributes& attributes) override;
    void text(std::string_view piece) override;
    bool end() override;
    void broken() override;

 private:
    enum class Content : std::uint8_t { none, text, barcode, symbol, command };

    void begin_job();
    void end_job();
    void begin_text(const xml::Attributes& attributes);
    void feed_paper(const xml::Attributes& attributes);
    void place(const xml::Attributes& attributes);
    void print_text(std::string_view piece);
    void print_hex(std::string_view piece);
    void print_barcode();
    void print_symbol();

    void put(std::initializer_list<unsigned> bytes);
    void put(std::string_view bytes) { out_.append(bytes); }
    void flush();

    escpos::SlipDecoder slips_;
    const escpos::SlipDecoder::Sink* sink_{};
    std::string out_;  ///< commands that the decoder has not seen
    std::size_t depth_{};
    std::size_t job_{};  ///< the depth of <epos-print>, or 0
    Content content_{Content::none};
    std::size_t content_depth_{};
    std::string data_;  ///< of a barcode or symbol
    bool code128_{};
    bool japanese_{};  ///< the text's language: "\" is printed as "¥"
    unsigned width_{1};
    unsigned height_{1};
    int nibble_{-1};  ///< the first half of a hex byte
};

}  // namespace raiten::drivers::epos

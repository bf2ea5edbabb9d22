#pragma once

#include "drivers/poslog/names.hpp"
#include "drivers/poslog/record.hpp"
#include "drivers/xml/document.hpp"

#include <array>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace raiten::drivers::poslog {

/// Writes down a record for every <Transaction>, wherever in a document it stands. What means
/// nothing to us is passed over without being kept: pictures of receipts, extensions, signatures.
class RecordWriter final : public xml::Listener {
 public:
    using Hear = std::function<void(const Record&)>;

    void hear(Hear hear) { hear_ = std::move(hear); }

    void begin(const char* name, const xml::Attributes& attributes) override;
    void text(std::string_view piece) override;
    bool end() override;
    void broken() override;

 private:
    Tag above(std::size_t steps) const;  ///< 0 is the element itself
    bool at_transaction() const;         ///< the element is a child of the transaction
    bool at_head() const;                ///< … or of its body
    bool in_item(std::size_t steps) const;
    bool in_link() const;

    void begin_within(Name name, const xml::Attributes& attributes);
    void begin_head(Name name, const xml::Attributes& attributes);
    void begin_transaction(const xml::Attributes& attributes);
    void begin_body(Name name, const xml::Attributes& attributes);
    void begin_line(const xml::Attributes& attributes);
    void begin_item(bool is_return);
    void begin_tender(const xml::Attributes& attributes);
    void begin_link(const xml::Attributes& attributes);
    void note_flags(const xml::Attributes& attributes);
    void note_currency(const xml::Attributes& attributes);
    void note_channel(const xml::Attributes& attributes);
    void capture(const xml::Attributes& attributes);

    void take(Tag tag);  ///< the text of a captured element is complete
    void take_head(Tag tag, std::string_view text);
    void take_item(Tag tag, std::string_view text);
    void take_link(Tag tag, std::string_view text);
    void take_member(Tag tag, std::string_view text);
    void take_total(std::string_view text);
    void take_time(std::string& into, std::string_view text);
    void end_line();

    Hear hear_;
    Record record_;
    std::array<Tag, xml::depth_max + 1> path_{};
    std::size_t depth_{};
    // The depths of what is open, or 0.
    std::size_t transaction_{};
    std::size_t body_{};
    std::size_t line_{};
    std::size_t item_{};
    std::size_t tender_{};
    std::size_t link_{};

    RecordLine now_;        ///< the line that is open
    bool line_has_item_{};  ///< … and whether it is one of goods
    RecordTender tender_now_;

    std::size_t captured_{};  ///< the depth of the element whose text is kept, or 0
    std::string captured_text_;
    std::string captured_type_;    ///< its TotalType, Type or TypeCode
    std::string captured_offset_;  ///< its Offset
    bool captured_return_{};
    bool unit_is_store_{};
};

}  // namespace raiten::drivers::poslog

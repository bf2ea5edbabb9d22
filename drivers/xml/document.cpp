#include "drivers/xml/document.hpp"

#include "drivers/xml/encodings.hpp"

#include <expat.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace raiten::drivers::xml {
namespace {

constexpr std::size_t first_slice_bytes = 1024;
constexpr std::size_t slice_bytes_max = std::size_t{64} << 10U;
constexpr std::size_t long_token_bytes = 4096;
constexpr std::size_t start_bytes_max = 100;  ///< "<" and a name with its prefix

/// What the parser at work may still allocate. Expat's allocator knows no parser, so that the one
/// that is at work on this thread stands here while it is.
thread_local std::size_t* allowance = nullptr;

class Spending {
 public:
    explicit Spending(std::size_t& left) : before_{std::exchange(allowance, &left)} {}
    ~Spending() { allowance = before_; }
    Spending(const Spending&) = delete;
    Spending& operator=(const Spending&) = delete;

 private:
    std::size_t* before_;
};

constexpr std::size_t header_bytes = alignof(std::max_align_t);

void* take(std::size_t size)
{
    if (allowance != nullptr && size > *allowance) return nullptr;
    auto* block = static_cast<std::byte*>(std::malloc(size + header_bytes));
    if (block == nullptr) return nullptr;
    std::memcpy(block, &size, sizeof size);
    if (allowance != nullptr) *allowance -= size;
    return block + header_bytes;
}

std::size_t size_of(const void* given)
{
    std::size_t size{};
    std::memcpy(&size, static_cast<const std::byte*>(given) - header_bytes, sizeof size);
    return size;
}

void give_back(void* given)
{
    if (given == nullptr) return;
    if (allowance != nullptr) *allowance += size_of(given);
    std::free(static_cast<std::byte*>(given) - header_bytes);
}

void* resize(void* given, std::size_t size)
{
    if (given == nullptr) return take(size);
    void* other = take(size);
    if (other == nullptr) return nullptr;
    std::memcpy(other, given, std::min(size, size_of(given)));
    give_back(given);
    return other;
}

bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\0';
}

bool opens_a_byte_order_mark(char c)
{
    return c == '\xEF' || c == '\xFE' || c == '\xFF';
}

std::string_view reason(XML_Error error)
{
    if (error == XML_ERROR_NO_MEMORY) return "a document that needs too much memory";
    const char* text = XML_ErrorString(error);
    return text == nullptr ? "not XML" : text;
}

}  // namespace

std::optional<std::string_view> Attributes::find(std::string_view local) const
{
    for (const char* const* at = pairs_; *at != nullptr; at += 2)
        if (local_name(at[0]) == local) return at[1];
    return std::nullopt;
}

/// One document's expat and what its handlers need.
struct DocumentReader::Parser {
    std::size_t left{parser_bytes_max};
    XML_Parser expat{};
    Listener* listener{};
    std::uint64_t fed{};     ///< bytes of this document
    std::uint64_t told{};    ///< of them, what the listener has told
    std::uint64_t closed{};  ///< where the root ended
    std::size_t depth{};
    bool root_seen{};
    bool root_closed{};
    bool stopped{};
    std::string_view refused;  ///< by us
    std::string prolog;        ///< what came before the root, for looking again

    ~Parser()
    {
        const Spending spending{left};
        XML_ParserFree(expat);
    }

    bool start()
    {
        if (expat == nullptr) {
            const XML_Memory_Handling_Suite memory{take, resize, give_back};
            expat = XML_ParserCreate_MM(nullptr, &memory, nullptr);
            if (expat == nullptr) return false;
        } else {
            XML_ParserReset(expat, nullptr);
        }
        XML_SetReparseDeferralEnabled(expat, XML_FALSE);
        XML_SetParamEntityParsing(expat, XML_PARAM_ENTITY_PARSING_NEVER);
        XML_SetUserData(expat, this);
        XML_SetElementHandler(expat, on_begin, on_end);
        XML_SetCharacterDataHandler(expat, on_text);
        XML_SetCommentHandler(expat, on_comment);
        XML_SetProcessingInstructionHandler(expat, on_instruction);
        XML_SetStartDoctypeDeclHandler(expat, on_doctype);
        XML_SetUnknownEncodingHandler(expat, on_encoding, nullptr);
        fed = told = closed = 0;
        depth = 0;
        root_seen = root_closed = stopped = false;
        refused = {};
        prolog.clear();
        return true;
    }

    std::uint64_t event_at() const
    {
        const XML_Index index = XML_GetCurrentByteIndex(expat);
        return index < 0 ? 0 : std::min(static_cast<std::uint64_t>(index), fed);
    }
    std::uint64_t event_end() const
    {
        const int count = XML_GetCurrentByteCount(expat);
        return event_at() + static_cast<std::uint64_t>(std::max(count, 0));
    }

    void refuse(std::string_view why)
    {
        refused = why;
        stop();
    }
    void stop()
    {
        stopped = true;
        XML_StopParser(expat, XML_FALSE);
    }
    bool too_long() const
    {
        return static_cast<std::size_t>(XML_GetCurrentByteCount(expat)) > token_bytes_max;
    }

    static Parser& of(void* user) { return *static_cast<Parser*>(user); }

    static void XMLCALL on_begin(void* user, const char* name, const char** pairs)
    {
        Parser& self = of(user);
        if (self.stopped) return;
        if (!self.root_seen) {
            self.root_seen = true;
            if (self.event_at() > token_bytes_max) return self.refuse("a prolog without end");
        }
        if (++self.depth > depth_max) return self.refuse("elements nested too deeply");
        if (self.too_long()) return self.refuse("a tag without end");
        self.listener->begin(name, Attributes{pairs});
    }
    static void XMLCALL on_end(void* user, const char*)
    {
        Parser& self = of(user);
        if (self.stopped) return;
        if (self.listener->end()) self.told = self.event_end();
        if (--self.depth > 0) return;
        self.root_closed = true;
        self.closed = self.event_end();
        self.stop();
    }
    static void XMLCALL on_text(void* user, const char* text, int size)
    {
        Parser& self = of(user);
        if (!self.stopped) self.listener->text({text, static_cast<std::size_t>(size)});
    }
    static void XMLCALL on_comment(void* user, const char*)
    {
        Parser& self = of(user);
        if (!self.stopped && self.too_long()) self.refuse("a comment without end");
    }
    static void XMLCALL on_instruction(void* user, const char*, const char*)
    {
        Parser& self = of(user);
        if (!self.stopped && self.too_long()) self.refuse("an instruction without end");
    }
    static void XMLCALL on_doctype(void* user, const char*, const char*, const char*, int)
    {
        Parser& self = of(user);
        if (!self.stopped) self.refuse("a DOCTYPE, which is refused");
    }
    static int XMLCALL on_encoding(void*, const char* name, XML_Encoding* encoding)
    {
        ByteMap described{};
        if (!describe_encoding(name, described)) return XML_STATUS_ERROR;
        std::copy(described.map.begin(), described.map.end(), encoding->map);
        encoding->data = nullptr;
        encoding->convert = described.convert;
        encoding->release = nullptr;
        return XML_STATUS_OK;
    }
};

DocumentReader::DocumentReader(std::vector<std::string_view> starts)
    : starts_{std::move(starts)}, parser_{std::make_unique<Parser>()}
{
}

DocumentReader::~DocumentReader() = default;

void DocumentReader::feed(std::span<const std::byte> bytes, Listener& listener,
                          const Refuse& refuse)
{
    const std::string_view fresh{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    if (carry_.empty()) return run(fresh, false, listener, refuse);
    std::string joined = std::exchange(carry_, {});
    joined.append(fresh);
    run(joined, false, listener, refuse);
}

void DocumentReader::finish(Listener& listener, const Refuse& refuse)
{
    const std::string rest = std::exchange(carry_, {});
    run(rest, true, listener, refuse);
    at_ += carry_.size();  // what could not even be begun
    carry_.clear();
    if (where_ == Where::inside && parser_->root_seen) {
        listener.broken();
        lose("a document that was cut", opened_at_ + parser_->told);
    } else if (where_ == Where::inside && parser_->fed > 0 && !only_remarks()) {
        lose("a document that was cut", opened_at_);
    }
    if (where_ == Where::lost) tell_lost(at_, refuse);
    where_ = Where::between;
    after_damage_ = skipping_end_tag_ = false;
}

/// Comments and instructions without a root that end with the stream are no loss.
bool DocumentReader::only_remarks()
{
    const Spending spending{parser_->left};
    const auto status = XML_ParseBuffer(parser_->expat, 0, XML_TRUE);
    return status != XML_STATUS_ERROR || XML_GetErrorCode(parser_->expat) == XML_ERROR_NO_ELEMENTS;
}

void DocumentReader::run(std::string_view bytes, bool last, Listener& listener,
                         const Refuse& refuse)
{
    std::string again;
    for (;;) {
        std::size_t used = 0;
        switch (where_) {
            case Where::between:
                used = look_for_document(bytes);
                break;
            case Where::inside:
                used = parse(bytes, last, listener);
                break;
            case Where::lost:
                used = look_for_start(bytes, refuse);
                break;
        }
        bytes.remove_prefix(used);
        at_ += used;
        if (!look_again_.empty()) {
            at_ -= look_again_.size();
            std::string joined = std::exchange(look_again_, {});
            joined.append(bytes);
            again = std::move(joined);
            bytes = again;
        }
        const bool moved = std::exchange(moved_, false);
        if (bytes.empty() || (used == 0 && !moved)) break;
    }
    carry_.assign(bytes);
}

/// Each step either uses bytes or changes `where_`; the latter says so by this.
void DocumentReader::go(Where where)
{
    where_ = where;
    moved_ = true;
}

std::size_t DocumentReader::look_for_document(std::string_view bytes)
{
    std::size_t i = 0;
    if (skipping_end_tag_) {
        const auto end = bytes.find('>');
        if (end == std::string_view::npos) return bytes.size();
        skipping_end_tag_ = false;
        i = end + 1;
    }
    while (i < bytes.size() && is_blank(bytes[i])) ++i;
    if (i == bytes.size()) return i;
    if (bytes[i] == '<' && after_damage_) {
        if (i + 1 == bytes.size()) return i;
        if (bytes[i + 1] == '/') {
            skipping_end_tag_ = true;
            return i + 1;
        }
    }
    if (bytes[i] == '<' || opens_a_byte_order_mark(bytes[i]))
        open(at_ + i);
    else
        lose("bytes between documents", at_ + i);
    return i;
}

std::size_t DocumentReader::look_for_start(std::string_view bytes, const Refuse& refuse)
{
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (bytes[i] != '<' && !opens_a_byte_order_mark(bytes[i])) continue;
        const auto starts = starts_here(bytes.substr(i, start_bytes_max));
        if (!starts) return i;
        if (!*starts) continue;
        tell_lost(at_ + i, refuse);
        after_damage_ = true;
        open(at_ + i);
        return i;
    }
    return bytes.size();
}

/// Nothing: too few bytes to say.
std::optional<bool> DocumentReader::starts_here(std::string_view bytes) const
{
    const bool may_grow = bytes.size() < start_bytes_max;
    const auto is = [&](std::string_view mark) -> std::optional<bool> {
        if (bytes.starts_with(mark)) return true;
        if (may_grow && mark.starts_with(bytes)) return std::nullopt;
        return false;
    };
    if (bytes[0] != '<') {
        const auto little = is("\xFF\xFE");
        return little && !*little ? is("\xFE\xFF") : little;
    }
    const auto declared = is("<?xml");
    if (!declared || *declared) return declared;
    const auto end = bytes.find_first_of(" \t\r\n/>", 1);
    if (end == std::string_view::npos) return may_grow ? std::nullopt : std::optional{false};
    const auto name = local_name(bytes.substr(1, end - 1));
    return std::find(starts_.begin(), starts_.end(), name) != starts_.end();
}

void DocumentReader::open(std::uint64_t at)
{
    const Spending spending{parser_->left};
    opened_at_ = at;
    if (!parser_->start()) return lose("a document that needs too much memory", at);
    go(Where::inside);
}

std::size_t DocumentReader::parse(std::string_view bytes, bool last, Listener& listener)
{
    Parser& parser = *parser_;
    const std::uint64_t waiting =
        parser.root_seen ? parser.fed - parser.event_at() : std::uint64_t{0};
    // A long tag is looked at from its start each time: rather seldom.
    const bool seldom = waiting > long_token_bytes && bytes.size() < waiting / 2 && !last;
    if (seldom && bytes.find('>') == std::string_view::npos) return 0;

    const std::size_t slice_max =
        std::clamp(static_cast<std::size_t>(std::min<std::uint64_t>(parser.fed, slice_bytes_max)),
                   first_slice_bytes, slice_bytes_max);
    const auto slice = bytes.substr(0, slice_max);
    if (slice.empty()) return 0;
    if (!parser.root_seen) parser.prolog.append(slice);

    const Spending spending{parser.left};
    parser.listener = &listener;
    void* buffer = XML_GetBuffer(parser.expat, static_cast<int>(slice.size()));
    if (buffer == nullptr) {
        forget_parser();
        listener.broken();
        lose("a document that needs too much memory", opened_at_);
        return slice.size();
    }
    std::memcpy(buffer, slice.data(), slice.size());
    parser.fed += slice.size();
    const auto status = XML_ParseBuffer(parser.expat, static_cast<int>(slice.size()), XML_FALSE);
    if (status == XML_STATUS_ERROR) return after_stop(slice, listener);

    if (parser.root_seen) parser.prolog.clear();
    const auto unread = parser.root_seen ? parser.fed - parser.event_at() : parser.fed;
    if (unread > token_bytes_max) {
        parser.refused = parser.root_seen ? "a tag without end" : "a prolog without end";
        return after_stop(slice, listener);
    }
    return slice.size();
}

/// The parser has stopped: at the root's end, or because it must not or cannot go on. How much of
/// the slice is done with.
std::size_t DocumentReader::after_stop(std::string_view slice, Listener& listener)
{
    Parser& parser = *parser_;
    if (parser.root_closed) {
        told_upto_ = opened_at_ + parser.closed;
        go(Where::between);
        const auto rest = parser.fed - parser.closed;
        return slice.size() - static_cast<std::size_t>(std::min<std::uint64_t>(rest, slice.size()));
    }
    const XML_Error error = XML_GetErrorCode(parser.expat);
    const std::string_view why = parser.refused.empty() ? reason(error) : parser.refused;
    const std::uint64_t stopped_at = parser.root_seen ? parser.event_at() : 0;
    const std::uint64_t from =
        std::max<std::uint64_t>(parser.refused.empty() ? stopped_at : stopped_at + 1, 1);
    const auto rest = static_cast<std::size_t>(parser.fed - std::min(from, parser.fed));
    if (rest > slice.size()) keep_for_another_look(rest);

    listener.broken();
    lose(why, opened_at_ + parser.told);
    if (error == XML_ERROR_NO_MEMORY) forget_parser();
    return slice.size() - (look_again_.empty() ? std::min(rest, slice.size()) : 0);
}

/// The damage began before this slice: those bytes are in the parser still.
void DocumentReader::keep_for_another_look(std::size_t rest)
{
    const Parser& parser = *parser_;
    if (!parser.root_seen) {
        if (rest <= parser.prolog.size())
            look_again_.assign(parser.prolog, parser.prolog.size() - rest);
        return;
    }
    int offset = 0;
    int size = 0;
    const char* context = XML_GetInputContext(parser.expat, &offset, &size);
    const auto held = static_cast<std::size_t>(std::max(size, 0));
    if (context != nullptr && rest <= held) look_again_.assign(context + (held - rest), rest);
}

void DocumentReader::forget_parser()
{
    parser_ = std::make_unique<Parser>();
}

void DocumentReader::lose(std::string_view why, std::uint64_t from)
{
    why_ = why;
    told_upto_ = from;
    go(Where::lost);
}

void DocumentReader::tell_lost(std::uint64_t upto, const Refuse& refuse)
{
    refuse(Garbled{why_, static_cast<std::size_t>(upto - std::min(told_upto_, upto))});
    told_upto_ = upto;
}

}  // namespace raiten::drivers::xml

#include "drivers/epos/press.hpp"

#include <algorithm>
#include <charconv>
#include <initializer_list>

namespace raiten::drivers::epos {
namespace {

using xml::Attributes;

constexpr unsigned esc = 0x1B;
constexpr unsigned fs = 0x1C;
constexpr unsigned gs = 0x1D;
constexpr unsigned line_feed = 0x0A;
constexpr std::size_t flush_bytes = 4096;
constexpr std::size_t data_bytes_max = 1000;  ///< what a slip keeps of one code
constexpr std::size_t barcode_bytes_max = 255;

unsigned number_in(std::string_view text, unsigned otherwise, unsigned most)
{
    unsigned n = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), n);
    const bool good = error == std::errc{} && stop == text.data() + text.size();
    return good ? std::min(n, most) : otherwise;
}

bool yes(std::string_view text)
{
    return text == "true" || text == "1";
}

int hex_value(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

void Press::begin(const char* qualified, const Attributes& attributes)
{
    ++depth_;
    const auto name = xml::local_name(qualified);
    if (job_ == 0) {
        if (name == "epos-print") begin_job();
        return;
    }
    if (content_ != Content::none) return;
    content_depth_ = depth_;
    data_.clear();
    if (name == "text") {
        begin_text(attributes);
    } else if (name == "feed") {
        feed_paper(attributes);
    } else if (name == "cut") {
        put({gs, 'V', 0});
    } else if (name == "barcode") {
        content_ = Content::barcode;
        code128_ = attributes.text("type").find("128") != std::string_view::npos;
    } else if (name == "symbol") {
        content_ = Content::symbol;
    } else if (name == "command") {
        content_ = Content::command;
        nibble_ = -1;
    } else if (name == "image" || name == "logo") {
        put({gs, 'v', '0', 0, 0, 0, 0, 0});  // a picture of no size: what it shows is not read
    } else if (name == "pulse") {
        put({esc, 'p', 0, 25, 250});
    } else if (name == "page") {
        put({esc, 'L'});
    } else if (name == "position" || name == "area") {
        put({esc, 'L'});
        place(attributes);
    } else if (name == "reset") {
        put({esc, '@'});
    }
}

void Press::begin_job()
{
    job_ = depth_;
    japanese_ = false;
    width_ = height_ = 1;
    put({esc, '@'});
}

void Press::end_job()
{
    job_ = 0;
    content_ = Content::none;
    flush();
    slips_.finish(*sink_);
}

/// What a text says about itself holds for the texts after it, as in the printer.
void Press::begin_text(const Attributes& attributes)
{
    content_ = Content::text;
    attributes.for_each([&](std::string_view name, std::string_view value) {
        if (name == "lang") japanese_ = value.starts_with("ja");
        if (name == "width") width_ = std::max(number_in(value, width_, 8), 1U);
        if (name == "height") height_ = std::max(number_in(value, height_, 8), 1U);
        if (name == "dw") width_ = yes(value) ? 2 : 1;
        if (name == "dh") height_ = yes(value) ? 2 : 1;
    });
    if (attributes.find("y")) put({esc, 'L'});  // up or down a page: another line
    place(attributes);
    put({gs, '!', (width_ - 1) << 4U | (height_ - 1)});
    put({fs, '(', 'C', 2, 0, 48, 50});  // UTF-8
}

void Press::place(const Attributes& attributes)
{
    const auto x = attributes.find("x");
    if (!x) return;
    const unsigned dots = number_in(*x, 0, 0xFFFF);
    put({esc, '$', dots & 0xFFU, dots >> 8U});
}

void Press::feed_paper(const Attributes& attributes)
{
    const auto lines = attributes.find("line");
    const auto dots = attributes.find("unit");
    if (lines)
        put({esc, 'd', number_in(*lines, 1, 255)});
    else if (dots || attributes.find("pos"))
        put({esc, 'J', number_in(dots.value_or("30"), 30, 255)});
    else
        put({line_feed});
}

void Press::text(std::string_view piece)
{
    if (content_ == Content::none || depth_ != content_depth_) return;
    switch (content_) {
        case Content::text:
            print_text(piece);
            break;
        case Content::command:
            print_hex(piece);
            break;
        default:
            // One byte more than fits: it shows that the code was too long.
            data_.append(
                piece.substr(0, data_bytes_max + 1 - std::min(data_.size(), data_bytes_max)));
            break;
    }
    if (out_.size() > flush_bytes) flush();
}

void Press::print_text(std::string_view piece)
{
    for (const char c : piece) {
        if (c == '\\' && japanese_)
            put("\xC2\xA5");
        else
            out_.push_back(c);
    }
}

void Press::print_hex(std::string_view piece)
{
    for (const char c : piece) {
        const int value = hex_value(c);
        if (value < 0) continue;
        if (nibble_ < 0) {
            nibble_ = value;
        } else {
            out_.push_back(static_cast<char>(nibble_ << 4 | value));
            nibble_ = -1;
        }
    }
}

void Press::print_barcode()
{
    std::string_view data = data_;
    // "{A", "{B", "{C" choose a set of bars, they are no data.
    if (code128_ && data.size() > 2 && data[0] == '{' && data[1] >= 'A' && data[1] <= 'C')
        data.remove_prefix(2);
    if (data.empty() || data.size() > barcode_bytes_max) return;
    put({gs, 'k', 73, static_cast<unsigned>(data.size())});
    put(data);
}

void Press::print_symbol()
{
    if (data_.empty()) return;
    const auto size = static_cast<unsigned>(data_.size() + 3);
    put({gs, '(', 'k', size & 0xFFU, size >> 8U, 49, 80, 48});
    put(data_);
}

bool Press::end()
{
    if (content_ != Content::none && depth_ == content_depth_) {
        if (content_ == Content::text) put({fs, '(', 'C', 2, 0, 48, 49});
        if (content_ == Content::barcode) print_barcode();
        if (content_ == Content::symbol) print_symbol();
        content_ = Content::none;
    }
    if (depth_ == job_) end_job();
    --depth_;
    if (job_ != 0) flush();
    return job_ == 0;
}

/// A printer prints nothing of what it cannot read to the end.
void Press::broken()
{
    depth_ = job_ = content_depth_ = 0;
    content_ = Content::none;
    out_.clear();
    slips_.finish({[](const escpos::Slip&, const escpos::Judgement&) {},
                   [](std::string_view, std::size_t) {}});
}

void Press::put(std::initializer_list<unsigned> bytes)
{
    for (const unsigned byte : bytes) out_.push_back(static_cast<char>(byte));
}

void Press::flush()
{
    if (out_.empty()) return;
    slips_.feed(std::as_bytes(std::span{out_.data(), out_.size()}), *sink_);
    out_.clear();
}

}  // namespace raiten::drivers::epos

#include "tests/support/receipt_writer.hpp"

#include "daemon/base/hex.hpp"

#include <iconv.h>

#include <array>
#include <cerrno>
#include <optional>

namespace raiten::stage {
namespace {

constexpr std::size_t line_dots = 576;
constexpr std::size_t narrow_dots = 12;  // a Shift_JIS byte of font A
constexpr std::size_t quantity_dots = 396;

/// 1234567 -> "1,234,567"
std::string grouped(std::int64_t yen)
{
    std::string out = std::to_string(yen);
    for (std::size_t at = out.size(); at > 3;) out.insert(at -= 3, 1, ',');
    return out;
}

/// Builds the command stream; the first text that cannot be written in Shift_JIS is kept.
class Paper {
 public:
    Paper& command(std::string_view bytes)
    {
        out_ += bytes;
        return *this;
    }
    Paper& text(std::string_view utf8)
    {
        const auto converted = shift_jis(utf8);
        if (converted.has_error())
            problem_ = converted.error();
        else
            out_ += converted.value();
        return *this;
    }
    /// ESC $ nL nH: what comes next stands there.
    Paper& at(std::size_t dots)
    {
        out_ += "\x1b$";
        out_ += static_cast<char>(dots % 256);
        out_ += static_cast<char>(dots / 256);
        return *this;
    }
    Paper& at_right_end(std::string_view narrow)
    {
        at(line_dots - narrow.size() * narrow_dots);
        out_ += narrow;
        return *this;
    }
    Paper& line()
    {
        out_ += '\n';
        return *this;
    }
    Paper& row(std::string_view name, std::int64_t yen)
    {
        return text(name).at_right_end("\\" + grouped(yen)).line();
    }
    Result<std::vector<std::byte>> done() const
    {
        if (problem_) return *problem_;
        const auto bytes = bytes_of(out_);
        return std::vector<std::byte>{bytes.begin(), bytes.end()};
    }

 private:
    std::string out_;
    std::optional<Problem> problem_;
};

}  // namespace

Result<std::vector<std::byte>> receipt_bytes(const ReceiptContent& content)
{
    using namespace std::string_view_literals;
    Paper paper;
    paper.command(
        "\x1b@\x1c"
        "C\x01\x1bR\x08"sv);               // initialise; Shift_JIS; Japan
    paper.command("\x1bp\x00\x19\xfa"sv);  // the drawer opens
    paper.command("\x1b\x61\x01\x1d!\x11"sv).text("来店マート").line();
    paper.command("\x1d!\x00"sv).text("駅前店").line().text("領　収　証").line();
    paper.command("\x1b\x61\x00"sv).text(content.printed_at).line();
    paper.text("レシートNo.").text(content.number).text("  レジ01").line();
    paper.text(std::string(line_dots / narrow_dots, '-')).line();
    std::int64_t total_yen = 0;
    for (const auto& item : content.items) {
        const auto amount_yen = item.quantity * item.price_yen;
        total_yen += amount_yen;
        paper.text(item.name).at(quantity_dots).text(std::to_string(item.quantity));
        paper.at_right_end("\\" + grouped(amount_yen)).line();
    }
    paper.text(std::string(line_dots / narrow_dots, '-')).line();
    paper.command("\x1b\x45\x01"sv).row("合計", total_yen).command("\x1b\x45\x00"sv);
    paper.row("お預り", content.paid_yen).row("お釣り", content.paid_yen - total_yen);
    if (!content.member.empty()) {
        paper.text("会員番号 ").text(content.member).line();
        paper.command("\x1dh\x3c\x1dw\x02\x1dH\x02\x1dk\x43\x0d"sv).command(content.member).line();
    }
    paper.text("ありがとうございました").line();
    paper.command("\x1b\x64\x04\x1dV\x42\x00"sv);  // feed and cut
    return paper.done();
}

Result<std::string> shift_jis(std::string_view utf8)
{
    const iconv_t converter = ::iconv_open("CP932", "UTF-8");
    // NOLINTNEXTLINE: iconv's own way of saying no
    if (converter == reinterpret_cast<iconv_t>(-1))
        return Problem{
            "no converter to Shift_JIS", {}, "the C library's gconv modules are missing"};
    std::string in{utf8};
    std::string out(utf8.size() * 2, '\0');
    char* from = in.data();
    char* to = out.data();
    std::size_t from_left = in.size();
    std::size_t to_left = out.size();
    const auto failed = ::iconv(converter, &from, &from_left, &to, &to_left) == std::size_t(-1);
    ::iconv_close(converter);
    if (failed) return Problem{"cannot be written in Shift_JIS: '" + in + "'"};
    out.resize(out.size() - to_left);
    // A Problem can be made from a string too, so the value must be named as such.
    return Result<std::string>{boost::system::in_place_value, std::move(out)};
}

}  // namespace raiten::stage

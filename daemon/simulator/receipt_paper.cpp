#include "daemon/simulator/receipt_paper.hpp"

#include "daemon/base/iso8601.hpp"

namespace raiten::simulator {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t line_dots = 576;
constexpr std::size_t narrow_dots = 12;  // a Shift_JIS byte of font A
constexpr std::size_t quantity_dots = 396;

// Shift_JIS (code page 932); the goods' own names are ASCII.
constexpr auto receipt_word = "\x97\xcc\x8e\xfb\x8f\xd8"sv;               // 領収証
constexpr auto receipt_number = "\x83\x8c\x83\x56\x81\x5b\x83\x67No."sv;  // レシートNo.
constexpr auto original = "\x8c\xb3"sv;                                   // 元
constexpr auto void_word = "\x8e\xe6\x8f\xc1"sv;                          // 取消
constexpr auto refund_word = "\x95\xd4\x95\x69"sv;                        // 返品
constexpr auto total_word = "\x8d\x87\x8c\x76"sv;                         // 合計
constexpr auto paid_word = "\x82\xa8\x97\x61\x82\xe8"sv;                  // お預り
constexpr auto member_word = "\x89\xef\x88\xf5\x94\xd4\x8d\x86 "sv;       // 会員番号

/// 1234567 -> "1,234,567"
std::string grouped(const Money& yen)
{
    std::string out = yen.text();
    for (std::size_t at = out.size(); at > 3;) out.insert(at -= 3, 1, ',');
    return out;
}

class Paper {
 public:
    Paper& add(std::string_view bytes)
    {
        out_ += bytes;
        return *this;
    }
    Paper& line(std::string_view bytes) { return add(bytes).add("\n"); }
    /// ESC $ nL nH: what comes next stands there.
    Paper& at(std::size_t dots)
    {
        out_ += "\x1b$";
        out_ += static_cast<char>(dots % 256);
        out_ += static_cast<char>(dots / 256);
        return *this;
    }
    Paper& amount(const Money& yen)
    {
        const auto text = "\\" + grouped(yen);
        return at(line_dots - text.size() * narrow_dots).line(text);
    }
    Paper& rule() { return line(std::string(line_dots / narrow_dots, '-')); }
    std::string take() { return std::move(out_); }

 private:
    std::string out_;
};

/// "2026/11/22 10:14"
std::string printed_time(Instant at, std::chrono::minutes offset)
{
    auto text = format_instant(at, offset).substr(0, 16);
    text[4] = text[7] = '/';
    text[10] = ' ';
    return text;
}

}  // namespace

std::string receipt_paper(const Slip& slip, std::string_view card, std::chrono::minutes offset)
{
    Paper paper;
    paper.add(
        "\x1b@\x1c"
        "C\x01\x1bR\x08"sv);           // initialise; Shift_JIS; Japan
    paper.add("\x1bp\x00\x19\xfa"sv);  // the drawer opens
    paper.add("\x1b\x61\x01"sv).line("RAITEN").line(receipt_word).add("\x1b\x61\x00"sv);
    if (slip.kind == ReceiptKind::void_) paper.line(void_word);
    if (slip.kind == ReceiptKind::refund) paper.line(refund_word);
    paper.line(printed_time(slip.at, offset));
    paper.add(receipt_number).line(slip.number);
    if (!slip.refers_to.empty()) paper.add(original).add(receipt_number).line(slip.refers_to);
    paper.rule();
    for (const auto& item : slip.lines)
        paper.add(item.name).at(quantity_dots).add(item.quantity.text()).amount(item.amount);
    paper.rule();
    paper.add("\x1b\x45\x01"sv).add(total_word).amount(slip.total).add("\x1b\x45\x00"sv);
    if (slip.kind == ReceiptKind::sale) paper.add(paid_word).amount(slip.total);
    if (!card.empty()) {
        const auto number = card.substr(card.find(':') + 1);
        paper.add(member_word).line(number);
        paper.add("\x1dh\x3c\x1dw\x02\x1dH\x02\x1dk\x43\x0d"sv).line(number);
    }
    paper.add("\x1b\x64\x04\x1dV\x42\x00"sv);  // feed and cut
    return paper.take();
}

}  // namespace raiten::simulator

#pragma once

#include "tests/drivers/escpos/printed.hpp"
#include "tests/drivers/escpos/shift_jis.hpp"

#include <string>

/// What a day at the printer looks like: one stream a story.
namespace raiten::tests::streams {

inline const std::string picture =
    "\x1dv0" + raw({0, 2, 0, 3, 0, 0x1B, 0x40, 0x0A, 0x1D, 0x56, 0x00}) + "\n";

inline std::string ja(std::string_view text)
{
    return "\x1bt\x01" + japanese + shift_jis(text);
}
inline std::string ja_row(std::string_view name, std::string_view quantity, std::string_view amount)
{
    return ja(name) + column(34) + ja(quantity) + column(40) + ja(amount) + "\n";
}

inline std::string sale_ja()
{
    return reset + drawer + picture + "\x1b" "a\x01" + ja("市ヶ谷駅前店") + "\n\x1b" "a" + raw({0}) +
           ja("2026年11月22日(日) 19:03") + "\n" + ja("取引番号：０００１２３") + "\n" +
           ja("会員番号 2900000000018") + "\n" + ja_row("ビール", "2", "¥1,300") +
           ja_row("千鳥コース", "2", "¥17,280") + "\x1d!\x10" + ja("合計") + column(24) +
           ja("¥18,580") + "\x1d!" + raw({0}) + "\n" + ja_row("ｵﾂﾘ", "", "¥1,420") + cut;
}

inline std::string sale_euro()
{
    return reset + "\x1bt\x13" + "Caf\x82 M\x81ller\n" + "Beleg-Nr: x\nBon Nr. 4711\n"
           + "22.11.2026 10:15\n2 x Kaffee        6,40 \xD5\nTorte             4,10 \xD5\n"
           + "SUMME         1.010,50 \xD5\nBar           1.020,00 \xD5\n" + full_cut;
}

inline std::string refund_ja()
{
    return reset + ja("【返品】") + "\n" + ja("取引番号:000130") + "\n" + ja("元取引番号:000123")
           + "\n" + ja_row("ビール", "1", "¥-650") + ja("合計") + column(30) + ja("¥-650") + "\n"
           + cut;
}

inline std::string void_en()
{
    return reset + "*** VOID ***\nReceipt No. 000125\nCoffee    3.20\nTOTAL     $3.20\n" + full_cut;
}

inline std::string reprint_ja()
{
    return reset + ja("＊＊＊再発行＊＊＊") + "\n" + ja("取引番号:000123") + "\n" + ja("合計")
           + column(30) + ja("¥18,580") + "\n" + cut;
}

inline std::string kitchen_ja()
{
    return reset + ja("調理単品【新規】") + column(30) + ja("2 卓") + "\n"
           + ja_row("グラスビール", "", "1") + cut;
}

}  // namespace raiten::tests::streams

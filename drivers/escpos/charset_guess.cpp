// What the bytes of a slip show about their coding where no command says it (charset.hpp).
#include "drivers/escpos/charset.hpp"
#include "drivers/escpos/utf8.hpp"

#include <algorithm>

namespace raiten::drivers::escpos {
namespace {

using Kind = Reading8Bit::Kind;
using Reach = Reading8Bit::Reach;

constexpr std::uint8_t octet(std::string_view bytes, std::size_t at)
{
    return at < bytes.size() ? static_cast<std::uint8_t>(bytes[at]) : 0;
}

bool declared(const TextState& state)
{
    return state.utf8 || state.code == KanjiCode::shift_jis
           || state.code == KanjiCode::shift_jis_2004
           || (state.code == KanjiCode::jis && state.mode == KanjiMode::on);
}

/// ESC t 0 is part of so many start-up sequences that it says nothing.
bool open(const TextState& state)
{
    if (declared(state) || state.code != KanjiCode::unsaid) return false;
    if (state.mode == KanjiMode::on) return true;
    return state.mode == KanjiMode::unsaid && (!state.page_said || state.page == 0);
}

struct Utf8Evidence {
    std::size_t broken{};
    std::size_t sequences{};
    std::size_t sequences_under_page{};  ///< where ESC t or FS . asked for a code page
    bool katakana_page{};
    bool all_latin_1{true};
};

void weigh_utf8(Utf8Evidence& found, const TextRun& run)
{
    for (std::size_t at = 0; at < run.bytes.size();) {
        const auto next = next_utf8(run.bytes, at);
        at += next.bytes;
        if (!next.valid) ++found.broken;
        if (!next.valid || next.point < 0x80) continue;
        ++found.sequences;
        found.all_latin_1 = found.all_latin_1 && next.point < 0x100;
        if (open(run.state)) continue;
        ++found.sequences_under_page;
        found.katakana_page = found.katakana_page || run.state.page == 1;
    }
}

/// Counts of what pairs of bytes could be.
struct PairEvidence {
    std::size_t pairs{};          ///< both bytes A1..FE: the shape of GB 2312 and KS X 1001
    std::size_t symbols{};        ///< of these, rows A1..AF
    std::size_t level_1{};        ///< lead B0..D7: the common Chinese characters
    std::size_t beyond_hangul{};  ///< lead C9..FD: Chinese, but not Korean
    std::size_t not_gb{};         ///< nothing assigned there in GB 18030
    std::size_t private_use{};    ///< left to the printer's owner in GB 18030
    std::size_t not_korean{};     ///< nothing assigned there in CP949
    std::size_t stray{};          ///< high bytes that are no half of such a pair
    std::size_t neighbours{};     ///< high bytes side by side
    std::size_t repeats{};        ///< of these, twice the same (A1 A1 is a wide blank): ruled lines
    bool past_katakana{};         ///< some byte is E0 or more: not all half-width katakana
    bool kanji_mode{};
};

void weigh_neighbours(PairEvidence& found, std::string_view bytes, std::size_t at)
{
    if (octet(bytes, at + 1) < 0x80) return;
    ++found.neighbours;
    if (bytes[at] == bytes[at + 1] && octet(bytes, at) != 0xA1) ++found.repeats;
}

bool ruled(const PairEvidence& found)
{
    return found.repeats > 0 && found.repeats * 2 >= found.neighbours;
}

void weigh_pairs(PairEvidence& found, std::string_view bytes)
{
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        const std::uint8_t lead = octet(bytes, at);
        if (lead < 0x80) continue;
        const std::uint8_t trail = octet(bytes, at + 1);
        weigh_neighbours(found, bytes, at);
        if (lead < 0xA1 || lead == 0xFF || trail < 0xA1 || trail == 0xFF) {
            ++found.stray;
            continue;
        }
        ++at;
        weigh_neighbours(found, bytes, at);
        ++found.pairs;
        if (lead < 0xB0) ++found.symbols;
        if (lead >= 0xB0 && lead <= 0xD7) ++found.level_1;
        if (lead >= 0xC9) ++found.beyond_hangul;
        if (lead >= 0xE0 || trail >= 0xE0) found.past_katakana = true;
        const char32_t gb = pair(PairTable::gbk, lead, trail);
        if (gb == 0) ++found.not_gb;
        if (gb >= 0xE000 && gb < 0xF900) ++found.private_use;
        if (pair(PairTable::cp949, lead, trail) == 0) ++found.not_korean;
    }
}

bool looks_chinese(const PairEvidence& found)
{
    const std::size_t characters = found.pairs - found.symbols;
    const std::size_t enough = found.kanji_mode ? 2 : 4;
    const std::size_t odd = found.stray + found.private_use;
    return found.not_gb == 0 && odd * 10 <= found.pairs && characters >= enough
           && found.level_1 * 10 >= characters * 7 && found.beyond_hangul * 10 >= characters
           && found.past_katakana && !ruled(found);
}

bool looks_korean(const PairEvidence& found)
{
    const std::size_t hangul = found.pairs - found.symbols;
    return found.not_korean == 0 && found.stray == 0 && found.beyond_hangul == 0 && hangul >= 6
           && found.past_katakana && !ruled(found);
}

struct ShiftJisEvidence {
    std::size_t wide{};
    std::size_t kana{};
    std::size_t half_width{};
    std::size_t broken{};
};

void weigh_shift_jis(ShiftJisEvidence& found, std::string_view bytes)
{
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        const std::uint8_t lead = octet(bytes, at);
        if (lead < 0x80) continue;
        if (lead >= 0xA1 && lead <= 0xDF) {
            ++found.half_width;
            continue;
        }
        const std::uint8_t trail = octet(bytes, at + 1);
        if (pair(PairTable::cp932, lead, trail) == 0) {
            ++found.broken;
            continue;
        }
        ++at;
        ++found.wide;
        const bool hiragana = lead == 0x82 && trail >= 0x9F && trail <= 0xF1;
        const bool katakana = lead == 0x83 && trail <= 0x96;
        if (hiragana || katakana) ++found.kana;
    }
}

bool looks_japanese(const ShiftJisEvidence& found)
{
    return found.broken == 0 && found.wide >= 3 && found.kana >= 2 && found.kana * 5 >= found.wide
           && found.half_width <= found.wide;
}

/// Seven bits under FS & with no FS C: every run whole pairs, and kana among them.
bool looks_like_jis(std::span<const TextRun> runs)
{
    std::size_t kana = 0;
    for (const auto& run : runs) {
        if (run.state.mode != KanjiMode::on || run.state.code != KanjiCode::unsaid) continue;
        if (run.bytes.size() % 2 != 0) return false;
        for (std::size_t at = 0; at < run.bytes.size(); at += 2) {
            if (jis_pair(octet(run.bytes, at), octet(run.bytes, at + 1)) == 0) return false;
            if (octet(run.bytes, at) == 0x24 || octet(run.bytes, at) == 0x25) ++kana;
        }
    }
    return kana > 0;
}

/// EUC-KR taken for Latin-1 and written as UTF-8: the pairs behind the pairs.
bool looks_korean_behind(std::span<const TextRun> runs)
{
    std::string behind;
    for (const auto& run : runs) {
        if (declared(run.state)) continue;
        for (std::size_t at = 0; at < run.bytes.size();) {
            const auto next = next_utf8(run.bytes, at);
            behind.push_back(static_cast<char>(next.point & 0xFF));
            at += next.bytes;
        }
        behind.push_back('\n');
    }
    PairEvidence found;
    weigh_pairs(found, behind);
    return looks_korean(found);
}

Reading8Bit guess(std::span<const TextRun> runs)
{
    Utf8Evidence utf8;
    PairEvidence pairs;
    ShiftJisEvidence shift_jis;
    bool japan_said = false;
    for (const auto& run : runs) {
        japan_said =
            japan_said || run.state.international == 8 || run.state.code != KanjiCode::unsaid;
        if (declared(run.state)) continue;
        weigh_utf8(utf8, run);
        if (!open(run.state)) continue;
        weigh_pairs(pairs, run.bytes);
        weigh_shift_jis(shift_jis, run.bytes);
        pairs.kanji_mode = pairs.kanji_mode || run.state.mode == KanjiMode::on;
    }

    if (utf8.broken == 0 && utf8.sequences > 0) {
        const bool under_page = utf8.sequences_under_page > 0;
        const Reach reach = under_page ? Reach::everywhere : Reach::open;
        if (utf8.all_latin_1 && looks_korean_behind(runs)) return {Kind::utf8_of_euc_kr, reach};
        if (!under_page || (utf8.sequences >= 3 && !utf8.katakana_page)) return {Kind::utf8, reach};
    }
    if (looks_japanese(shift_jis)) return {Kind::shift_jis};
    if (looks_chinese(pairs)) return {Kind::gb18030};
    if (looks_korean(pairs)) return {Kind::euc_kr};
    if (looks_like_jis(runs)) return {Kind::jis};
    if (japan_said && shift_jis.broken == 0 && shift_jis.wide > 0) return {Kind::shift_jis};

    // Pairs and nothing else, and no ruled line: some two-byte code, but which?
    const bool pairs_only = pairs.pairs >= 2 && pairs.stray == 0 && !ruled(pairs);
    const bool shift_jis_only = shift_jis.broken == 0 && shift_jis.kana > 0;
    if (pairs_only || shift_jis_only) return {Kind::unclear};
    return {Kind::code_page};
}

}  // namespace

Reading8Bit settle(Charset charset, std::span<const TextRun> runs)
{
    switch (charset) {
        case Charset::automatic:
            return guess(runs);
        case Charset::code_page:
            return {Kind::code_page};
        case Charset::shift_jis:
            return {Kind::shift_jis, Reach::pages};
        case Charset::gb18030:
            return {Kind::gb18030, Reach::pages};
        case Charset::euc_kr:
            return {Kind::euc_kr, Reach::pages};
        case Charset::big5:
            return {Kind::big5, Reach::pages};
        case Charset::utf8:
            return {Kind::utf8, Reach::everywhere};
    }
    return {Kind::code_page};
}

}  // namespace raiten::drivers::escpos

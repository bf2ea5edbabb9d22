#include "drivers/escpos/charset.hpp"

#include "drivers/escpos/utf8.hpp"

#include <algorithm>
#include <utility>

namespace raiten::drivers::escpos {
namespace {

using Kind = Reading8Bit::Kind;
using Reach = Reading8Bit::Reach;

constexpr std::uint8_t octet(std::string_view bytes, std::size_t at)
{
    return at < bytes.size() ? static_cast<std::uint8_t>(bytes[at]) : 0;
}

constexpr bool between(std::uint8_t low, std::uint8_t byte, std::uint8_t high)
{
    return low <= byte && byte <= high;
}

enum class Coding : std::uint8_t {
    single,
    jis,
    shift_jis,
    shift_jis_2004,
    gb18030,
    euc_kr,
    big5,
    utf8,
    utf8_of_euc_kr,
    unclear
};

/// Before the first byte that is not ASCII or that ESC R may replace.
std::size_t undisputed_bytes(std::string_view bytes)
{
    std::size_t count = 0;
    while (count < bytes.size() && octet(bytes, count) < 0x80 && !is_international(bytes[count]))
        ++count;
    return count;
}

Coding coding_of(Kind kind)
{
    switch (kind) {
        case Kind::code_page:
            return Coding::single;
        case Kind::shift_jis:
            return Coding::shift_jis;
        case Kind::jis:
            return Coding::jis;
        case Kind::gb18030:
            return Coding::gb18030;
        case Kind::euc_kr:
            return Coding::euc_kr;
        case Kind::big5:
            return Coding::big5;
        case Kind::utf8:
            return Coding::utf8;
        case Kind::utf8_of_euc_kr:
            return Coding::utf8_of_euc_kr;
        case Kind::unclear:
            return Coding::unclear;
    }
    return Coding::single;
}

bool has_high(std::string_view bytes)
{
    return std::ranges::any_of(bytes, [](char c) { return static_cast<std::uint8_t>(c) >= 0x80; });
}

/// Ruled lines of the katakana page. Impact printers get them after ESC t 1 alone, though FS C 1
/// still holds: read as Shift_JIS they would be kanji without sense.
bool is_ruling(const TextRun& run)
{
    if (!run.state.page_last || run.state.page != 1) return false;
    std::size_t strokes = 0;
    std::size_t others = 0;
    for (const char c : run.bytes) {
        const auto byte = static_cast<std::uint8_t>(c);
        if (byte == ' ') continue;
        if (!between(0x80, byte, 0x9F)) return false;
        ++(byte == 0x95 || byte == 0x96 ? strokes : others);
    }
    return strokes > 0 && strokes >= others;
}

Coding coding_of(const TextRun& run, Reading8Bit reading)
{
    const TextState& state = run.state;
    if (state.utf8) return Coding::utf8;
    if (is_ruling(run)) return Coding::single;
    if (state.code == KanjiCode::shift_jis) return Coding::shift_jis;
    if (state.code == KanjiCode::shift_jis_2004) return Coding::shift_jis_2004;

    const bool mode_on = state.mode == KanjiMode::on;
    if (state.code == KanjiCode::jis && mode_on) return Coding::jis;
    const bool settled = state.code == KanjiCode::unsaid && state.mode != KanjiMode::off;
    if (!settled && reading.reach != Reach::everywhere) return Coding::single;

    const Coding coding = coding_of(reading.kind);
    // A Japanese printer that nobody told FS C starts with JIS between FS & and FS .
    if (coding == Coding::shift_jis && mode_on && !has_high(run.bytes)) return Coding::jis;
    if (coding == Coding::jis && !mode_on) return Coding::single;
    const bool page_asked = state.page_said && state.page != 0 && !mode_on;
    return page_asked && reading.reach == Reach::open ? Coding::single : coding;
}

class Writer {
 public:
    Writer(const TextRun& run, Coding coding, Dialect dialect)
        : run_{run}, coding_{coding}, dialect_{dialect}
    {
        const bool japanese = coding == Coding::shift_jis || coding == Coding::jis
                              || coding == Coding::shift_jis_2004;
        national_ = run.state.international_said || !japanese ? run.state.international : 8;
    }

    DecodedText write()
    {
        while (at_ < run_.bytes.size()) {
            if (coding_ != Coding::jis && put_plain()) continue;
            step();
        }
        return std::move(result_);
    }

 private:
    std::uint8_t byte(std::size_t ahead) const { return octet(run_.bytes, at_ + ahead); }

    void put(char32_t point, std::size_t bytes, int cells)
    {
        if (point == 0) {
            ++result_.unreadable;
            point = 0xFFFD;
        }
        append_utf8(result_.text, point);
        result_.cells += cells;
        at_ += bytes;
    }

    /// ASCII that every national set leaves alone, all at once.
    bool put_plain()
    {
        const auto rest = run_.bytes.substr(at_);
        const auto count = national_ == 0 ? ascii_bytes(rest) : undisputed_bytes(rest);
        result_.text.append(rest, 0, count);
        result_.cells += static_cast<int>(count);
        at_ += count;
        return count > 0;
    }

    void put_ascii() { put(international(national_, static_cast<char>(byte(0))), 1, 1); }
    void put_upper()
    {
        if (!page_known_) page_ = find_single_page(page_name(dialect_, run_.state.page));
        page_known_ = true;
        put(page_ == nullptr ? 0 : page_[byte(0) - 0x80], 1, 1);
    }

    /// A two-byte character; a lead without its trail spoils itself alone.
    void put_pair(char32_t point)
    {
        const bool trail_missing = at_ + 1 >= run_.bytes.size() || byte(1) < 0x30;
        put(point, point == 0 && (trail_missing || byte(1) < 0x80) ? 1 : 2, 2);
    }

    void step()
    {
        if (coding_ == Coding::jis) return step_jis();
        if (byte(0) < 0x80) return put_ascii();
        switch (coding_) {
            case Coding::single:
                return put_upper();
            case Coding::shift_jis:
                return step_shift_jis();
            case Coding::shift_jis_2004:
                return step_shift_jis_2004();
            case Coding::gb18030:
                return step_gb18030();
            case Coding::euc_kr:
                return put_pair(pair(PairTable::cp949, byte(0), byte(1)));
            case Coding::big5:
                return put_pair(pair(PairTable::big5, byte(0), byte(1)));
            case Coding::utf8:
                return step_utf8();
            case Coding::utf8_of_euc_kr:
                return step_utf8_of_euc_kr();
            case Coding::jis:
            case Coding::unclear:
                return put(0, byte(1) >= 0x80 ? 2 : 1, 2);
        }
    }

    void step_jis()
    {
        if (byte(0) == ' ' && byte(1) != 0) return put(' ', 1, 1);
        if (byte(0) >= 0x80) return put_upper();
        const char32_t point = jis_pair(byte(0), byte(1));
        put(point, at_ + 1 < run_.bytes.size() ? 2 : 1, 2);
    }

    void step_shift_jis()
    {
        if (between(0xA1, byte(0), 0xDF)) return put(0xFF61 + byte(0) - 0xA1U, 1, 1);
        put_pair(pair(PairTable::cp932, byte(0), byte(1)));
    }

    void step_shift_jis_2004()
    {
        if (between(0xA1, byte(0), 0xDF)) return put(0xFF61 + byte(0) - 0xA1U, 1, 1);
        const auto found = escpos::shift_jis_2004(byte(0), byte(1));
        put_pair(found.base);
        if (found.mark != 0) append_utf8(result_.text, found.mark);
    }

    void step_gb18030()
    {
        if (between(0x30, byte(1), 0x39) && byte(2) >= 0x81)
            return put(gb18030_four(byte(0), byte(1), byte(2), byte(3)),
                       std::min<std::size_t>(4, run_.bytes.size() - at_), 2);
        put_pair(pair(PairTable::gbk, byte(0), byte(1)));
    }

    void step_utf8()
    {
        const auto next = next_utf8(run_.bytes, at_);
        put(next.valid ? next.point : 0, next.bytes, cells_of(next.point));
    }

    void step_utf8_of_euc_kr()
    {
        const auto first = next_utf8(run_.bytes, at_);
        const auto second = next_utf8(run_.bytes, at_ + first.bytes);
        const bool fits =
            first.valid && second.valid && first.point < 0x100 && second.point < 0x100;
        const char32_t point = fits ? pair(PairTable::cp949, static_cast<std::uint8_t>(first.point),
                                           static_cast<std::uint8_t>(second.point))
                                    : 0;
        put(point, point == 0 ? first.bytes : first.bytes + second.bytes, 2);
    }

    const TextRun& run_;
    Coding coding_;
    Dialect dialect_;
    const char16_t* page_{};
    bool page_known_{false};  ///< looked up when the first byte needs it
    std::uint8_t national_{};
    std::size_t at_{};
    DecodedText result_{};
};

}  // namespace

std::optional<Charset> find_charset(std::string_view name)
{
    constexpr std::pair<std::string_view, Charset> all[] = {
        {"auto", Charset::automatic},      {"code_page", Charset::code_page},
        {"shift_jis", Charset::shift_jis}, {"gb18030", Charset::gb18030},
        {"euc_kr", Charset::euc_kr},       {"big5", Charset::big5},
        {"utf8", Charset::utf8},
    };
    for (const auto& [each, charset] : all)
        if (each == name) return charset;
    return std::nullopt;
}

DecodedText decode(const TextRun& run, Reading8Bit reading, Dialect dialect)
{
    return Writer{run, coding_of(run, reading), dialect}.write();
}

}  // namespace raiten::drivers::escpos

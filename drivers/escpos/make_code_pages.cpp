// Writes the code page tables of the ESC/POS driver as C++ source: make_code_pages OUTPUT.
// Runs once, on the building machine, so that the driver itself needs no iconv.
#include <iconv.h>

#include <cstdint>
#include <cstdio>
#include <initializer_list>
#include <iterator>
#include <string>
#include <vector>

namespace {

class Converter {
 public:
    explicit Converter(const char* charset) : handle_{iconv_open("UTF-32LE", charset)} {}
    ~Converter()
    {
        if (good()) iconv_close(handle_);
    }
    Converter(const Converter&) = delete;
    Converter& operator=(const Converter&) = delete;

    bool good() const { return handle_ != reinterpret_cast<iconv_t>(-1); }

    /// The code points that these bytes, all of them, stand for; empty if they stand for none.
    std::vector<std::uint32_t> operator()(std::initializer_list<unsigned> bytes)
    {
        std::string in;
        for (const unsigned byte : bytes) in.push_back(static_cast<char>(byte));
        std::uint32_t out[8]{};
        char* from = in.data();
        char* to = reinterpret_cast<char*>(out);
        std::size_t from_left = in.size();
        std::size_t to_left = sizeof out;
        iconv(handle_, nullptr, nullptr, nullptr, nullptr);
        if (iconv(handle_, &from, &from_left, &to, &to_left) != 0 || from_left != 0) return {};
        if (iconv(handle_, nullptr, nullptr, &to, &to_left) != 0) return {};
        std::vector<std::uint32_t> points(out, out + (sizeof out - to_left) / 4);
        for (const auto point : points)
            if (point < 0xA0) return {};
        return points;
    }

 private:
    iconv_t handle_;
};

struct Page {
    const char* name;
    const char* charset;
};

constexpr Page pages[] = {
    {"cp437", "CP437"},
    {"cp737", "CP737"},
    {"cp772", "CP772"},
    {"cp774", "CP774"},
    {"cp775", "CP775"},
    {"cp850", "CP850"},
    {"cp851", "CP851"},
    {"cp852", "CP852"},
    {"cp855", "CP855"},
    {"cp857", "CP857"},
    {"cp858", "CP858"},
    {"cp860", "CP860"},
    {"cp861", "CP861"},
    {"cp862", "CP862"},
    {"cp863", "CP863"},
    {"cp864", "CP864"},
    {"cp865", "CP865"},
    {"cp866", "CP866"},
    {"cp869", "CP869"},
    {"cp874", "CP874"},
    {"cp1125", "CP1125"},
    {"iso8859-1", "ISO-8859-1"},
    {"iso8859-2", "ISO-8859-2"},
    {"iso8859-7", "ISO-8859-7"},
    {"iso8859-15", "ISO-8859-15"},
    {"rk1048", "RK1048"},
    {"tcvn3", "TCVN"},
    {"thai11", "TIS-620"},
    {"windows1250", "CP1250"},
    {"windows1251", "CP1251"},
    {"windows1252", "CP1252"},
    {"windows1253", "CP1253"},
    {"windows1254", "CP1254"},
    {"windows1255", "CP1255"},
    {"windows1256", "CP1256"},
    {"windows1257", "CP1257"},
    {"windows1258", "CP1258"},
};

/// Page 1 of Japanese printers: half-width katakana between blocks, rules and kanji units.
constexpr char16_t katakana[] =
    u"▁▂▃▄▅▆▇█▏▎▍▌▋▊▉┼┴┬┤├▔─│▕┌┐└┘╭╮╰╯"
    u"\0｡｢｣､･ｦｧｨｩｪｫｬｭｮｯｰｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜﾝﾞﾟ"
    u"═╞╪╡◢◣◥◤♠♥♦♣●○╱╲╳円年月日時分秒〒市区町村人▒\0";
static_assert(std::size(katakana) == 129);

/// Arabic for DOS, which glibc does not know.
constexpr char16_t cp720[] =
    u"\0\0éâ\0à\0çêëèïî\0\0\0\0\u0651\u0652ô¤\u0640ûù\u0621\u0622\u0623\u0624£\u0625\u0626\u0627"
    u"\u0628\u0629\u062A\u062B\u062C\u062D\u062E\u062F\u0630\u0631\u0632\u0633\u0634\u0635«»"
    u"░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀"
    u"\u0636\u0637\u0638\u0639\u063A\u0641µ\u0642\u0643\u0644\u0645\u0646\u0647\u0648\u0649\u064A"
    u"≡\u064B\u064C\u064D\u064E\u064F\u0650≈°∙·√ⁿ²■\u00A0";
static_assert(std::size(cp720) == 129);

void write_page(std::FILE* out, const char* name, const std::vector<std::uint32_t>& points)
{
    std::fprintf(out, "{\"%s\", {", name);
    for (const auto point : points) std::fprintf(out, "0x%X,", static_cast<unsigned>(point));
    std::fprintf(out, "}},\n");
}

bool write_pages(std::FILE* out)
{
    std::fprintf(out, "const NamedPage single_pages[] = {\n");
    for (const auto& page : pages) {
        Converter convert{page.charset};
        if (!convert.good()) {
            std::fprintf(stderr, "make_code_pages: this iconv has no %s\n", page.charset);
            return false;
        }
        std::vector<std::uint32_t> points;
        for (unsigned byte = 0x80; byte < 0x100; ++byte) {
            const auto found = convert({byte});
            points.push_back(found.size() == 1 && found[0] < 0x10000 ? found[0] : 0);
        }
        write_page(out, page.name, points);
    }
    write_page(out, "katakana", {katakana, katakana + 128});
    write_page(out, "cp720", {cp720, cp720 + 128});
    std::fprintf(out, "};\nconst std::size_t single_pages_count = %zu;\n", std::size(pages) + 2);
    return true;
}

/// Lead 81..FE by trail 40..FE, one code unit each, 0 where nothing is assigned. Codes left to the
/// owner of a printer (logos, rare names) stay in Unicode's private use area, as the standards say.
bool write_pairs(std::FILE* out, const char* name, const char* charset)
{
    Converter convert{charset};
    if (!convert.good()) {
        std::fprintf(stderr, "make_code_pages: this iconv has no %s\n", charset);
        return false;
    }
    std::fprintf(out, "const char16_t %s[126 * 191] = {\n", name);
    for (unsigned lead = 0x81; lead <= 0xFE; ++lead) {
        for (unsigned trail = 0x40; trail <= 0xFE; ++trail) {
            const auto found = convert({lead, trail});
            const bool fits = found.size() == 1 && found[0] < 0x10000;
            std::fprintf(out, "0x%X,", fits ? static_cast<unsigned>(found[0]) : 0U);
        }
        std::fprintf(out, "\n");
    }
    std::fprintf(out, "};\n");
    return true;
}

/// As above, but 32 bits: the low 21 the code point, the upper ones its combining mark less 0x2E0
/// (0 = no mark; U+0300 and U+0301 appear as 0x20 and 0x21, U+309A as 0x7FF).
bool write_shift_jis_2004(std::FILE* out)
{
    Converter convert{"SHIFT_JISX0213"};
    if (!convert.good()) return false;
    std::fprintf(out, "const std::uint32_t shift_jis_2004_table[126 * 191] = {\n");
    for (unsigned lead = 0x81; lead <= 0xFE; ++lead) {
        for (unsigned trail = 0x40; trail <= 0xFE; ++trail) {
            const auto found = convert({lead, trail});
            std::uint32_t value = found.empty() ? 0 : found[0];
            if (found.size() > 2) value = 0;
            if (found.size() == 2) value |= (found[1] == 0x309A ? 0x7FF : found[1] - 0x2E0) << 21;
            std::fprintf(out, "0x%X,", static_cast<unsigned>(value));
        }
        std::fprintf(out, "\n");
    }
    std::fprintf(out, "};\n");
    return true;
}

/// The four-byte area of the Basic Multilingual Plane as stretches of consecutive code points.
bool write_gb18030_four(std::FILE* out)
{
    Converter convert{"GB18030"};
    if (!convert.good()) return false;
    std::fprintf(out, "const FourByteStretch gb18030_stretches[] = {\n");
    std::size_t count = 0;
    std::uint32_t expected = 0;
    for (unsigned linear = 0; linear < 39420; ++linear) {
        const auto found = convert({0x81 + linear / 12600, 0x30 + linear / 1260 % 10,
                                    0x81 + linear / 10 % 126, 0x30 + linear % 10});
        const std::uint32_t point = found.size() == 1 ? found[0] : 0;
        if (linear == 0 || point != expected) {
            std::fprintf(out, "{%u, 0x%X},\n", linear, static_cast<unsigned>(point));
            ++count;
        }
        expected = point == 0 ? 0 : point + 1;
    }
    std::fprintf(out, "};\nconst std::size_t gb18030_stretches_count = %zu;\n", count);
    return true;
}

}  // namespace

int main(int argc, char** argv)
{
    if (argc != 2) {
        std::fprintf(stderr, "usage: make_code_pages OUTPUT\n");
        return 64;
    }
    std::FILE* out = std::fopen(argv[1], "w");
    if (out == nullptr) {
        std::perror(argv[1]);
        return 73;
    }
    std::fprintf(out,
                 "// Generated by make_code_pages from the iconv of the building machine.\n"
                 "#include \"drivers/escpos/code_page_tables.hpp\"\n"
                 "namespace raiten::drivers::escpos::tables {\n");
    const bool written = write_pages(out) && write_pairs(out, "cp932", "CP932")
                         && write_pairs(out, "gbk", "GB18030") && write_pairs(out, "cp949", "CP949")
                         && write_pairs(out, "big5", "CP950") && write_shift_jis_2004(out)
                         && write_gb18030_four(out);
    std::fprintf(out, "}\n");
    const bool closed = std::fclose(out) == 0;
    return written && closed ? 0 : 70;
}

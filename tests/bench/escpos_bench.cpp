// What a register prints, from memory to receipts on one core, beside copying the same bytes.
#include "drivers/escpos/escpos.hpp"
#include "tests/bench/bench.hpp"
#include "tests/support/receipt_writer.hpp"

#include <cstring>
#include <string>
#include <utility>
#include <vector>

using namespace raiten;
using namespace raiten::drivers;

namespace {

constexpr std::size_t stream_bytes = 2 << 20;   ///< short rounds: some are undisturbed
constexpr std::size_t piece_bytes = 64 * 1024;  ///< as a socket brings it
constexpr double required_megabytes_a_second = 200;

using Bytes = std::vector<std::byte>;

void add(Bytes& stream, std::string_view text)
{
    const auto bytes = std::as_bytes(std::span{text.data(), text.size()});
    stream.insert(stream.end(), bytes.begin(), bytes.end());
}

/// GS v 0: a logo over the whole paper, 576 dots by 160.
void add_logo(Bytes& stream)
{
    add(stream, std::string_view{"\x1dv0\0\x48\0\xa0\0", 8});
    for (int n = 0; n < 72 * 160; ++n) stream.push_back(static_cast<std::byte>(n * 37 >> 3));
}

void add_japanese(Bytes& stream, int number)
{
    stage::ReceiptContent content;
    content.number = std::to_string(100'000 + number);
    content.printed_at = "2026年11月22日(日) 10:14";
    if (number % 3 == 0) content.member = stage::with_check_digit("290000000001");
    for (int n = 0; n < 4 + number % 9; ++n)
        content.items.push_back({"ブレンドコーヒー 豆 200g", 1 + n % 2, 480 + 10 * n});
    content.paid_yen = 20'000;
    const auto bytes = stage::receipt_bytes(content);
    stream.insert(stream.end(), bytes->begin(), bytes->end());
}

void add_english(Bytes& stream, int number)
{
    std::string text =
        "\x1b@\x1b"
        "a\x01Moonlight Coffee\n12 Harbour Road\nTel 555-0100\n\x1b"
        "a";
    text += '\0';
    text += "Receipt No: " + std::to_string(number) + "\n22/11/2026 10:14\n";
    text += std::string(42, '-') + "\n";
    for (int n = 0; n < 5 + number % 7; ++n) {
        char line[64];
        std::snprintf(line, sizeof line, "%2d x House blend, whole beans %d   %9.2f\n", 1 + n % 3,
                      n, 4.5 + n);
        text += line;
    }
    text +=
        "Subtotal                             80.00\nVAT 8%                                6.40\n";
    text +=
        "\x1b"
        "E\x01TOTAL                               $86.40\x1b"
        "E";
    text += '\0';
    text +=
        "\nCash                               $100.00\nChange                              "
        "$13.60\n";
    text +=
        "\x1b"
        "d\x03\x1dVB";
    text += '\0';
    add(stream, text);
}

Bytes shop(bool logos)
{
    Bytes stream;
    for (int number = 0; stream.size() < stream_bytes; ++number) {
        if (logos) add_logo(stream);
        if (number % 2 == 0)
            add_japanese(stream, number);
        else
            add_english(stream, number);
    }
    return stream;
}

template <class Feed>
void in_pieces(const Bytes& stream, const Feed& feed)
{
    for (std::span<const std::byte> rest{stream}; !rest.empty();) {
        const auto piece = rest.first(std::min(piece_bytes, rest.size()));
        feed(piece);
        rest = rest.subspan(piece.size());
    }
}

class Silent final : public escpos::CommandSink {
 public:
    void printable(std::string_view text) override { count_ += text.size(); }
    void command(const escpos::Command&) override { ++count_; }
    void garbled(std::string_view, std::size_t) override { ++count_; }
    std::size_t count() const { return count_; }

 private:
    std::size_t count_{};
};

double commands(const Bytes& stream)
{
    return bench::best_millions_a_second(static_cast<double>(stream.size()), [&] {
        escpos::CommandReader reader;
        Silent sink;
        in_pieces(stream, [&](auto piece) { reader.feed(piece, sink); });
        bench::keep(sink.count());
    });
}

double slips(const Bytes& stream)
{
    return bench::best_millions_a_second(static_cast<double>(stream.size()), [&] {
        escpos::SlipReader reader{{}};
        std::size_t lines = 0;
        const escpos::SlipSink sink{[&](const escpos::Slip& slip) { lines += slip.lines.size(); },
                                    [](std::string_view, std::size_t) {}};
        in_pieces(stream, [&](auto piece) { reader.feed(piece, sink); });
        bench::keep(lines);
    });
}

double receipts(const Bytes& stream)
{
    auto translator = std::move(*make_escpos({}));
    std::size_t count = 0;
    const auto rate = bench::best_millions_a_second(static_cast<double>(stream.size()), [&] {
        const Tell tell = [&](const Reading& reading) {
            count += std::holds_alternative<ReceiptRead>(reading);
        };
        in_pieces(stream, [&](auto piece) { translator->feed(piece, tell); });
    });
    std::fprintf(stderr, "%zu receipts\n", count);
    return rate;
}

double copying(const Bytes& stream)
{
    Bytes copy(stream.size());
    return bench::best_millions_a_second(static_cast<double>(stream.size()), [&] {
        std::memcpy(copy.data(), stream.data(), stream.size());
        bench::keep(copy);
    });
}

}  // namespace

int main()
{
    const auto mixed = shop(true);
    const auto text = shop(false);
    const bench::Limit memory{"memcpy", copying(mixed)};
    const bench::Limit promised{"required", required_megabytes_a_second};

    const double all = receipts(mixed);
    bench::print("receipts with logos", all, "MB/s", memory);
    bench::print("receipts with logos", all, "MB/s", promised, 1);
    bench::print("text only: receipts", receipts(text), "MB/s", memory);
    bench::print("text only: slips, not judged", slips(text), "MB/s", memory);
    bench::print("text only: commands and text apart", commands(text), "MB/s", memory);
}

#pragma once

#include "drivers/escpos/escpos.hpp"

#include <cstddef>
#include <initializer_list>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace raiten::tests {

/// What a stream came to.
struct Printed {
    struct Judged {
        drivers::escpos::Slip slip;
        drivers::escpos::Judgement judgement;

        const ReceiptRead* receipt() const { return std::get_if<ReceiptRead>(&judgement); }
        std::string why_not() const
        {
            const auto* other = std::get_if<drivers::escpos::NotAReceipt>(&judgement);
            return other == nullptr ? std::string{} : std::string{other->why};
        }
    };
    std::vector<Judged> slips;
    std::map<std::string, std::size_t> garbled;

    std::string text() const
    {
        std::string all;
        for (const auto& each : slips)
            for (const auto& line : each.slip.lines) all += line + "\n";
        return all;
    }
    std::vector<const ReceiptRead*> receipts() const
    {
        std::vector<const ReceiptRead*> found;
        for (const auto& each : slips)
            if (each.receipt() != nullptr) found.push_back(each.receipt());
        return found;
    }
};

/// Collects from a decoder that is fed in pieces.
class Printer {
 public:
    explicit Printer(const drivers::EscposSettings& settings = {})
        : decoder_{std::move(*drivers::escpos::SlipDecoder::make(settings))}
    {
    }

    void feed(std::string_view bytes)
    {
        decoder_.feed(std::as_bytes(std::span{bytes.data(), bytes.size()}), sink_());
    }
    Printed finish()
    {
        decoder_.finish(sink_());
        return std::exchange(printed_, {});
    }
    const Printed& so_far() const { return printed_; }

 private:
    drivers::escpos::SlipDecoder::Sink sink_()
    {
        return {[this](const auto& slip, const auto& judgement) {
                    printed_.slips.push_back({slip, judgement});
                },
                [this](std::string_view why, std::size_t bytes) {
                    printed_.garbled[std::string{why}] += bytes;
                }};
    }

    drivers::escpos::SlipDecoder decoder_;
    Printed printed_;
};

inline Printed print(std::string_view bytes, const drivers::EscposSettings& settings = {})
{
    Printer printer{settings};
    printer.feed(bytes);
    return printer.finish();
}

/// Bytes by number, 00 among them.
inline std::string raw(std::initializer_list<int> bytes)
{
    std::string text;
    for (const int byte : bytes) text.push_back(static_cast<char>(byte));
    return text;
}

inline const std::string reset = "\x1b@";
inline const std::string cut = std::string{"\x1dV\x42\0", 4};
inline const std::string full_cut = std::string{"\x1dV\0", 3};
inline const std::string drawer = std::string{"\x1bp\0\x19\xfa", 5};
/// ESC $: print from this column on (font A, 12 dots).
inline std::string column(int n)
{
    return "\x1b$" + raw({n * 12 % 256, n * 12 / 256});
}
inline const std::string japanese =
    "\x1c"
    "C1\x1bR\x08";

}  // namespace raiten::tests

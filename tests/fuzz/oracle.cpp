#include "tests/fuzz/oracle.hpp"

#include "tests/fuzz/readings_text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <utility>

namespace raiten::fuzz {
namespace {

constexpr std::size_t reason_bytes_max = 1024;

drivers::Options options()
{
    drivers::Options some;
    some.currency = "JPY";
    return some;
}

/// Sizes of pieces, from the end of the input.
template <std::size_t Count>
class Script {
 public:
    explicit Script(Bytes input)
    {
        const auto count = std::min(Count, input.size());
        const auto tail = input.last(count);
        std::transform(tail.begin(), tail.end(), steps_.begin(),
                       [](std::byte b) { return std::to_integer<std::uint8_t>(b); });
    }
    std::uint8_t next() { return steps_[at_++ % Count]; }
    static std::size_t size_of(std::uint8_t step) { return (step & 0x3FU) + 1U; }

 private:
    std::array<std::uint8_t, Count> steps_{};
    std::size_t at_{};
};

Bytes take(Bytes& rest, std::size_t count)
{
    const auto piece = rest.first(std::min(count, rest.size()));
    rest = rest.subspan(piece.size());
    return piece;
}

std::string differs(const std::string& what, const std::string& one, const std::string& other)
{
    return what + "\n--- whole\n" + one + "--- cut\n" + other;
}

/// Far more than any driver makes of so many bytes, far less than a runaway.
Fault excess(const Told& told, std::size_t input_bytes)
{
    if (told.count() > 2 * input_bytes + 64) return "more readings than bytes";
    if (told.text_bytes() > 256 * input_bytes + 65'536) return "more text than bytes can hold";
    return told.unsound();
}

template <class Feed>
Told heard(const drivers::Driver& driver, Feed&& feed)
{
    auto translator = driver.listen(options());
    Told told;
    const drivers::Tell tell = [&told](const Reading& reading) { told(reading); };
    feed(**translator, tell);
    (*translator)->finish(tell);
    return told;
}

Told heard_whole(const drivers::Driver& driver, Bytes input)
{
    return heard(driver, [&](drivers::Translator& translator, const drivers::Tell& tell) {
        translator.feed(input, tell);
    });
}

/// What a live device's driver told and said.
struct Talk {
    Told told;
    std::size_t said_bytes{};
    Fault fault;
};

class Conversation {
 public:
    explicit Conversation(std::unique_ptr<drivers::Dialogue> dialogue)
        : dialogue_{std::move(dialogue)}
    {
        dialogue_->start(say_);
        look();
    }
    void feed(Bytes bytes, bool byte_by_byte)
    {
        while (!bytes.empty()) {
            dialogue_->feed(take(bytes, byte_by_byte ? 1 : bytes.size()), tell_, say_);
            look();
        }
    }
    void happens(std::uint8_t step)
    {
        switch (step >> 6U) {
            case 2:
                if (dialogue_->time_limit()) dialogue_->expired(tell_, say_);
                break;
            case 3:
                dialogue_->finish(tell_);
                look();
                dialogue_->start(say_);
                break;
            default:
                return;
        }
        look();
    }
    Talk finish()
    {
        dialogue_->finish(tell_);
        look();
        return std::move(talk_);
    }

 private:
    void look()
    {
        const auto limit = dialogue_->time_limit();
        if (limit && limit->span <= Millis{0}) talk_.fault = "a time limit of no time";
        if (dialogue_->state().reason.size() > reason_bytes_max)
            talk_.fault = "a state nobody can read";
    }

    std::unique_ptr<drivers::Dialogue> dialogue_;
    Talk talk_;
    drivers::Tell tell_{[this](const Reading& reading) { talk_.told(reading); }};
    drivers::Say say_{[this](Bytes bytes) { talk_.said_bytes += bytes.size(); }};
};

Talk talked(const drivers::Driver& driver, Bytes input, bool byte_by_byte)
{
    Conversation conversation{driver.converse(options())};
    Script<8> script{input};
    while (!input.empty()) {
        const auto step = script.next();
        conversation.feed(take(input, Script<8>::size_of(step)), byte_by_byte);
        conversation.happens(step);
    }
    return conversation.finish();
}

}  // namespace

Fault listen_fault(const drivers::Driver& driver, Bytes input)
{
    const auto whole = heard_whole(driver, input);
    if (auto fault = excess(whole, input.size())) return fault;
    const auto cut = heard(driver, [&](drivers::Translator& translator, const drivers::Tell& tell) {
        Script<4> script{input};
        for (auto rest = input; !rest.empty();)
            translator.feed(take(rest, Script<4>::size_of(script.next())), tell);
    });
    if (whole.text() == cut.text()) return {};
    return differs("cut, it tells something else", whole.text(), cut.text());
}

Fault cut_anywhere_fault(const drivers::Driver& driver, Bytes input)
{
    const auto whole = heard_whole(driver, input).text();
    for (std::size_t at = 0; at < input.size(); ++at) {
        const auto cut =
            heard(driver, [&](drivers::Translator& translator, const drivers::Tell& tell) {
                translator.feed(input.first(at), tell);
                translator.feed(input.subspan(at), tell);
            }).text();
        if (whole != cut)
            return differs("cut at byte " + std::to_string(at) + ", it tells something else", whole,
                           cut);
    }
    return {};
}

Fault converse_fault(const drivers::Driver& driver, Bytes input)
{
    const auto whole = talked(driver, input, false);
    if (whole.fault) return whole.fault;
    if (whole.said_bytes > 64 * input.size() + 65'536) return "it says more than it can mean";
    if (auto fault = excess(whole.told, input.size())) return fault;
    const auto cut = talked(driver, input, true);
    if (cut.fault) return cut.fault;
    const bool undisturbed = whole.told.garbled_bytes() + cut.told.garbled_bytes() == 0;
    if (undisturbed && whole.told.text() != cut.told.text())
        return differs("a byte at a time, it tells something else", whole.told.text(),
                       cut.told.text());
    return {};
}

std::string told_text(const drivers::Driver& driver, Bytes input)
{
    return heard_whole(driver, input).text();
}

}  // namespace raiten::fuzz

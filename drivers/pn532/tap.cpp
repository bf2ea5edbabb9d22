#include "drivers/pn532/tap.hpp"

#include "drivers/card/hex_lines.hpp"
#include "drivers/card/recording.hpp"
#include "drivers/pn532/command.hpp"
#include "drivers/pn532/frame.hpp"
#include "drivers/pn532/target.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace raiten::drivers {
namespace {

using pn532::Bytes;

constexpr std::array targets_answer{pn532::from_module, pn532::list_target_answer};

void tell_targets(const Taken<pn532::Targets>& targets, std::size_t size, const Tell& tell)
{
    if (!targets.has_value()) return tell(Garbled{targets.error().why, size});
    for (const pn532::Target& target : targets->found) {
        const auto token = pn532::token_of(target);
        if (token.has_value())
            tell(TokenShown{*token, {}});
        else
            tell(Garbled{token.error().why, target.id.size()});
    }
}

bool is_targets_answer(Bytes data)
{
    return data.size() >= targets_answer.size()
           && std::equal(targets_answer.begin(), targets_answer.end(), data.begin());
}

/// Both sides may be on the line: commands and other answers are no news.
void tell_frame(pn532::FrameKind kind, Bytes data, const Tell& tell)
{
    if (kind != pn532::FrameKind::data || !is_targets_answer(data)) return;
    tell_targets(pn532::read_targets(data.subspan(2)), data.size(), tell);
}

/// Answers without frames, one behind the other. Nothing guards them: for recordings only.
class BareAnswers {
 public:
    static constexpr std::size_t answer_max = 64;  ///< a damaged length must not swallow many

    void feed(Bytes bytes, const Tell& tell)
    {
        for (const std::byte byte : bytes) {
            held_.push_back(byte);
            while (!held_.empty() && take(tell, false)) {
            }
        }
    }

    void finish(const Tell& tell)
    {
        while (!held_.empty() && take(tell, true)) {
        }
        noise_.flush(tell);
    }

 private:
    bool take(const Tell& tell, bool whole)
    {
        const std::size_t compared = std::min(held_.size(), targets_answer.size());
        if (!std::equal(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(compared),
                        targets_answer.begin()))
            return skip(tell);
        if (held_.size() <= targets_answer.size()) return whole && skip(tell);
        const auto targets = pn532::read_targets(Bytes{held_}.subspan(2), whole);
        if (!targets.has_value()) {
            const bool may_come =
                !whole && targets.error().why == pn532::cut_short.why && held_.size() < answer_max;
            return !may_come && skip(tell);
        }
        noise_.flush(tell);
        tell_targets(targets, held_.size(), tell);
        held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(2 + targets->bytes));
        return true;
    }

    bool skip(const Tell& tell)
    {
        noise_.add(1, tell);
        held_.erase(held_.begin());  // at most one answer's length
        return true;
    }

    std::vector<std::byte> held_;
    Noise noise_{"no answer of a PN532"};
};

/// By the first bytes of a recording: `D5 4B`, or one of the two and then one or two cards, since
/// any of them may be damaged.
bool begins_bare(Bytes bytes)
{
    if (is_targets_answer(bytes)) return true;
    if (bytes.size() <= targets_answer.size()) return false;
    const bool cards = bytes[2] == std::byte{1} || bytes[2] == std::byte{2};
    return cards && (bytes[0] == targets_answer[0] || bytes[1] == targets_answer[1]);
}

/// A line holds one answer, with or without its frame, with or without D5.
void tell_line(Bytes bytes, std::size_t characters, const Tell& tell)
{
    if (is_targets_answer(bytes))
        return tell_targets(pn532::read_targets(bytes.subspan(2)), characters, tell);
    if (bytes[0] == pn532::list_target_answer)
        return tell_targets(pn532::read_targets(bytes.subspan(1)), characters, tell);
    pn532::Frames frames;
    const pn532::Frames::OnFrame on_frame = [&](pn532::FrameKind kind, Bytes data) {
        tell_frame(kind, data, tell);
    };
    frames.feed(bytes, on_frame, tell);
    frames.give_up(on_frame, tell);
}

class Tap final : public Translator {
 public:
    void feed(std::span<const std::byte> bytes, const Tell& tell) override
    {
        recording_.feed(bytes, text_to(tell), raw_to(tell));
    }

    void finish(const Tell& tell) override
    {
        recording_.finish(text_to(tell), raw_to(tell));
        lines_.finish(telling(tell));
        bare_.finish(tell);
        frames_.give_up(framing(tell), tell);
        is_bare_.reset();
    }

 private:
    card::Recording::Sink text_to(const Tell& tell)
    {
        return [this, &tell](Bytes bytes) { lines_.feed(bytes, telling(tell)); };
    }

    card::Recording::Sink raw_to(const Tell& tell)
    {
        return [this, &tell](Bytes bytes) {
            if (!is_bare_) is_bare_ = begins_bare(bytes);
            if (*is_bare_)
                bare_.feed(bytes, tell);
            else
                frames_.feed(bytes, framing(tell), tell);
        };
    }

    static pn532::Frames::OnFrame framing(const Tell& tell)
    {
        return [&tell](pn532::FrameKind kind, Bytes data) { tell_frame(kind, data, tell); };
    }

    static card::HexLines::OnLine telling(const Tell& tell)
    {
        return [&tell](Taken<Bytes> bytes, std::size_t characters) {
            if (!bytes.has_value()) return tell(Garbled{bytes.error().why, characters});
            tell_line(*bytes, characters, tell);
        };
    }

    card::Recording recording_;
    card::HexLines lines_;
    std::optional<bool> is_bare_;
    BareAnswers bare_;
    pn532::Frames frames_;
};

}  // namespace

std::unique_ptr<Translator> make_pn532_tap()
{
    return std::make_unique<Tap>();
}

}  // namespace raiten::drivers

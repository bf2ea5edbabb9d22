#include "drivers/card/felica.hpp"

#include "drivers/card/felica_polling.hpp"
#include "drivers/card/hex_lines.hpp"
#include "drivers/card/recording.hpp"
#include "drivers/noise.hpp"

#include <vector>

namespace raiten::drivers {
namespace {

using card::Bytes;

void tell_card(Bytes answer, std::size_t size, const Tell& tell)
{
    const auto polling = card::read_polling(answer);
    if (!polling.has_value()) return tell(Garbled{polling.error().why, size});
    const auto token = card::idm_token(polling->idm);
    if (!token.has_value()) return tell(Garbled{token.error().why, size});
    tell(TokenShown{*token, {}});
}

/// Answers one behind the other, `LL 01 …`. There is no checksum: a length that no answer has, or
/// another code, is noise. Real answers have 18 or 20 bytes; a damaged length must not swallow
/// many.
class BareAnswers {
 public:
    static constexpr std::size_t answer_max = 32;

    void feed(Bytes bytes, const Tell& tell)
    {
        for (const std::byte byte : bytes) {
            held_.push_back(byte);
            while (!held_.empty() && take(tell)) {
            }
        }
    }

    void finish(const Tell& tell)
    {
        noise_.add(held_.size(), tell);
        noise_.flush(tell);
        held_.clear();
    }

 private:
    /// Whether something was taken off the front.
    bool take(const Tell& tell)
    {
        const auto length = std::to_integer<std::size_t>(held_[0]);
        const bool possible = length > card::polling_bytes_min && length <= answer_max
                              && (held_.size() < 2 || held_[1] == std::byte{0x01});
        if (!possible) {
            noise_.add(1, tell);
            held_.erase(held_.begin());  // at most one answer's length
            return true;
        }
        if (held_.size() < length) return false;
        noise_.flush(tell);
        tell_card(held_, length, tell);
        held_.clear();
        return true;
    }

    std::vector<std::byte> held_;
    Noise noise_{"no polling answer"};
};

class Felica final : public Translator {
 public:
    void feed(std::span<const std::byte> bytes, const Tell& tell) override
    {
        recording_.feed(bytes, text_to(tell), bare_to(tell));
    }

    void finish(const Tell& tell) override
    {
        recording_.finish(text_to(tell), bare_to(tell));
        lines_.finish(telling(tell));
        bare_.finish(tell);
    }

 private:
    card::Recording::Sink text_to(const Tell& tell)
    {
        return [this, &tell](Bytes bytes) { lines_.feed(bytes, telling(tell)); };
    }
    card::Recording::Sink bare_to(const Tell& tell)
    {
        return [this, &tell](Bytes bytes) { bare_.feed(bytes, tell); };
    }
    static card::HexLines::OnLine telling(const Tell& tell)
    {
        return [&tell](Taken<Bytes> bytes, std::size_t characters) {
            if (!bytes.has_value()) return tell(Garbled{bytes.error().why, characters});
            tell_card(*bytes, characters, tell);
        };
    }

    card::Recording recording_;
    card::HexLines lines_;
    BareAnswers bare_;
};

}  // namespace

std::unique_ptr<Translator> make_felica()
{
    return std::make_unique<Felica>();
}

}  // namespace raiten::drivers

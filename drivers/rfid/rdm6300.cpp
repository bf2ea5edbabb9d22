#include "drivers/rfid/rdm6300.hpp"

#include "drivers/noise.hpp"
#include "drivers/rfid/em4100.hpp"

#include <array>

namespace raiten::drivers {
namespace {

constexpr char stx = '\x02';
constexpr char etx = '\x03';

bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

/// STX is no hex digit, so that one inside a frame always begins the next: whatever is lost,
/// nothing behind it is.
class Rdm6300 final : public Translator {
 public:
    void feed(std::span<const std::byte> bytes, const Tell& tell) override
    {
        for (const std::byte byte : bytes) take(std::to_integer<char>(byte), tell);
    }

    void finish(const Tell& tell) override
    {
        give_up(tell);
        noise_.flush(tell);
    }

 private:
    void take(char c, const Tell& tell)
    {
        if (c == stx) {
            give_up(tell);
        } else if (!fits(c)) {
            give_up(tell);
            const bool line_end = c == '\r' || c == '\n';  // of a terminal that wrote the recording
            if (!line_end) noise_.add(1, tell);
            return;
        }
        frame_[size_++] = c;
        if (c == etx) end(tell);
    }

    bool fits(char c) const
    {
        if (size_ == 0) return false;
        if (size_ <= rfid::tag_digits) return is_hex(c);
        constexpr std::size_t behind_digits = 1 + rfid::tag_digits;
        if (size_ == behind_digits) return c == etx || c == '\r';
        return size_ == behind_digits + 1 ? c == '\n' : c == etx;
    }

    void end(const Tell& tell)
    {
        noise_.flush(tell);
        const auto tag = rfid::read_em4100(std::string_view{frame_.data() + 1, rfid::tag_digits});
        if (tag.has_value())
            tell(TokenShown{rfid::card_token(*tag), {}});
        else
            tell(Garbled{tag.error().why, size_});
        size_ = 0;
    }

    void give_up(const Tell& tell)
    {
        noise_.add(size_, tell);
        size_ = 0;
    }

    std::array<char, 16> frame_{};
    std::size_t size_{};
    Noise noise_{"no frame of a tag"};
};

}  // namespace

std::unique_ptr<Translator> make_rdm6300()
{
    return std::make_unique<Rdm6300>();
}

}  // namespace raiten::drivers

#include "drivers/wiegand/wiegand.hpp"

#include "drivers/noise.hpp"
#include "drivers/wiegand/card_line.hpp"

namespace raiten::drivers {
namespace {

constexpr std::size_t line_bytes_max = 64;

class Wiegand final : public Translator {
 public:
    void feed(std::span<const std::byte> bytes, const Tell& tell) override
    {
        std::string_view text{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
        while (!text.empty()) {
            const std::size_t size = text.find_first_of("\r\n");
            add(text.substr(0, size), tell);
            if (size == std::string_view::npos) return;
            end(tell);
            text.remove_prefix(size + 1);
        }
    }

    void finish(const Tell& tell) override
    {
        overlong_.flush(tell);
        // A number cut short is another card's number, and parity lets every fourth through.
        if (!line_.empty()) tell(Garbled{"a card cut off before its end", line_.size()});
        reset();
    }

 private:
    void add(std::string_view piece, const Tell& tell)
    {
        if (!too_long_ && line_.size() + piece.size() <= line_bytes_max) {
            line_ += piece;
            return;
        }
        overlong_.add(line_.size() + piece.size(), tell);
        line_.clear();
        too_long_ = true;
    }

    void end(const Tell& tell)
    {
        overlong_.flush(tell);
        if (!line_.empty()) {
            const auto token = wiegand::read_card_line(line_);
            if (token.has_value())
                tell(TokenShown{*token, {}});
            else
                tell(Garbled{token.error().why, line_.size()});
        }
        reset();
    }

    void reset()
    {
        line_.clear();
        too_long_ = false;
    }

    std::string line_;
    bool too_long_{};
    Noise overlong_{"a line longer than any card"};
};

}  // namespace

std::unique_ptr<Translator> make_wiegand()
{
    return std::make_unique<Wiegand>();
}

}  // namespace raiten::drivers

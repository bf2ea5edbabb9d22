#include "drivers/gateway/ear.hpp"

namespace raiten::drivers::gateway {
namespace {

class Ear final : public Translator {
 public:
    Ear(Understand understand, const Options& options) : understand_{understand}, air_{options} {}

    void feed(std::span<const std::byte> bytes, const Tell& tell) override
    {
        lines_.feed(bytes, taking(tell), refusing(tell));
    }

    void finish(const Tell& tell) override { lines_.finish(taking(tell), refusing(tell)); }

 private:
    static ble::Refuse refusing(const Tell& tell)
    {
        return [&tell](const Garbled& garbled) { tell(garbled); };
    }

    Lines::Take taking(const Tell& tell) const
    {
        return [this, &tell](const Lines::Message& line) {
            unpack(
                line, [&](const Message& message) { understand_(message, air_, tell); },
                refusing(tell));
        };
    }

    Understand understand_;
    Air air_;
    Lines lines_;
};

}  // namespace

std::unique_ptr<Translator> make_ear(Understand understand, const Options& options)
{
    return std::make_unique<Ear>(understand, options);
}

bool is_sign_of_life(std::string_view text)
{
    return text == "online" || text == "offline";
}

}  // namespace raiten::drivers::gateway

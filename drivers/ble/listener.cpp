#include "drivers/ble/listener.hpp"

#include "drivers/ble/h4.hpp"
#include "drivers/ble/payload.hpp"

namespace raiten::drivers::ble {
namespace {

class H4Tap final : public Translator {
 public:
    explicit H4Tap(AllowList allow) : listener_{std::move(allow)} {}

    void feed(std::span<const std::byte> bytes, const Tell& tell) override
    {
        h4_.feed(
            bytes,
            [&](PacketType type, Bytes packet) {
                if (type == PacketType::event) listener_.take(packet, tell);
            },
            [&](const Garbled& garbled) { tell(garbled); });
    }

    void finish(const Tell& tell) override
    {
        h4_.finish([&](const Garbled& garbled) { tell(garbled); });
        listener_.finish(tell);
    }

 private:
    H4 h4_{H4::Hunt::any_event};
    Listener listener_;
};

}  // namespace

void Listener::take(Bytes event, const Tell& tell)
{
    const Refuse refuse = [&](const Garbled& garbled) { tell(garbled); };
    const auto hear = [&](const Advertisement& heard) {
        if (auto seen = sighting(heard, refuse, allow_)) tell(std::move(*seen));
    };
    advertisements_.take(event, hear, refuse);
}

void Listener::finish(const Tell& tell)
{
    const Refuse refuse = [&](const Garbled& garbled) { tell(garbled); };
    advertisements_.finish([&](const Advertisement& heard) {
        if (auto seen = sighting(heard, refuse, allow_)) tell(std::move(*seen));
    });
}

}  // namespace raiten::drivers::ble

namespace raiten::drivers {

std::unique_ptr<Translator> make_h4_tap(std::vector<std::string> allow)
{
    return std::make_unique<ble::H4Tap>(ble::AllowList{std::move(allow)});
}

}  // namespace raiten::drivers

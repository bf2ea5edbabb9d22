#include "daemon/app/clock.hpp"
#include "daemon/app/devices/device.hpp"
#include "daemon/wire/smart_card.hpp"
#include "drivers/card/pcsc.hpp"

namespace raiten::app {
namespace {

/// NFC and FeliCa cards on a reader of pcscd.
class CardDevice final : public Readers::Device {
 public:
    using Device::Device;

    Result<void> start() override
    {
        wire::SmartCardCallbacks on;
        on.on_up = [this](const std::string& reader) { set_state("up", reader); };
        on.on_card = [this](const std::string&, std::span<const std::byte> atr,
                            std::span<const std::byte> answer) { take_card(atr, answer); };
        on.on_unread = [this](const std::string&, const std::string&) {
            count_garbled("a card that could not be read");
        };
        on.on_removed = [](const std::string&) {};
        on.on_down = [this](const std::string& reason) { set_state("down", reason); };
        cards_ = std::make_unique<wire::SmartCard>(house().executor, settings().card_reader,
                                                   wire::SmartCardLimits{}, std::move(on));
        set_state("down", "not connected to pcscd yet");
        return cards_->start();
    }
    void stop() override
    {
        if (cards_) cards_->stop();
    }

 private:
    void take_card(std::span<const std::byte> atr, std::span<const std::byte> answer)
    {
        auto token = drivers::card::card_token({atr, answer});
        if (!token) return take(Garbled{token.error().why, answer.size()}, wall_now());
        take(TokenShown{std::move(*token), {}}, wall_now());
    }

    std::unique_ptr<wire::SmartCard> cards_;
};

}  // namespace

MadeDevice make_card_device(const DeviceHouse& house, const ReaderSettings& settings)
{
    return std::make_unique<CardDevice>(house, settings);
}

}  // namespace raiten::app

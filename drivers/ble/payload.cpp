#include "drivers/ble/payload.hpp"

namespace raiten::drivers::ble {
namespace {

constexpr int rssi_dbm_max = 20;  ///< Core 5.4, Vol 4, Part E, 7.7.65.2: -127 to 20

/// An RSSI that no radio can measure would make a visitor stand at the antenna.
std::optional<int> believable(std::optional<int> rssi_dbm)
{
    return rssi_dbm && *rssi_dbm <= rssi_dbm_max ? rssi_dbm : std::nullopt;
}

/// What the structures of one advertisement come to.
class Findings {
 public:
    Findings(const Refuse& refuse, const AllowList& allow) : refuse_{refuse}, allow_{allow} {}

    void take(const AdStructure& structure)
    {
        if (!identity_.empty()) return;
        const Recognised recognised = recognise(structure);
        if (!recognised.refused.empty())
            refuse_(Garbled{recognised.refused, structure.data.size()});
        if (!recognised.frame) return;
        if (std::holds_alternative<ExposureNotification>(*recognised.frame)) phone_ = true;
        write_token(*recognised.frame, identity_);
        if (!identity_.empty() && !allow_.allows(identity_.view())) return identity_.clear();
        rotating_ = std::holds_alternative<EddystoneEid>(*recognised.frame);
    }

    std::optional<TokenSeen> of(const Advertisement& heard) const
    {
        if (!identity_.empty()) return seen(identity_, rotating_);
        if (heard.address_type == AddressType::anonymous) return std::nullopt;
        TokenText address;
        write_token(heard.address, address);
        return seen(address, phone_ || rotates(heard));
    }

 private:
    static TokenSeen seen(const TokenText& token, bool rotating)
    {
        return TokenSeen{std::string{token.view()}, std::nullopt, rotating};
    }

    const Refuse& refuse_;
    const AllowList& allow_;
    TokenText identity_;
    bool rotating_{};
    bool phone_{};
};

}  // namespace

std::optional<TokenSeen> sighting(const Advertisement& heard, const Refuse& refuse,
                                  const AllowList& allow)
{
    Findings findings{refuse, allow};
    const auto damage =
        split(heard.data, [&](const AdStructure& structure) { findings.take(structure); });
    if (damage && !heard.truncated) refuse(*damage);

    std::optional<TokenSeen> seen = findings.of(heard);
    if (seen)
        seen->rssi_dbm = believable(heard.rssi_dbm);
    else
        refuse(Garbled{"anonymous and no beacon", heard.data.size()});
    return seen;
}

}  // namespace raiten::drivers::ble

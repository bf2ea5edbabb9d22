#pragma once

#include "drivers/ble/advertisement.hpp"
#include "drivers/ble/token.hpp"
#include "drivers/options.hpp"
#include "drivers/translator.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace raiten::drivers::gateway {

using AdBytes = std::vector<std::byte>;  ///< AD structures, see drivers/ble/payload.hpp

/// What a gateway says about one advertisement, whichever way it says it.
struct Report {
    std::optional<ble::Address> address{};           ///< nothing where it names none
    std::optional<ble::AddressType> address_type{};  ///< nothing where it does not say
    std::optional<int> rssi_dbm{};
    AdBytes data{};
    std::string heard_by{};  ///< the gateway's own id
    std::optional<ToldTime> told_at{};
};

/// Turns reports into sightings, through the one decoder of advertisements that there is
/// (drivers/ble/payload). A beacon that the store has not allowed is nobody; its sender's address
/// counts.
class Air {
 public:
    explicit Air(const Options& options) : allow_{options.allow} {}

    /// What the report stands for; nothing where that is nobody.
    std::optional<TokenSeen> sighting(const Report& report, const Tell& tell) const;
    void hear(const Report& report, const Tell& tell) const;

    /// The gateway itself has recognised somebody and gave it a name. False where the store does
    /// not allow that name.
    bool hear_named(std::string token, const Report& report, const Tell& tell) const;

 private:
    ble::AllowList allow_;
};

/// Where a gateway does not say: an address that cannot be a public one is a random one. Those
/// that begin with the bits 01 and are marked as local or as group addresses (IEEE 802 c, the two
/// lowest bits of the first byte) belong to no maker, so they are resolvable ones and rotate.
/// All others are taken as lasting.
ble::AddressType likely_type(const ble::Address& address);

/// Twelve hex digits in either case, bare or with `:` or `-` between the pairs.
std::optional<ble::Address> address_of(std::string_view text);
/// A gateway's id: an address as twelve lower-case digits, anything else as it is, at most 64
/// bytes of it, with '?' for what is no plain text.
std::string gateway_id(std::string_view text);
/// UTF-8 without control characters.
bool is_plain_text(std::string_view text);

/// Writing AD structures, for gateways that tell a beacon by its fields.
void put_structure(AdBytes& to, unsigned type, std::span<const std::byte> data);
/// `uuid` 32 hex digits, dashes anywhere. Nothing where it is anything else.
std::optional<AdBytes> ibeacon_data(std::string_view uuid, unsigned major, unsigned minor);
/// 20 and 12 hex digits.
std::optional<AdBytes> eddystone_uid_data(std::string_view name_space, std::string_view instance);

}  // namespace raiten::drivers::gateway
